// Which of the SIMD targets that were compiled runs: the best that the processor has, or less by the environment.
#pragma once

#include <string>

namespace tapescope::cpu {

// "DEFAULT" (what every processor of the architecture has), "AVX2" or "AVX512": PyTorch's words.
std::string capability();

// TAPESCOPE_CPU_CAPABILITY=default|avx2|avx512: no more than this is used. Takes effect on loops not looked up yet.
// False if the word is none of these.
bool limit_capability(const std::string& word);

}  // namespace tapescope::cpu
