/* Operations for modules that drive the container: what arkctl can do with modules, a module can do too. */
#pragma once

#include "host.h"

ARK_EXTERN_C_BEGIN

#define ARK_OPERATIONS_EXTENSION "ark.operations/1"

typedef struct ark_operation_t ark_operation_t;

typedef enum ark_verb_t {
  ARK_VERB_INSTALL = 0,
  ARK_VERB_REPLACE = 1,
  ARK_VERB_SWITCH = 2,
  ARK_VERB_START = 3,
  ARK_VERB_STOP = 4,
  ARK_VERB_UNINSTALL = 5
} ark_verb_t;

#define ARK_OPERATION_SWITCH 1u    /* install: activate it although another version is active */
#define ARK_OPERATION_TRANSIENT 2u /* install, replace: not there any more at the next start */
#define ARK_OPERATION_FORCE 4u     /* stop, uninstall: although a mandatory importer has no other provider */

/* Copied when the operation begins. */
typedef struct ark_request_t {
  uint32_t size;
  int32_t verb;        /* ark_verb_t */
  uint32_t flags;      /* ARK_OPERATION_... that the verb has */
  uint32_t reserved;
  const char* subject; /* install, replace: absolute path of a package; else NAME or NAME:VERSION */
} ark_request_t;

/* Valid during the call that passes it. */
typedef struct ark_module_info_t {
  uint32_t size;
  int32_t kind;         /* ark_module_kind_t */
  int32_t priority;     /* smaller starts first */
  uint32_t generation;  /* of its code, never used again in this process */
  const char* name;
  const char* version;
  const char* state;    /* "ACTIVATED": docs/api.md, module */
  const char* error;    /* its last failure, or "" */
} ark_module_info_t;

/* Valid during the call that passes it. */
typedef struct ark_outcome_t {
  uint32_t size;
  int32_t code;         /* ark_code_t */
  uint64_t id;          /* of the operation, as in the list of operations; 0: refused before it began */
  const char* text;     /* why it failed, or "" */
  const ark_module_info_t* module; /* the module it was about, as it is afterwards; NULL if none was found */
} ark_outcome_t;

/* Copied. done is called once, on the lifecycle thread, after the module's constructor has returned; never once the
 * module's stop has begun. */
typedef struct ark_on_outcome_t {
  uint32_t size;
  uint32_t reserved;
  void* self;
  void (*done)(void* self, const ark_outcome_t*);
} ark_on_outcome_t;

/* What get_extension(ARK_OPERATIONS_EXTENSION) returns. Operations are asked for in the module's name. Before the
 * container has started they wait until it has. */
typedef struct ark_operations_t {
  uint32_t size;
  uint32_t reserved;
  /* Begins an operation; also from constructors, handlers and notices, and on the module itself. on_outcome may be NULL.
   * NULL with a reason in status: INVALID_ARGUMENT, STOPPING, RESOURCE_EXHAUSTED (too many wait). [any-thread] */
  ark_operation_t* (*begin)(ark_generation_t*, const ark_request_t*, const ark_on_outcome_t*, ark_status_t*);
  /* Gives the handle back. The operation goes on; on_outcome is not called any more, and a call of it on another thread
   * is waited for. [any-thread] */
  void (*release)(ark_operation_t*);
  /* The same, and waits until it is over: visit is called once before this returns OK, whatever has come of the
   * operation. Else a code and a reason in status: those of begin; WOULD_DEADLOCK on lifecycle and lent threads, and for an
   * operation on the module itself; STOPPING when the module's stop begins meanwhile: the operation goes on. [any-thread] */
  int32_t (*run)(ark_generation_t*, const ark_request_t*, void (*visit)(void* context, const ark_outcome_t*), void* context,
                 ark_status_t*);
  /* Calls visit for each module: plugins first, by name and version. [any-thread] */
  int32_t (*modules)(ark_generation_t*, void (*visit)(void* context, const ark_module_info_t*), void* context, ark_status_t*);
} ark_operations_t;

ARK_EXTERN_C_END
