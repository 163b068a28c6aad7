/* What the container offers to a module. */
#pragma once

#include <pthread.h>
#include <signal.h>

#include "service.h"

ARK_EXTERN_C_BEGIN

typedef struct ark_subscription_t ark_subscription_t;

typedef enum ark_log_level_t { ARK_LOG_TRACE = 0, ARK_LOG_DEBUG = 1, ARK_LOG_INFO = 2, ARK_LOG_WARN = 3, ARK_LOG_ERROR = 4 } ark_log_level_t;

/* What happened. Valid during the call that passes it. */
typedef struct ark_event_t ark_event_t;
struct ark_event_t {
  uint32_t size;
  uint32_t property_count;
  const char* name;    /* "ContainerStarted", "AfterBizStartup", ... (events.h); of a module's event its type's id */
  const char* module;  /* the module it is about, or that fired it; "" for events of the container */
  const char* version;
  int64_t time_ns;     /* since the Unix epoch */
  const ark_property_t* properties; /* what else it carries: docs/events.md */
  const void* value;   /* of a module's event: an object of the handler's type; else NULL */
  /* Keeps from happening what this event announces; the reason, UTF-8, is copied. NULL if it cannot be kept. Several reasons add up. [lifecycle-thread] */
  void (*veto)(const ark_event_t*, const char* why);
};

/* A throwing handler is reported and the others still run; throwing is no veto. [lifecycle-thread] */
typedef struct ark_handler_t {
  uint32_t size;
  int32_t priority;   /* smaller runs first; equal ones in the order of their modules' activation, and of registration within a module */
  const char* event;  /* name of the event */
  const char* module; /* NULL: about, or fired by, any module */
  void* self;
  void (*handle)(void* self, const ark_event_t* event, ark_status_t* status);
  const ark_type_t* type; /* a module's event: what ark_event_t.value is for this handler, of kind ARK_KIND_STRUCT; NULL: an event of the container */
} ark_handler_t;

/* Functions that return an object return NULL when they fail and say why in status; status is untouched on success.
 * What is registered before the module's constructor has returned goes live in one step after it has returned. */
struct ark_host_t {
  uint32_t abi;  /* ARK_ABI_VERSION */
  uint32_t size; /* of this table */

  const void* (*get_extension)(ark_generation_t*, const char* id); /* "ark.x/1": a table that lives as long as the container, or NULL [any-thread] */

  const char* (*name)(ark_generation_t*);     /* "orders"; lives as long as the module [any-thread] */
  const char* (*version)(ark_generation_t*);  /* "1.0.0" [any-thread] */
  const char* (*data_dir)(ark_generation_t*, ark_status_t*); /* absolute; made on first use, mode 0700, shared by all versions of the module [any-thread] */
  void (*log)(ark_generation_t*, int32_t level, const char* text, size_t size); /* ark_log_level_t; never blocks on a full disk [any-thread] */
  int32_t (*log_level)(ark_generation_t*);    /* least level that is written [any-thread] */

  /* The cell for the next pin of this thread: the thread is new (its record is all zero) or deeper than its cells. Never NULL; ends the process if out of memory. [caller-thread] */
  ark_entry_t** (*more_pins)(ark_record_t*);

  /* A slot that follows the best provider: by version range, then priority, then its module's priority, name and newest version, then order of publication. contract is the importer's; NULL takes
   * any layout, for carriers, which must then call through the entry's own table. The same request may return the same slot. [any-thread] */
  ark_slot_t* (*reference)(ark_generation_t*, const ark_contract_t*, const ark_filter_t*, ark_status_t*);
  /* One slot for each matching provider of now, best first; each is fixed to its provider and becomes empty with it. visit borrows the slot. Returns their number. [any-thread] */
  uint32_t (*references)(ark_generation_t*, const ark_contract_t*, const ark_filter_t*, void (*visit)(void* context, const ark_service_info_t*, ark_slot_t*), void* context, ark_status_t*);
  void (*slot_retain)(ark_slot_t*);           /* [any-thread] */
  void (*slot_release)(ark_slot_t*);          /* the last one frees it; waits for calls through its own proxy [any-thread, not inside a call through it] */

  ark_publication_t* (*publish)(ark_generation_t*, const ark_contract_t*, void* target, const ark_service_options_t*, ark_status_t*); /* options may be NULL [any-thread] */
  /* Returns once nobody is inside, then frees the publication. WOULD_DEADLOCK: this thread is inside a call to it; it is withdrawn, and freed when that call is over. [any-thread] */
  int32_t (*withdraw)(ark_publication_t*);

  ark_watch_t* (*watch)(ark_generation_t*, const ark_contract_t*, const ark_filter_t*, const ark_watcher_t*, ark_status_t*); /* contract may be NULL, as above [any-thread] */
  void (*unwatch)(ark_watch_t*);              /* waits for a notice that runs on another thread; nothing runs afterwards [any-thread] */

  ark_subscription_t* (*subscribe)(ark_generation_t*, const ark_handler_t*, ark_status_t*); /* [any-thread] */
  void (*unsubscribe)(ark_subscription_t*);   /* as unwatch [any-thread] */

  /* A slot on target, which others may keep and call (ark::Callback). destroy may be NULL; it is called once the slot is free and nobody is inside. [any-thread] */
  ark_slot_t* (*callback)(ark_generation_t*, const ark_contract_t*, void* target, void (*destroy)(void* target), ark_status_t*);
  int32_t (*revoke)(ark_slot_t*);             /* empties a callback's slot and waits for calls inside; WOULD_DEADLOCK: revoked, but this thread is inside [any-thread] */

  int32_t (*add_carrier)(ark_generation_t*, const ark_carrier_factory_t*, ark_status_t*); /* goes with the module [any-thread] */
};

/* What the object linked with --wrap into every module calls instead of the C library, so that the container knows whose thread, key, handler it is.
 * Results and errno are those of the wrapped functions. [any-thread] */
typedef struct ark_hooks_t {
  uint32_t size;
  uint32_t reserved;
  int (*thread_create)(ark_generation_t*, pthread_t*, const pthread_attr_t*, void* (*start)(void*), void* argument);
  void* (*thread_state)(ark_generation_t*, void* state); /* std::thread::_State*: takes it over, returns one whose code is the container's */
  int (*key_create)(ark_generation_t*, pthread_key_t*, void (*destroy)(void*));
  int (*key_delete)(ark_generation_t*, pthread_key_t);
  int (*thread_atexit)(ark_generation_t*, void (*destroy)(void*), void* object);
  int (*sigaction)(ark_generation_t*, int number, const struct sigaction*, struct sigaction* old);
  int (*on_exit)(ark_generation_t*, void (*function)(int, void*), void* argument); /* refused: ENOSYS */
  void (*exit)(ark_generation_t*, int status, int immediately); /* does not return */
} ark_hooks_t;

ARK_EXTERN_C_END
