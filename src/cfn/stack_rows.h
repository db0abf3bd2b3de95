// Stacks as JSON rows. What to_row() made, the other direction reads back equal.
#pragma once

#include "cfn/stack.h"
#include "text/json.h"

namespace croft::cfn {

json::object to_row(const Stack& stack);  // without source, previous and resources, which have rows of their own
json::object to_row(const StackSource& source);
json::object to_row(const StackResource& resource);
json::object to_row(const StackEvent& event);

Stack stack_of(const json::object& row);
StackSource source_of(const json::object& row);
StackResource resource_of(const json::object& row);
StackEvent event_of(const json::object& row);

// Lists as rows and answers have them.
json::array to_json(const std::vector<std::string>& texts);
json::array to_json(const std::vector<Tag>& tags);                     // [{Key, Value}]
json::array to_json(const std::vector<ShownParameter>& parameters);    // [{ParameterKey, ParameterValue}]
std::vector<ShownParameter> shown_parameters_of(const json::object& row);
std::string_view to_text(OnFailure on_failure);  // ROLLBACK, DO_NOTHING, DELETE
OnFailure on_failure_of(std::string_view text);

}  // namespace croft::cfn
