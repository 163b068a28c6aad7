/* Files that packages keep below resources/, by name. Who is given which: docs/manifest.md, "Resources". */
#pragma once

#include "host.h"

ARK_EXTERN_C_BEGIN

#define ARK_RESOURCES_EXTENSION "ark.resources/1"

/* Valid during the call that passes it. */
typedef struct ark_resource_t {
  uint32_t size;
  int32_t descriptor; /* open for reading; borrowed: duplicate it to keep it. What it reads does not change, also when
                         the module it is of is unloaded */
  uint64_t bytes;
  const char* module; /* "greeter 1.0.0": in whose package it is */
} ark_resource_t;

/* What get_extension(ARK_RESOURCES_EXTENSION) returns. */
typedef struct ark_resources_t {
  uint32_t size;
  uint32_t reserved;
  /* Calls visit for at most `most` resources of this name, with nothing locked: the module's own first, then those of
   * active modules that export it, best first, if the module imports it. name: the path below resources/. Returns their
   * number; 0 with a reason in status: NOT_FOUND lists what there is, FAILED_PRECONDITION names the key of the manifest
   * that keeps it from the module. [any-thread] */
  uint32_t (*find)(ark_generation_t*, const char* name, uint32_t most,
                   void (*visit)(void* context, const ark_resource_t*), void* context, ark_status_t*);
} ark_resources_t;

ARK_EXTERN_C_END
