/// All of the SDK: what a module includes.
#pragma once

#include <ark/sdk/callback.hpp>
#include <ark/sdk/context.hpp>
#include <ark/sdk/contract.hpp>
#include <ark/sdk/errors.hpp>
#include <ark/sdk/event.hpp>
#include <ark/sdk/health.hpp>
#include <ark/sdk/let_go.hpp>
#include <ark/sdk/list.hpp>
#include <ark/sdk/log.hpp>
#include <ark/sdk/module.hpp>
#include <ark/sdk/operations.hpp>
#include <ark/sdk/resource.hpp>
#include <ark/sdk/service.hpp>
#include <ark/sdk/shared.hpp>
