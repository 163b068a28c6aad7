/* The one symbol a module exports. */
#pragma once

#include "fingerprint.h"
#include "host.h"

ARK_EXTERN_C_BEGIN

/* Filled by the container after dlopen, before the module's static constructors; the glue object reads it. */
typedef struct ark_self_t {
  const ark_host_t* host;
  const ark_hooks_t* hooks;
  ark_generation_t* generation;
} ark_self_t;

typedef enum ark_module_kind_t { ARK_MODULE_BIZ = 0, ARK_MODULE_PLUGIN = 1 } ark_module_kind_t;

/* Constant data: the container reads it before any code of the module has run. The manifest repeats all of it. */
typedef struct ark_module_t {
  uint32_t abi;            /* ARK_ABI_VERSION; first, for ever */
  uint32_t size;           /* of this struct */
  const char* fingerprint; /* ARK_FINGERPRINT */
  const char* sdk_version; /* ARK_VERSION_TEXT */
  const char* name;
  const char* version;     /* semantic version */
  const char* exports;     /* "id@version;id@version", as declared to the build */
  const char* imports;     /* "id@range;id@range?" */
  uint32_t kind;           /* ark_module_kind_t */
  uint32_t reserved;
  ark_self_t* self;        /* NULL in a linked build */
  /* Every contract that the module was compiled with, in no order; some may be NULL or occur twice. [contracts, contracts_end) */
  const ark_contract_t* const* contracts;
  const ark_contract_t* const* contracts_end;
  /* Constructs the module. The result is handed to stop; NULL with a reason in status. [lent-thread] */
  void* (*start)(const ark_host_t*, ark_generation_t*, ark_status_t*);
  void (*stop)(void* instance, ark_status_t*); /* destroys it; status says if the destructor threw [lent-thread] */
} ark_module_t;

#define ARK_MODULE_SYMBOL "ark_module"

ARK_EXTERN_C_END
