#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/value.h"

namespace croft::sql {

// What an evaluation came to, for people: a step for each expression that was computed, before the steps of its
// parts. Literals and the inside of paths are no steps.
class Trace {
 public:
  struct Step {
    int depth = 0;
    std::string clause;  // "SET @x", "WHERE" or "SELECT" at depth 0
    std::string expression;
    std::string value;  // JSON text, "undefined" or "failed"
  };

  // The clause of the steps at depth 0 from here on.
  void begin(std::string clause) { clause_ = std::move(clause); }
  // Each enter() is followed by its leave().
  std::size_t enter(std::string expression);
  void leave(std::size_t place, std::string_view value);
  void leave(std::size_t place, const Value& value, SqlVersion version);

  const std::vector<Step>& steps() const { return steps_; }
  // There were more steps than are kept.
  bool is_cut() const { return is_cut_; }

 private:
  std::vector<Step> steps_;
  std::string clause_;
  int depth_ = 0;
  bool is_cut_ = false;
};

}  // namespace croft::sql
