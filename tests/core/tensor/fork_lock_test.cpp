#include "core/tensor/fork_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <thread>

namespace tapescope {
namespace {

TEST(ForkLock, OneThreadAtATime) {
  ForkLock lock;
  int count = 0;
  const auto add = [&] {
    for (int i = 0; i < 10000; ++i) {
      const std::lock_guard held(lock);
      ++count;
    }
  };
  std::thread other(add);
  add();
  other.join();
  EXPECT_EQ(count, 20000);
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
}

TEST(ForkLock, AChildTakesWhatItsParentHeld) {
  ForkLock lock;
  lock.lock();
  EXPECT_FALSE(is_forked_child());
  const pid_t child = fork();
  if (child == 0) {
    bool right = is_forked_child() && lock.try_lock() && !lock.try_lock();
    lock.unlock();
    right = right && lock.try_lock();
    _exit(right ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(lock.try_lock());
}

}  // namespace
}  // namespace tapescope
