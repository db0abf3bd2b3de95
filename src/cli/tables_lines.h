#pragma once

#include <memory>
#include <optional>
#include <string>

#include "types/result.h"

namespace croft::cli {

// The lines of a file, as it is or compressed by gzip, as AWS's exports are; "-" is standard input.
class Lines {
 public:
  // Error: FileNotRead.
  static Result<Lines> open(const std::string& file);

  // Without its line end; nothing at the end, and at a failure, which failure() tells then.
  std::optional<std::string> next();
  const std::string& failure() const { return failure_; }
  std::size_t number() const { return number_; }  // of the line that next() gave last, from 1

 private:
  struct Close {
    void operator()(void* file) const;
  };
  explicit Lines(void* file) : file_(file) {}

  std::unique_ptr<void, Close> file_;
  std::size_t number_ = 0;
  std::string failure_;
};

}  // namespace croft::cli
