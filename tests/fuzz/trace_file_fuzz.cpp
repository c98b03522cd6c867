// Any bytes as a file of a saved trace. It is refused in words, or it is saved again as a file that loads.
#include "core/tensor/error.h"
#include "core/trace/serialize.h"
#include "tests/fuzz/well_formed.h"

using namespace tapescope;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  // An input whose first byte is '{' is a header alone: its length is set in front, so that what follows is reached.
  if (!bytes.empty() && bytes[0] == '{') {
    std::string length(8, '\0');
    for (size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(bytes.size() >> (8 * i) & 255);
    bytes = length + bytes + std::string(64, '\1');
  }
  jit::SavedTrace trace;
  try {
    trace = jit::deserialize(bytes);
  } catch (const Error&) {
    return 0;
  }
  std::string again;
  try {
    again = jit::serialize(trace);
  } catch (const NotImplementedError&) {
    return 0;
  }
  if (jit::serialize(jit::deserialize(again)) != again) fuzz::fail("a saved trace does not load as itself", again);
  return 0;
}
