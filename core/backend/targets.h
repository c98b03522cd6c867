// What the texts of ops are compiled for, by Highway's names: its SIMD targets one after another, or a CUDA thread.
#pragma once

#if defined(__CUDACC__) || defined(TAPESCOPE_THREADS_ON_CPU)
#define TAPESCOPE_THREADS
#define HWY_NAMESPACE N_THREAD
#define HWY_BEFORE_NAMESPACE() static_assert(true)
#define HWY_AFTER_NAMESPACE() static_assert(true)
#else
#include <hwy/highway.h>
#endif
