/* How a boundary function says that it failed: a code and a sentence, copied into memory of the asking side. */
#pragma once

#include "conventions.h"

ARK_EXTERN_C_BEGIN

typedef enum ark_code_t {
  ARK_STATUS_OK = 0,
  ARK_STATUS_INVALID_ARGUMENT = 1,    /* the request can never be right: a bad range, an empty id, a wrong option */
  ARK_STATUS_NOT_FOUND = 2,           /* no such module, service, file or key */
  ARK_STATUS_ALREADY_EXISTS = 3,      /* the same name, version or unique id is there already */
  ARK_STATUS_FAILED_PRECONDITION = 4, /* right in itself, but not in this state */
  ARK_STATUS_INCOMPATIBLE = 5,        /* built for something else: architecture, ABI, layout, version */
  ARK_STATUS_CORRUPT = 6,             /* a package, digest or file is not what it says */
  ARK_STATUS_UNAVAILABLE = 7,         /* nobody provides it now; it may come */
  ARK_STATUS_DEADLINE_EXCEEDED = 8,
  ARK_STATUS_WOULD_DEADLOCK = 9,      /* cannot work from where it is called */
  ARK_STATUS_STOPPING = 10,           /* the module or the container is on its way down */
  ARK_STATUS_UNSUPPORTED = 11,        /* known, but not built into this version */
  ARK_STATUS_RESOURCE_EXHAUSTED = 12, /* disk full, too many keys, a limit reached */
  ARK_STATUS_MODULE_FAILED = 13,      /* code of the module threw, hung, exited or ended its thread */
  ARK_STATUS_INTERNAL = 14            /* a fault of the container */
} ark_code_t;

/* The asking side provides it, usually on its stack; the callee writes code and text. `text` is "" on success and is cut
 * at a character boundary if it does not fit. */
typedef struct ark_status_t {
  int32_t code; /* ark_code_t */
  char text[1020];
} ark_status_t;

ARK_EXTERN_C_END
