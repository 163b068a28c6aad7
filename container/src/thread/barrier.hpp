/// A memory fence that every thread of the process executes, so that the many pins need none of their own.
#pragma once

namespace ark::container::thread {

/// Returns after every running thread of this process has executed a full fence. [any thread]
void barrier_on_all_threads();

/// The two ways to it. The first is false where the kernel has no membarrier or a sandbox forbids it.
bool barrier_by_membarrier();
/// Taking away write access to a page interrupts every processor that runs this process (x86: the TLB shoot-down is an interrupt).
void barrier_by_page_protection();

}  // namespace ark::container::thread
