// AWS::CloudFormation::WaitConditionHandle: nothing but a name, often used as a placeholder for an empty stack.
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema handle_schema = {.type = "AWS::CloudFormation::WaitConditionHandle",
                                      .service = "CloudFormation",
                                      .name_property = "",
                                      .name_rule = {},
                                      .properties = {},
                                      .attributes = {}};

class WaitConditionHandle final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return handle_schema; }
  Task<CallResult> create(const ResourceStep&) const override { co_return json::object(); }
  Task<CallResult> update(const ResourceStep&) const override { co_return json::object(); }
  Task<Result<void>> erase(const ResourceStep&) const override { co_return Result<void>(); }
};

}  // namespace

std::unique_ptr<ResourceProvider> wait_condition_handle() { return std::make_unique<WaitConditionHandle>(); }

}  // namespace croft::cfn
