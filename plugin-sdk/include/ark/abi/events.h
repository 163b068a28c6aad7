/* The events of the container, and those that modules fire themselves. What each is, and when it comes: docs/events.md. */
#pragma once

#include "host.h"

ARK_EXTERN_C_BEGIN

#define ARK_EVENT_VETOABLE 1u /* a handler may keep it from happening: ark_event_t.veto */
#define ARK_EVENT_STICKY 2u   /* a handler that is registered after it gets it too, once */

/* All events that the container fires: ARK_CONTAINER_EVENTS(X) is X(name, flags) for each of them. */
#define ARK_CONTAINER_EVENTS(X)                \
  X(BeforePluginStartup, ARK_EVENT_VETOABLE)   \
  X(AfterPluginStartup, 0u)                    \
  X(PluginStartFailed, 0u)                     \
  X(BeforePluginStop, 0u)                      \
  X(AfterPluginStop, 0u)                       \
  X(BeforeBizStartup, ARK_EVENT_VETOABLE)      \
  X(AfterBizStartup, 0u)                       \
  X(AfterBizStartupFailed, 0u)                 \
  X(AfterAllBizStartup, 0u)                    \
  X(BeforeBizSwitch, ARK_EVENT_VETOABLE)       \
  X(AfterBizSwitch, 0u)                        \
  X(BeforeBizStop, ARK_EVENT_VETOABLE)         \
  X(AfterBizStopFailed, 0u)                    \
  X(BeforeBizRecycle, 0u)                      \
  X(AfterBizStop, 0u)                          \
  X(AfterFinishDeploy, 0u)                     \
  X(ContainerStarted, ARK_EVENT_STICKY)        \
  X(Activated, 0u)                             \
  X(Deactivated, 0u)                           \
  X(ServicePublished, 0u)                      \
  X(ServiceWithdrawn, 0u)                      \
  X(StateChanged, 0u)                          \
  X(ContainerStopping, 0u)                     \
  X(ContainerStopped, 0u)

#define ARK_EVENTS_EXTENSION "ark.events/1"

/* What get_extension(ARK_EVENTS_EXTENSION) returns: events of modules, whose handlers are registered by ark_host_t.subscribe, with a type; and the start. */
typedef struct ark_events_t {
  uint32_t size;
  uint32_t reserved;
  /* Queues an event for the handlers of now and returns their number, or -1 with a reason in status. It never waits: the handlers run on the
   * lifecycle thread, after what was fired before. type: of kind ARK_KIND_STRUCT, constant data of the module; its id is the event's name.
   * take is called with value, at most once and before this returns, if somebody listens: it returns a value of that type that stays until drop
   * is called with it, on the thread of the last handler. The module is not unmapped before that. NULL from take: out of memory.
   * INCOMPATIBLE: a module that listens was compiled with another layout. RESOURCE_EXHAUSTED: too many of this module's events wait. [any-thread] */
  int64_t (*fire)(ark_generation_t*, const ark_type_t* type, void* value, void* (*take)(void* value), void (*drop)(void* taken), ark_status_t*);
  /* Waits until ContainerStarted has been fired: 1; 0 if it has not after timeout_ms, where 0 only asks. -1 with a reason in status:
   * WOULD_DEADLOCK on lifecycle and lent threads, unless it need not wait; STOPPING when the module's stop begins meanwhile. [any-thread] */
  int32_t (*wait_started)(ark_generation_t*, int64_t timeout_ms, ark_status_t*);
} ark_events_t;

ARK_EXTERN_C_END
