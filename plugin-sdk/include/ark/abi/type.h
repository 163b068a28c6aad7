/* Descriptors of the values that contracts pass: what a carrier needs to read and build a value whose C++ type it has never seen.
 * They are constant data of the module that was compiled with the type, readable before any of its code runs, and valid while it is mapped.
 * Operations run code of that module: whoever uses them pins it (service.h). */
#pragma once

#include "conventions.h"

ARK_EXTERN_C_BEGIN

typedef struct ark_contract_t ark_contract_t;
typedef struct ark_type_t ark_type_t;

typedef enum ark_kind_t {
  ARK_KIND_VOID = 0,
  ARK_KIND_BOOL = 1,
  ARK_KIND_INT = 2,       /* signed integer of `size` bytes; char too */
  ARK_KIND_UINT = 3,      /* unsigned integer of `size` bytes */
  ARK_KIND_FLOAT = 4,     /* IEEE 754 of `size` bytes: 4 or 8 */
  ARK_KIND_ENUM = 5,      /* element: its underlying integer */
  ARK_KIND_STRING = 6,    /* std::string */
  ARK_KIND_VIEW = 7,      /* std::string_view, parameters only; borrows what was assigned */
  ARK_KIND_BYTES = 8,     /* std::vector of uint8_t or std::byte */
  ARK_KIND_LIST = 9,      /* std::vector */
  ARK_KIND_ARRAY = 10,    /* std::array of `count` elements, `element`->size bytes apart */
  ARK_KIND_SET = 11,      /* std::set */
  ARK_KIND_MAP = 12,      /* std::map */
  ARK_KIND_OPTIONAL = 13, /* std::optional */
  ARK_KIND_VARIANT = 14,  /* std::variant: fields[i].type is alternative i */
  ARK_KIND_TUPLE = 15,    /* std::pair, std::tuple: fields[i].type is element i, found with ops->at */
  ARK_KIND_DURATION = 16, /* std::chrono::duration: element is its representation, one tick is numerator/denominator seconds */
  ARK_KIND_TIME = 17,     /* std::chrono::time_point of system_clock, since the Unix epoch; otherwise as a duration */
  ARK_KIND_STRUCT = 18,   /* ARK_STRUCT, ARK_ERROR */
  ARK_KIND_SHARED = 19,   /* ark::Shared: a counted reference, possibly into a cyclic graph */
  ARK_KIND_CALLBACK = 20, /* ark::Callback: a revocable reference to a listener; contract describes it */
  ARK_KIND_CONTRACT = 21  /* T& where T is a contract: parameters of ARK_LOCAL_CONTRACT only, never carried */
} ark_kind_t;

/* Trivial for the purposes of calls: passed in registers if small enough, and so part of the calling convention. */
#define ARK_TYPE_TRIVIAL 1u

typedef struct ark_field_t {
  const char* name; /* of a struct's member; NULL for alternatives and tuple elements */
  uint32_t offset;  /* in bytes, of a struct's member and of a pair's second element; else 0 */
  uint32_t reserved;
  const ark_type_t* type;
} ark_field_t;

/* key: of a map, else NULL. Must not throw. */
typedef void ark_visit_t(void* context, const void* key, const void* element);

/* Operations a kind has; NULL where it has none. `value` is an object of the described type. Allocation failure throws
 * std::bad_alloc through these calls, which are C++ to C++ like calls through a contract. [any-thread, value not shared] */
typedef struct ark_ops_t {
  const char* (*text)(const void* value, size_t* size);           /* string, view, bytes: contents, valid until value changes */
  void (*assign)(void* value, const char* data, size_t size);     /* string, view (borrows data), bytes */
  size_t (*count)(const void* value);                             /* list, set, map: elements; variant: index of the alternative */
  void (*each)(const void* value, ark_visit_t* visit, void* context); /* list, set, map: in order */
  void* (*add)(void* value, void* key);                           /* list: append; set, map: insert, moving from key; optional, shared:
                                                                     make; returns the new element (set: the element, read only) */
  void (*reserve)(void* value, size_t count);                     /* list, bytes: room for so many; bytes: resize */
  const void* (*get)(const void* value);                          /* optional, shared: element or NULL; variant: the alternative;
                                                                     callback: its ark_slot_t or NULL */
  void* (*choose)(void* value, uint32_t index);                   /* variant: holds alternative `index`, value-initialised; returns it */
  void* (*at)(void* value, uint32_t index);                       /* tuple: element `index` */
  void (*share)(void* value, void* object);                       /* shared: refer to an object that some Shared of this type holds;
                                                                     callback: refer to a slot, which it retains */
  uint32_t (*uses)(const void* value);                            /* shared: how many refer to its object */
  void (*take)(void* value, void* room);                          /* shared: move the handle to raw memory of the type's size */
} ark_ops_t;

struct ark_type_t {
  uint32_t kind; /* ark_kind_t */
  uint32_t flags;
  uint32_t size, align; /* bytes; 0 for void */
  const char* id;       /* of a struct: its name on any wire */
  uint32_t count;       /* fields, alternatives, tuple or array elements */
  uint32_t reserved;
  const ark_field_t* fields;
  const ark_type_t* key;
  const ark_type_t* element;
  const ark_contract_t* contract; /* of a callback or contract reference */
  int64_t numerator, denominator; /* of a duration or time */
  void (*construct)(void* room);  /* value-initialises; NULL for void and contract */
  void (*destroy)(void* value);
  const ark_ops_t* ops;
};

ARK_EXTERN_C_END
