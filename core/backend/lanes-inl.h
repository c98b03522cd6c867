// The numbers that the texts of ops compute with, for the target at hand. No guard: each header has its own.
#include "core/backend/targets.h"

#ifdef TAPESCOPE_THREADS
#include "core/backend/cuda/thread-inl.h"
#else
#include "core/backend/cpu/lanes-inl.h"
#endif
