// What a table has by operations of its own: resource policies, of it and of its stream, and Contributor Insights.
#pragma once

#include "cfn/provider.h"

namespace croft::cfn {

// Whether the properties for them hold what they must. To be asked before the table is made.
Result<void> check_attachments(const json::object& properties);

// Makes them what `step` wants, from what `before` says that they are. `table` is DescribeTable's, of a table that is ready
// with its indexes and its stream. May be repeated.
Task<Result<void>> update_attachments(const ResourceStep& step, const json::object& before, const json::object& table);

}  // namespace croft::cfn
