// The engine as the kernel sees it: a table of plain C functions, handed over in a PyCapsule named
// TAPESCOPE_KERNEL_API_NAME (attribute `_kernel_api` of tapescope._C). The two extension modules are built with
// different versions of pybind11, so no C++ type and no exception crosses this line.
//
// Invariants
//   * Every function is called with the GIL held and returns without a Python error set.
//   * Texts are UTF-8, need not end in a zero byte, and are copied by the callee.
//   * Cells do not nest: begin_cell while a cell is open ends the open one without a picture.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TAPESCOPE_KERNEL_API_NAME "tapescope._C._kernel_api"
#define TAPESCOPE_KERNEL_API_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TapescopeText {
  const char* data;
  size_t size;
} TapescopeText;

enum { TAPESCOPE_MODE_OFF = 0, TAPESCOPE_MODE_AUTO = 1, TAPESCOPE_MODE_FULL = 2 };

typedef struct TapescopeCell {
  TapescopeText source;
  TapescopeText filename;   // co_filename of the code objects compiled from this cell
  int64_t execution_count;  // the n of In [n]; 0: the run is not counted
  int mode;                 // TAPESCOPE_MODE_*
} TapescopeCell;

typedef struct TapescopeFailure {
  TapescopeText type;      // class name of the exception
  TapescopeText message;   // its text
  TapescopeText filename;  // of the innermost frame that lies in a cell; empty: none does
  int64_t line;            // in that file, from 1; 0: unknown
} TapescopeFailure;

typedef struct TapescopeBundle {
  TapescopeText document;  // JSON, schema graph v1
  TapescopeText svg;       // still picture
  TapescopeText text;      // short tree
  void* owner;             // the memory behind the three: hand the bundle to free_bundle
} TapescopeBundle;

typedef struct TapescopeKernelApi {
  uint32_t version;  // TAPESCOPE_KERNEL_API_VERSION
  // Opens the recording of a cell. 0: done; -1: failed, see last_error.
  int (*begin_cell)(const TapescopeCell* cell);
  // Closes it. 1: `out` is filled, show it; 0: the cell touched no graph (or mode is off); -1: failed, see last_error.
  // failure: the exception that ended the cell, or null.
  int (*end_cell)(const TapescopeFailure* failure, TapescopeBundle* out);
  void (*free_bundle)(TapescopeBundle* bundle);
  // Text of the last failure on this thread; empty if there was none. Valid until the next call.
  TapescopeText (*last_error)(void);
} TapescopeKernelApi;

#ifdef __cplusplus
}
#endif
