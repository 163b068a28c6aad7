/// Thread-specific keys of modules: their destructors are called through code of the container, which knows whose they are and whether those
/// are still mapped.
#pragma once

#include <pthread.h>

#include <vector>

namespace ark::container::loader {

/// pthread_key_create for `owner`. EAGAIN when all keys are in use. [any thread]
int create_key(const void* owner, pthread_key_t* key, void (*destroy)(void*));
/// pthread_key_delete; waits until a destructor of this key that is running on another thread has returned. A destructor may delete its own key.
/// [any thread]
int delete_key(pthread_key_t key);

struct OwnedKey {
  pthread_key_t key;
  void (*destroy)(void*);
};
/// Keys of owner that have not been deleted.
std::vector<OwnedKey> keys_of(const void* owner);
/// Destructors of owner's keys, deleted ones too, that the ends of threads are running now.
int running_key_destructors_of(const void* owner);
/// Runs destructors of owner's keys for the calling thread's values. For threads that must have done so before they count as ended.
void run_key_destructors(const void* owner);

}  // namespace ark::container::loader
