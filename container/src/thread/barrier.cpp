#include "thread/barrier.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace ark::container::thread {
namespace {

bool call_membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

}  // namespace

bool barrier_by_membarrier() {
  static const bool registered = call_membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
  return registered && call_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

void barrier_by_page_protection() {
  static std::mutex mutex;
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  static void* page = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::lock_guard lock(mutex);
  bool done = page != MAP_FAILED && mprotect(page, size, PROT_READ | PROT_WRITE) == 0;
  if (done) *static_cast<volatile char*>(page) = 1;  // only a page that is present and writable needs the interrupt
  if (!done || mprotect(page, size, PROT_READ) != 0) {
    std::perror("ark: no way to fence all threads (membarrier and mprotect failed)");
    std::abort();
  }
}

void barrier_on_all_threads() {
  std::atomic_signal_fence(std::memory_order_seq_cst);  // both ways fence the calling thread as well
  if (!barrier_by_membarrier()) barrier_by_page_protection();
}

}  // namespace ark::container::thread
