/// Descriptors (ark/abi/type.h) of C++ types: which values a contract may pass, and what a carrier can do with them.
///
/// The allow-list: arithmetic types, enums, std::string, bytes (std::vector of uint8_t or std::byte), std::vector,
/// array, map, set, optional, variant, pair, tuple, chrono durations and system_clock times, ARK_STRUCT types
/// (list.hpp), ark::Shared (shared.hpp), ark::Callback (callback.hpp); std::string_view as a parameter. Everything is
/// constant data: readable before any code of the module has run.
#pragma once

#include <ark/sdk/containers.hpp>
#include <ark/sdk/descriptor.hpp>
#include <ark/sdk/scalars.hpp>
