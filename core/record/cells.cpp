#include "core/record/cells.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <unordered_map>

namespace tapescope {
namespace {

constexpr size_t kKept = 4096;  // cells whose source is kept

struct Cells {
  std::deque<CellInfo> all;
  std::unordered_map<std::string, uint64_t> by_file;
  uint64_t next = 1;
};
Cells& cells() {
  static Cells& c = *new Cells;
  return c;
}

}  // namespace

uint64_t register_cell(std::string filename, std::string source, int64_t execution_count) {
  Cells& c = cells();
  CellInfo info{c.next++, execution_count, std::move(filename), std::move(source), {}};
  info.hash = sha256_prefix(info.source);
  c.by_file[info.filename] = info.id;
  c.all.push_back(std::move(info));
  if (c.all.size() > kKept) {
    const auto it = c.by_file.find(c.all.front().filename);
    if (it != c.by_file.end() && it->second == c.all.front().id) c.by_file.erase(it);
    c.all.pop_front();
  }
  return c.next - 1;
}

uint64_t latest_cell() {
  return cells().all.empty() ? 0 : cells().all.back().id;
}

const CellInfo* find_cell(uint64_t id) {
  Cells& c = cells();
  if (c.all.empty() || id < c.all.front().id || id > c.all.back().id) return nullptr;
  return &c.all[id - c.all.front().id];
}

const CellInfo* find_cell_by_file(const std::string& filename) {
  const auto it = cells().by_file.find(filename);
  return it == cells().by_file.end() ? nullptr : find_cell(it->second);
}

// FIPS 180-4.
std::string sha256_prefix(const std::string& text) {
  static constexpr std::array<uint32_t, 64> k = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  std::array<uint32_t, 8> h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string m = text;
  m += static_cast<char>(0x80);
  while (m.size() % 64 != 56) m += '\0';
  for (int i = 7; i >= 0; --i) m += static_cast<char>(uint64_t{text.size()} * 8 >> (8 * i));
  const auto rotate = [](uint32_t x, int n) { return x >> n | x << (32 - n); };
  for (size_t at = 0; at < m.size(); at += 64) {
    uint32_t w[64];
    for (size_t i = 0; i < 16; ++i) {
      w[i] = 0;
      for (size_t b = 0; b < 4; ++b) w[i] = w[i] << 8 | static_cast<uint8_t>(m[at + 4 * i + b]);
    }
    for (int i = 16; i < 64; ++i)
      w[i] = w[i - 16] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
             (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
    auto v = h;
    for (size_t i = 0; i < 64; ++i) {
      const uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                          ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
      const uint32_t t2 =
          (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
    }
    for (size_t i = 0; i < 8; ++i) h[i] += v[i];
  }
  return fmt::format("{:08x}{:08x}", h[0], h[1]);
}

}  // namespace tapescope
