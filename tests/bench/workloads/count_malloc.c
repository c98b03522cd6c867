// Preloaded into a process: counts its calls of malloc and kin, on any thread.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static atomic_long calls;
long malloc_calls(void) { return atomic_load(&calls); }

void* malloc(size_t n) { return atomic_fetch_add(&calls, 1), __libc_malloc(n); }
void* calloc(size_t n, size_t m) { return atomic_fetch_add(&calls, 1), __libc_calloc(n, m); }
void* realloc(void* p, size_t n) { return atomic_fetch_add(&calls, 1), __libc_realloc(p, n); }
void* aligned_alloc(size_t a, size_t n) { return atomic_fetch_add(&calls, 1), __libc_memalign(a, n); }
void* memalign(size_t a, size_t n) { return atomic_fetch_add(&calls, 1), __libc_memalign(a, n); }
int posix_memalign(void** p, size_t a, size_t n) {
  atomic_fetch_add(&calls, 1);
  return (*p = __libc_memalign(a, n)) ? 0 : 12;
}
