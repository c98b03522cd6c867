#include "core/tensor/fork_lock.h"

#include <pthread.h>

namespace tapescope {
namespace {

[[maybe_unused]] const int counts = pthread_atfork(nullptr, nullptr, [] { ++fork_generation; });

}  // namespace
}  // namespace tapescope
