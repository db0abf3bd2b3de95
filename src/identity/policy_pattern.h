#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/policy_variables.h"

namespace croft::identity {

// One text of a policy, compiled: literals, `*` (any run of characters, also '/'), `?` (one character) and
// `${variables}`. The substituted value of a variable is always literal, whatever it contains; `${*}`, `${?}` and
// `${$}` are those characters. MQTT's `+` and `#` mean nothing here.
//
// Threads: immutable, any. Cost: linear in practice, at worst pattern times text; no allocation unless the pattern
// has more than 16 pieces with variables.
class PolicyPattern {
 public:
  enum class Syntax : std::uint8_t {
    literal,             // every character stands for itself
    wildcards,           // Action
    variables,           // StringEquals
    wildcards_variables  // Resource, StringLike
  };
  enum class Case : std::uint8_t { sensitive, insensitive };  // insensitive: of ASCII letters
  // unresolved: a variable of the pattern has no value, so nothing can be said.
  enum class Match : std::uint8_t { no, yes, unresolved };

  PolicyPattern(std::string_view text, Syntax syntax, Case letters = Case::sensitive);

  // `mqtt_safe`: a value that contains `+` or `#` counts as unresolved. For topic filters, where the device would
  // otherwise get its own id read as a wildcard by the broker.
  Match match(std::string_view text, const PolicyVariables& variables, bool mqtt_safe = false) const;

 private:
  enum class Kind : std::uint8_t { literal, variable, any_character, any_run };
  struct Piece {
    Kind kind;
    std::string text;  // the literal, or the variable's normal name
  };
  struct Step {
    Kind kind;
    std::string_view literal;
  };

  void add_literal(std::string_view text);
  bool run(const Step* steps, std::size_t count, std::string_view text) const;
  bool starts(std::string_view text, std::string_view literal) const;

  std::vector<Piece> pieces_;
  Case case_;
  bool has_variables_ = false;
};

}  // namespace croft::identity
