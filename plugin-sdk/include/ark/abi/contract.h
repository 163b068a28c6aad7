/* A contract: an abstract C++ class that modules call each other through, described so that a carrier that has never seen the class
 * can serve it and call it.
 *
 * Within a container a call is a virtual call: values cross as they are (one libstdc++, one heap). What makes that safe is compared before
 * any code of the module runs: vtable slots, signatures, and size, alignment and every field of each struct and error (type.h). */
#pragma once

#include "status.h"
#include "type.h"

ARK_EXTERN_C_BEGIN

typedef struct ark_call_t ark_call_t;
typedef struct ark_carrier_t ark_carrier_t;
typedef struct ark_completion_t ark_completion_t;

/* How a call ended. */
typedef enum ark_call_result_t {
  ARK_CALL_OK = 0,
  ARK_CALL_BUSINESS = 1,    /* one of the contract's listed errors: type and payload describe it */
  ARK_CALL_FAILED = 2,      /* anything else the provider threw */
  ARK_CALL_UNAVAILABLE = 3, /* no provider; nothing was called */
  ARK_CALL_PROTOCOL = 4,    /* a carrier could not encode, decode or deliver it */
  ARK_CALL_DEADLINE = 5     /* not done in time; it may or may not have happened */
} ark_call_result_t;

/* Filled by invoke and by carriers. The texts are malloc'ed or NULL, payload is from operator new with the alignment of max_align_t and described by
 * type; the owner of the struct frees them (ark::CallError does). */
typedef struct ark_error_t {
  uint32_t kind; /* ark_call_result_t */
  uint32_t known_count;
  const ark_type_t* const* known; /* the listed errors the receiver can take, given by the receiver */
  const ark_type_t* type;
  void* payload;
  char* type_name; /* of what was thrown, as its author would write it */
  char* text;
  char* provider;  /* who failed: "orders 1.0.0" */
} ark_error_t;

#define ARK_PARAM_BY_REFERENCE 1u

typedef struct ark_param_t {
  const ark_type_t* type;
  uint32_t flags;
  uint32_t reserved;
} ark_param_t;

#define ARK_METHOD_CONST 1u
#define ARK_METHOD_NOEXCEPT 2u

typedef struct ark_method_t {
  const char* name;
  uint32_t flags;
  uint32_t param_count;
  const ark_type_t* result;
  const ark_param_t* params;
  const void* pointer; /* to a pointer to member function, two words: 1 + 8 * vtable slot, and the adjustment of this (Itanium C++ ABI) */
} ark_method_t;

#define ARK_CONTRACT_LOCAL 1u /* may pass references to contracts; never leaves the process */

struct ark_contract_t {
  uint32_t size;
  uint32_t flags;
  const char* id;
  const char* version; /* "major.minor" */
  uint32_t method_count, error_count;
  const ark_method_t* methods;      /* in the order of the list, not of the vtable */
  const ark_type_t* const* errors;
  const void* end_pointer;          /* a pointer to member, as above, of a virtual that a derived class appends: how many slots there are */
  uint32_t destructor_slots;        /* 2 with a virtual destructor, else 0 */
  uint32_t reserved;
  /* Calls method number `method` of `target`, which implements this contract. args[i] points at argument i, which may be moved from;
   * result is raw room for the result, constructed only if error->kind stays ARK_CALL_OK. Lets no exception out. [caller-thread] */
  void (*invoke)(void* target, uint32_t method, void** args, void* result, ark_error_t* error);
  /* An object that implements this contract by handing each call to `carrier`, which it owns. NULL when out of memory. [any-thread] */
  void* (*make_proxy)(ark_carrier_t* carrier);
  void (*destroy_proxy)(void* proxy); /* destroys its carrier too; nobody may be inside [any-thread] */
};

/* ---- carriers: how calls leave the process, or are seen by a plugin ---------------------------------------------------------------- */

struct ark_call_t {
  uint32_t size;
  uint32_t method;
  const ark_contract_t* contract; /* the caller's */
  void** args;                    /* the caller's values, unchanged until the call completes */
  void* result;                   /* raw room */
  ark_error_t* error;
  int64_t deadline_ns;            /* CLOCK_MONOTONIC; 0: none */
};

struct ark_completion_t {
  void (*done)(ark_completion_t*); /* result and error of the call are filled; neither call nor completion may be used afterwards [any-thread] */
};

struct ark_carrier_t {
  uint32_t size;
  uint32_t reserved;
  void (*begin)(ark_carrier_t*, const ark_call_t*, ark_completion_t*); /* done is called exactly once, perhaps before begin returns [caller-thread] */
  void (*destroy)(ark_carrier_t*);                                     /* no call is open [any-thread] */
};

typedef struct ark_property_t {
  const char* key;
  const char* value;
} ark_property_t;

/* How a service is to be reached besides the call in process, for the plugin that knows `type`. */
typedef struct ark_binding_t {
  const char* type; /* "acme.json", "ark.rpc.bolt" */
  uint32_t property_count;
  uint32_t reserved;
  const ark_property_t* properties;
} ark_binding_t;

/* What a plugin offers so that importers can ask for `binding` (ark_filter_t). Belongs to the plugin and lives until it has stopped. */
typedef struct ark_carrier_factory_t {
  uint32_t size;
  uint32_t reserved;
  const char* binding;
  void* self;
  /* A carrier for calls to `importer`'s contract, whose version and layout are the importer's. NULL with a reason in status. No lock is held. [any-thread] */
  ark_carrier_t* (*connect)(void* self, const ark_contract_t* importer, const ark_binding_t* binding, ark_status_t* status);
} ark_carrier_factory_t;

ARK_EXTERN_C_END
