#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace croft::trace {

// Names one trace. As text it is the Root of AWS X-Ray's tracing header: "1-", the second in which it began in 8 hex
// digits, "-", 24 more. All zero: not traced.
// Source: AWS X-Ray developer guide, "Tracing header".
class Id {
 public:
  static constexpr std::size_t size = 16;

  Id() = default;
  // From bytes(); of another length it is the zero one.
  explicit Id(std::string_view bytes) {
    if (bytes.size() == size) std::memcpy(bytes_.data(), bytes.data(), size);
  }
  static std::optional<Id> parse(std::string_view text);

  explicit operator bool() const {
    std::uint64_t a, b;
    std::memcpy(&a, bytes_.data(), 8);
    std::memcpy(&b, bytes_.data() + 8, 8);
    return (a | b) != 0;
  }
  std::string text() const;
  std::string_view bytes() const { return {bytes_.data(), size}; }
  friend bool operator==(const Id&, const Id&) = default;

 private:
  std::array<char, size> bytes_{};
};

struct IdHash {
  std::size_t operator()(const Id& id) const { return std::hash<std::string_view>()(id.bytes()); }
};

// A step's place in its trace.
using StepNumber = std::uint16_t;
inline constexpr StepNumber no_step = UINT16_MAX;

// X-Amzn-Trace-Id: which trace, and which of its steps asks. "Root=1-…;Parent=<16 hex digits>;Sampled=1". Parent is made
// of the trace's last six bytes and the step's number, so that it is read back without being kept.
struct Header {
  Id id;
  StepNumber step = no_step;

  std::string text() const;
  // Nothing for a header that names no trace. A Parent that is not of that trace is no_step.
  static std::optional<Header> parse(std::string_view text);
};

}  // namespace croft::trace
