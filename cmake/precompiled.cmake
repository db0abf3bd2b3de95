# The headers of the standard library, Boost and GoogleTest that nearly every unit reads are compiled once, for all folders:
# half the time of a cold build. Each file still includes what it uses.
set(CROFT_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <deque> <filesystem> <fstream> <functional> <future> <map>
  <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <boost/json.hpp> <boost/asio/awaitable.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
  <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)

# croft_precompile(TARGET HEADER...): an object library that holds nothing but the precompiled headers.
function(croft_precompile target)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "" @ONLY)
  add_library(${target} OBJECT ${source})
  target_link_libraries(${target} PRIVATE croft_libraries)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

croft_precompile(croft_precompiled ${CROFT_PRECOMPILED_HEADERS})
# Folders that no message passes through are compiled for size in a release. Under a sanitizer, where instrumented code takes
# the optimizer longest, those whose tests are quick are not optimized at all: a third of that build's time.
set(CROFT_SMALL_FOLDERS cfn cli console device lambda)
set(CROFT_SMALL_OPTIONS)
set(CROFT_SMALL_PRECOMPILED croft_precompiled)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CROFT_SMALL_OPTIONS -Os)
elseif(CROFT_ASAN OR CROFT_TSAN)
  list(APPEND CROFT_SMALL_FOLDERS app gateway identity remote rules services things)
  set(CROFT_SMALL_OPTIONS -O0)
endif()
if(CROFT_SMALL_OPTIONS)
  set(CROFT_SMALL_PRECOMPILED croft_precompiled_small)
  croft_precompile(croft_precompiled_small ${CROFT_PRECOMPILED_HEADERS})
  target_compile_options(croft_precompiled_small PRIVATE ${CROFT_SMALL_OPTIONS})
endif()

# Tests are compiled without optimization: their units are run once and their code is large.
set(CROFT_TEST_OPTIONS -O0)
croft_precompile(croft_precompiled_test ${CROFT_PRECOMPILED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
target_link_libraries(croft_precompiled_test PRIVATE GTest::gmock)   # options and definitions are those of the test programs
target_compile_options(croft_precompiled_test PRIVATE ${CROFT_TEST_OPTIONS})
