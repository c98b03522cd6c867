// The cells of the notebook: which source text a code object's file name stands for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tapescope {

struct CellInfo {
  uint64_t id = 0;
  int64_t execution_count = 0;  // 0: not counted
  std::string filename;
  std::string source;
  std::string hash;  // first 16 hexadecimal digits of the source's SHA-256
};

// Makes a cell known; the latest cell of a file name is the one that its code is taken to be in. Returns its id.
uint64_t register_cell(std::string filename, std::string source, int64_t execution_count);
const CellInfo* find_cell(uint64_t id);
uint64_t latest_cell();  // its id; 0: there was none
const CellInfo* find_cell_by_file(const std::string& filename);

std::string sha256_prefix(const std::string& text);

}  // namespace tapescope
