#pragma once

namespace croft {

// Prints the condition with its place and aborts. Never reachable by outside input: that is an Error.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace croft

// On in every build: a broken invariant stops the process before it can write something wrong.
#define CROFT_ASSERT(condition) \
  ((condition) ? void(0) : ::croft::assertion_failed(#condition, __FILE__, __LINE__))
