// The Parameters section: its declarations, and the values a stack is given for them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// One declaration. Numbers of the template (Default: 5) are kept as their text.
struct Parameter {
  std::string name;
  std::string type;  // String, Number, List<Number>, CommaDelimitedList, AWS::X::Y::Z, List<AWS::X::Y::Z>
  std::string description;
  std::optional<std::string> default_value;
  bool no_echo = false;
  std::vector<std::string> allowed_values;
  std::string allowed_pattern;         // "" for none; must match the whole value
  std::string constraint_description;  // replaces the constraint in the refusal
  std::optional<double> min_value, max_value;
  std::optional<std::int64_t> min_length, max_length;

  bool is_list() const;
};

// What `Ref` of a parameter yields: a string (Numbers too, spelt as given), or an array of strings for the list
// types.
using ParameterValues = std::map<std::string, json::value, std::less<>>;

// The declarations in their order. Refused: unknown types and members, AWS::SSM::Parameter::* types.
Result<std::vector<Parameter>> read_parameters(const json::object& section);

// `given` is the request's ParameterKey to ParameterValue (with UsePreviousValue already replaced by the stack's
// value). ValidationError: "Parameters: [A, B] must have values", "Parameters: [C] do not exist in the template", or
// the first constraint that a value breaks.
Result<ParameterValues> bind_parameters(const std::vector<Parameter>& declared,
                                        const std::map<std::string, std::string, std::less<>>& given);

}  // namespace croft::cfn
