// Runs a room's tests, and sees to it that none leaves a tensor or a node behind: what comes from slabs no leak
// checker sees.
#include <gtest/gtest.h>

#include "core/graph/node.h"

namespace {

using namespace tapescope;

struct Census : testing::EmptyTestEventListener {
  size_t tensors = 0, storages = 0, nodes = 0;

  static size_t count(const Slab& slab) {
    size_t n = 0;
    slab.walk([&](void*) { ++n; });
    return n;
  }
  static size_t count_nodes() {
    size_t n = 0;
    Node::walk([&](Node*) { ++n; });
    return n;
  }
  void OnTestStart(const testing::TestInfo&) override {
    tensors = count(TensorImpl::slab());
    storages = count(Storage::slab());
    nodes = count_nodes();
  }
  void OnTestEnd(const testing::TestInfo&) override {
    EXPECT_EQ(count(TensorImpl::slab()), tensors) << "tensors were leaked";
    EXPECT_EQ(count(Storage::slab()), storages) << "storages were leaked";
    EXPECT_EQ(count_nodes(), nodes) << "nodes were leaked";
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new Census);
  return RUN_ALL_TESTS();
}
