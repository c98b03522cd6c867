# The CUDA backend: a library that the engine opens at run time, so that a wheel with it runs on machines without a GPU.
# The compiler is that of the wheels which scripts/cuda.sh fetches, or the one that CMAKE_CUDA_COMPILER names.
include(CheckLanguage)

set(cuda_root ${PROJECT_SOURCE_DIR}/.cache/cuda/nvidia/cu13)
if(NOT CMAKE_CUDA_COMPILER AND EXISTS ${cuda_root}/bin/nvcc)
  set(CMAKE_CUDA_COMPILER ${cuda_root}/bin/nvcc)
  # The wheels' own profile looks for the runtime in lib64 alone.
  set(CMAKE_CUDA_FLAGS "-L${cuda_root}/lib")
endif()
if(NOT CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-virtual 90-real)  # every GPU that CUDA 13 knows; those of 9.0 without a wait
endif()
set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "No CUDA compiler: the build goes on without the CUDA backend (make cuda fetches one)")
  return()
endif()
enable_language(CUDA)
# CMake 3.25 does not know that this compiler has C++20.
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_EXTENSIONS OFF)
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)

# A file for each family of pointwise ops: a new family needs no line here.
file(GLOB families CONFIGURE_DEPENDS core/ops/*-inl.h)
set(family_sources)
foreach(header ${families})
  file(READ ${header} text)
  if(text MATCHES "using ([A-Za-z]+) = OpList<")
    set(list ${CMAKE_MATCH_1})
    string(REGEX REPLACE ".*/(.*)-inl\\.h" "\\1" family ${header})
    configure_file(core/backend/cuda/family.cu.in cuda/${family}.cu @ONLY)
    list(APPEND family_sources ${CMAKE_CURRENT_BINARY_DIR}/cuda/${family}.cu)
  endif()
endforeach()

file(GLOB cuda_sources CONFIGURE_DEPENDS core/backend/cuda/*.cu)
add_library(tapescope_cuda MODULE ${cuda_sources} ${family_sources})
target_include_directories(tapescope_cuda PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(tapescope_cuda PROPERTIES
  CUDA_VISIBILITY_PRESET hidden
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_SOURCE_DIR}/core/python/tapescope)
# As on the CPU, a * b + c is rounded twice: the same bits wherever the text runs.
target_compile_options(tapescope_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr;--fmad=false;-Werror=all-warnings;-Xcompiler=-Wall,-Wextra>")
install(TARGETS tapescope_cuda LIBRARY DESTINATION tapescope)
