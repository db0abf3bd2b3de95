// A template with its values bound: all that can be known before a resource is touched.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cfn/graph.h"
#include "cfn/intrinsics.h"
#include "cfn/provider_set.h"
#include "cfn/stack.h"
#include "cfn/template.h"
#include "types/result.h"

namespace croft::cfn {

using ImportValue = std::function<Result<json::value>(std::string_view export_name)>;

// The template as it was written, checked as far as its transform allows.
struct Draft {
  json::object document;
  Template written;
};
Result<Draft> read_draft(std::string_view body);

struct Blueprint {
  json::object document;  // after the transform: what GetTemplate calls Processed
  Template plan;
  Scope scope;            // without ref and get_att
  Graph graph;

  // Logical ids, each after those that it needs.
  std::vector<std::string> creation_order() const;
};

// ValidationError for what a stack of `draft` could not be made from: a failing transform, references to nothing,
// resource types and attributes that croft does not know, code that was not uploaded.
Result<Blueprint> draw(const Draft& draft, const ParameterTexts& parameters, const StackIdentity& identity,
                       const ImportValue& import_value, const ProviderSet& providers);

// What the draft's parameters are bound to: `given`, or their defaults. ValidationError as bind_parameters().
Result<ParameterTexts> bound_texts(const Template& written, const ParameterTexts& given);
std::vector<ShownParameter> shown_parameters(const Template& written, const ParameterTexts& bound);

// InsufficientCapabilitiesException "Requires capabilities : [CAPABILITY_IAM]" unless `given` has what `t` asks for.
Result<void> check_capabilities(const std::vector<std::string>& required, const std::vector<std::string>& given);

// The outputs whose condition holds. `scope` knows the resources.
Result<std::vector<StackOutput>> outputs_of(const Template& t, const Scope& scope);

// The changes that going from one to the other makes, and whether the outputs differ.
struct Difference {
  std::vector<Change> changes;
  bool has_other_outputs = false;

  bool is_empty() const { return changes.empty() && !has_other_outputs; }
};
Result<Difference> difference(const Blueprint* current, const Blueprint& wanted, const ProviderSet& providers);

}  // namespace croft::cfn
