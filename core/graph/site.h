// Creation sites: where in the user's program a node was made. A site is a small number; what it stands for is
// resolved when somebody asks. 0 is "not known".
#pragma once

#include <cstdint>
#include <string>

namespace tapescope {

using SiteId = uint32_t;

struct SiteInfo {
  std::string file;      // co_filename; empty: not known
  int line = 0;          // from 1; 0: not known
  int column = -1;       // first column of the expression in UTF-8 bytes; -1: not known
  int end_column = -1;   // -1: not known or on another line
  std::string function;  // qualified; empty at the top level
};

// Who knows the program that runs. The Python face installs one; without it every site is 0.
class SiteSource {
 public:
  virtual ~SiteSource() = default;
  virtual SiteId current() noexcept = 0;
  virtual SiteInfo resolve(SiteId id) = 0;
};

inline SiteSource* site_source = nullptr;

inline SiteId current_site() noexcept {
  return site_source ? site_source->current() : 0;
}
inline SiteInfo resolve_site(SiteId id) {
  return site_source && id ? site_source->resolve(id) : SiteInfo{};
}

}  // namespace tapescope
