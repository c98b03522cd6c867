// NodeMap: node → dense index, in order of insertion. Open addressing over the node's address.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tapescope {

class Node;

class NodeMap {
 public:
  std::pair<uint32_t, bool> find_or_add(const Node* node) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    Slot& s = slot(node);
    if (s.node) return {s.index, false};
    s = {node, size_};
    return {size_++, true};
  }
  std::optional<uint32_t> find(const Node* node) const {
    if (slots_.empty()) return {};
    const Slot& s = const_cast<NodeMap*>(this)->slot(node);
    return s.node ? std::optional(s.index) : std::nullopt;
  }

 private:
  struct Slot {
    const Node* node = nullptr;
    uint32_t index = 0;
  };
  Slot& slot(const Node* node) {
    // Slab slots are 64 bytes apart: the low bits say nothing.
    size_t i = (reinterpret_cast<uintptr_t>(node) >> 6) * 0x9E3779B97F4A7C15u >> shift_;
    while (slots_[i].node && slots_[i].node != node) i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }
  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 16 : old.size() * 2, {});
    shift_ = 64 - __builtin_ctzll(slots_.size());
    for (const Slot& s : old)
      if (s.node) slot(s.node) = s;
  }

  std::vector<Slot> slots_;
  uint32_t size_ = 0;
  int shift_ = 60;
};

}  // namespace tapescope
