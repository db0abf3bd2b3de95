# g++ before 14 miscompiles co_await inside conditions and frees awaited temporaries twice.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines; use clang++-16 (cmake --preset release)")
endif()

option(CROFT_ASAN "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(CROFT_TSAN "ThreadSanitizer" OFF)
option(CROFT_FUZZ "libFuzzer targets" OFF)

# ccache and precompiled headers: the header's own bytes count, not its time stamp.
find_program(CROFT_CCACHE ccache)
if(CROFT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CROFT_CCACHE})
endif()
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")

add_compile_options(-Wall -Wextra -Wpedantic -Wno-missing-field-initializers -fno-omit-frame-pointer)
add_link_options(-fuse-ld=mold)
# Code that nothing calls goes, and functions that came out alike are kept once: a megabyte less of croft in memory.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-Wl,--gc-sections -Wl,--icf=safe)
endif()
if(CROFT_ASAN)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(CROFT_TSAN)
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
# Containers that cross into libraries built without AddressSanitizer have no annotations to check. Suppressions go by
# names, which need a symbolizer. ThreadSanitizer's search for lock cycles knows at most 64 locks of a thread: a transaction holds
# one for each of up to 100 items, in ascending order.
find_program(CROFT_SYMBOLIZER NAMES llvm-symbolizer-16 llvm-symbolizer)
set(CROFT_SANITIZER_ENVIRONMENT "ASAN_OPTIONS=detect_container_overflow=0:external_symbolizer_path=${CROFT_SYMBOLIZER}"
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan_suppressions.txt:detect_deadlocks=0:external_symbolizer_path=${CROFT_SYMBOLIZER}")
if(CROFT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
