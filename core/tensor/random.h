// Random numbers from a counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
// Number i of a draw depends on the seed, the draw's place in the sequence and i alone, so that the result does not
// depend on the number of threads.
#pragma once

#include <array>
#include <cstdint>

namespace tapescope {

class Generator {
 public:
  // The process's default generator.
  static Generator& global();

  void seed(uint64_t seed) {
    seed_ = seed;
    draw_ = 0;
  }
  uint64_t initial_seed() const { return seed_; }

  // State for saving and restoring: the seed and the number of draws so far.
  std::array<uint64_t, 2> state() const { return {seed_, draw_}; }
  void set_state(std::array<uint64_t, 2> s) { seed_ = s[0], draw_ = s[1]; }

  // A draw: four 32-bit words for each block number.
  class Draw {
   public:
    Draw(uint64_t seed, uint64_t draw) : seed_(seed), draw_(draw) {}
    std::array<uint32_t, 4> block(uint64_t i) const;

   private:
    uint64_t seed_, draw_;
  };
  Draw next() { return Draw(seed_, draw_++); }

 private:
  uint64_t seed_ = 67280421310721u;  // PyTorch's default_rng_seed_val
  uint64_t draw_ = 0;
};

}  // namespace tapescope
