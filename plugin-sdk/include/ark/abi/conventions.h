/* Conventions of every header in ark/abi.
 *
 * 1. Everything here is C11. C++ wrappers stand on top of it (ark/sdk.hpp); no std type, exception or RTTI crosses these tables.
 *    (Calls through a contract are C++ to C++: see contract.h.)
 * 2. Texts are UTF-8 and end in NUL. A text passed in is copied by the callee if it needs it later; a text handed out says how
 *    long it lives. NULL stands for "not given" where a comment allows it.
 * 3. Memory is freed by the side that made it, except texts and payloads of ark_error_t, which say so.
 * 4. Tables begin with their size in bytes. A table only ever grows at its end; a reader uses a member only if `size` covers it.
 *    Options passed in follow the same rule, so that a module built earlier still means what it meant.
 * 5. Anything new comes through ark_host_t::get_extension("ark.<name>/<number>"), which returns a table or NULL.
 * 6. No function lets an exception out, neither the container's nor the module's. Forced unwinding (pthread_exit, cancellation) passes.
 * 7. Each function carries the threads that may call it:
 *      [any-thread]        any thread, at any time between the start of the module's static constructors and the end of its static destructors;
 *      [lifecycle-thread]  called by the container, on the one thread it lends to all modules for handlers, notices and outcomes of
 *                          operations; two such calls never overlap. A module must not block it for long and never waits on it for
 *                          another notice: what would deadlock returns ARK_STATUS_WOULD_DEADLOCK.
 *      [lent-thread]       called by the container, on a thread that it lends to this module meanwhile: construction, destruction,
 *                          health. Of one module only health checks overlap with anything; those of different modules may overlap.
 *      [caller-thread]     on the thread of whoever makes a call through a contract.
 *    Without a tag a member is data that does not change while the table can be reached.
 * 8. Members marked "atomic" are read and written with __atomic built-ins, in the memory order their comment gives.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ARK_EXTERN_C_BEGIN extern "C" {
#define ARK_EXTERN_C_END }
#else
#define ARK_EXTERN_C_BEGIN
#define ARK_EXTERN_C_END
#endif
