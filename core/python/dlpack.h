// DLPack's structs, version 1: how libraries hand each other tensors without a copy. Declared from its published ABI.
#pragma once

#include <cstdint>

namespace tapescope::face::dlpack {

inline constexpr uint32_t kMajor = 1, kMinor = 1;
inline constexpr int32_t kCpu = 1;
inline constexpr uint8_t kInt = 0, kUnsigned = 1, kFloat = 2, kBfloat = 4, kComplex = 5, kBool = 6;
inline constexpr uint64_t kReadOnly = 1, kCopied = 2;

struct Device {
  int32_t type, id;
};

struct DataType {
  uint8_t code, bits;
  uint16_t lanes;
};

struct TensorView {
  void* data;
  Device device;
  int32_t ndim;
  DataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null: contiguous
  uint64_t byte_offset;
};

// Before version 1; still what many producers make.
struct Managed {
  TensorView view;
  void* context;
  void (*deleter)(Managed*);
  static constexpr const char *name = "dltensor", *used = "used_dltensor";
};

struct Versioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(Versioned*);
  uint64_t flags;
  TensorView view;
  static constexpr const char *name = "dltensor_versioned", *used = "used_dltensor_versioned";
};

}  // namespace tapescope::face::dlpack
