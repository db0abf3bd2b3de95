#include "types/assert.h"

#include <cstdio>
#include <cstdlib>

namespace croft {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "croft: broken invariant at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace croft
