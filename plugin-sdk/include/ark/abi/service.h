/* References and publications, and the pin that makes a call safe while its provider is being replaced.
 *
 * A reference is a slot. It holds one word, the address of an immutable entry. A caller stores that address in a cell of its thread's record,
 * reads the slot again, and calls; afterwards it clears the cell. The container changes the slot, makes every thread's stores visible
 * (membarrier), and waits until no cell of any thread holds the old entry. Entries are compared there, never followed. */
#pragma once

#include "contract.h"

ARK_EXTERN_C_BEGIN

typedef struct ark_generation_t ark_generation_t; /* one start of a module, the container's view of it */
typedef struct ark_host_t ark_host_t;
typedef struct ark_publication_t ark_publication_t;
typedef struct ark_watch_t ark_watch_t;

#define ARK_ENTRY_PROXY 1u /* target is a proxy of the importer's own contract */

/* Immutable; freed only once nobody can be pinning it. Read its members only while pinned. */
typedef struct ark_entry_t {
  void* target;                   /* the implementation, or a proxy, as a pointer to the contract's class */
  ark_generation_t* generation;   /* whose code runs */
  const ark_contract_t* contract; /* the provider's table; for a proxy the importer's */
  uint32_t flags;
  uint32_t reserved;
} ark_entry_t;

/* What stands around calls through a slot: filters, tracing. */
typedef struct ark_tap_t ark_tap_t;
struct ark_tap_t {
  /* Runs pinned. Calls call->contract->invoke(target, ...) or fills call->error itself. [caller-thread] */
  void (*around)(ark_tap_t*, ark_call_t* call, void* target);
};

typedef struct ark_slot_t {
  ark_entry_t* entry;    /* atomic, acquire; NULL: nobody provides it */
  ark_tap_t* tap;        /* atomic, acquire; NULL: none */
  intptr_t record_offset; /* of the calling thread's ark_record_t from its thread pointer */
  const ark_host_t* host;
} ark_slot_t;

#define ARK_RECORD_CELLS 31
#define ARK_RECORD_SIZE 256

/* One for each thread, in the executable's thread-local storage. It is aligned to its size, so that one look at `next` tells whether there
 * is a cell to take: an address that is a multiple of ARK_RECORD_SIZE, NULL among them, is none. The container knows the thread once `next`
 * has been anything else; before, the record is all zero. */
typedef struct ark_record_t {
  ark_entry_t** next;                  /* the cell that the next pin takes; only its own thread reads or writes it */
  ark_entry_t* cell[ARK_RECORD_CELLS]; /* atomic: stored with release by its own thread, read by the closer */
} __attribute__((aligned(ARK_RECORD_SIZE))) ark_record_t;

typedef struct ark_service_options_t {
  uint32_t size;
  int32_t priority;      /* smaller wins a look-up; 100 is usual */
  const char* unique_id; /* NULL or at most 128 bytes: tells several services of one module and contract apart */
  const char* version;   /* NULL: the contract's */
  uint32_t property_count, binding_count;
  const ark_property_t* properties;
  const ark_binding_t* bindings;
} ark_service_options_t;

/* Which providers a reference, or a watch, takes. Everything given must match. */
typedef struct ark_filter_t {
  uint32_t size;
  uint32_t property_count;
  const char* id;        /* of the contract; a watch may leave it NULL: every service */
  const char* unique_id; /* NULL: any */
  const char* versions;  /* NULL: the manifest's range for the id, or any. "1.2" means [1.2,2.0); else "[1.0,2.0)" and the like */
  const ark_property_t* properties;
  const ark_binding_t* binding; /* references: call through the carrier of this type. Watches: services that carry such a binding. NULL: in process / any */
} ark_filter_t;

/* A publication as others see it. Valid during the call that passes it. */
typedef struct ark_service_info_t {
  uint32_t size;
  int32_t priority;
  uint64_t number; /* of the publication, never used again in this process */
  const char* id;
  const char* version;
  const char* unique_id; /* "" if none */
  const char* module;    /* "orders 1.0.0" */
  uint32_t property_count, binding_count;
  const ark_property_t* properties;
  const ark_binding_t* bindings;
} ark_service_info_t;

/* Told of each matching publication once when it goes live and once when it ends, in that order; those already there at the start included.
 * slot is fixed to that publication and borrowed: retain it to keep it. [lifecycle-thread] */
typedef struct ark_watcher_t {
  uint32_t size;
  uint32_t reserved;
  void* self;
  void (*added)(void* self, const ark_service_info_t* info, ark_slot_t* slot);
  void (*removed)(void* self, const ark_service_info_t* info);
} ark_watcher_t;

ARK_EXTERN_C_END
