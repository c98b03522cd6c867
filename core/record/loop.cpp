#include "core/record/loop.h"

#include <algorithm>

namespace tapescope {

bool Loop::start(std::span<const OpRecord> period, std::span<const OpRecord> begun) {
  if (period.empty() || begun.size() >= period.size()) return false;
  if (!std::ranges::equal(begun, period.first(begun.size()), {}, key_of, key_of)) return false;
  keys_.resize(period.size());
  std::ranges::transform(period, keys_.begin(), key_of);
  last_.assign(period.begin(), period.end());
  turn_.resize(period.size());
  std::ranges::copy(begun, turn_.begin());
  at_ = begun.size();
  turns_ = 0;
  return true;
}

}  // namespace tapescope
