/* How a module says whether it is fit for work. */
#pragma once

#include "host.h"

ARK_EXTERN_C_BEGIN

#define ARK_HEALTH_EXTENSION "ark.health/1"

typedef struct ark_health_check_t ark_health_check_t;

typedef enum ark_health_level_t {
  ARK_HEALTH_UP = 0,
  ARK_HEALTH_DEGRADED = 1, /* it works, though not as it should */
  ARK_HEALTH_DOWN = 2
} ark_health_level_t;

/* Copied when it is added. */
typedef struct ark_checker_t {
  uint32_t size;
  uint32_t reserved;
  void* self;
  /* Returns an ark_health_level_t and writes why into said->text, "" for none. With another code than OK in said it has
   * failed, which counts as down. One question at a time, under limits.health. [lent-thread] */
  int32_t (*check)(void* self, ark_status_t* said);
} ark_checker_t;

/* What get_extension(ARK_HEALTH_EXTENSION) returns. */
typedef struct ark_health_t {
  uint32_t size;
  uint32_t reserved;
  /* From when the module's constructor has returned the checker is asked; the worst of a module's checkers counts. NULL
   * with a reason in status: STOPPING, RESOURCE_EXHAUSTED. [any-thread] */
  ark_health_check_t* (*add)(ark_generation_t*, const ark_checker_t*, ark_status_t*);
  /* Waits for a question that runs on another thread; none runs afterwards. Frees the check. [any-thread] */
  void (*remove)(ark_health_check_t*);
} ark_health_t;

ARK_EXTERN_C_END
