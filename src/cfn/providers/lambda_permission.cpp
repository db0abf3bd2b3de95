// AWS::Lambda::Permission: one statement of a function's resource policy, known by its id.
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema permission_schema = {
    .type = "AWS::Lambda::Permission",
    .service = "Lambda",
    .name_property = "",
    .name_rule = {.length_max = 100},
    .properties = {{"Action", Kind::text, Replacement::yes, true},
                   {"EventSourceToken", Kind::text, Replacement::yes},
                   {"FunctionName", Kind::text, Replacement::yes, true},
                   {"FunctionUrlAuthType", Kind::text, Replacement::yes},
                   {"InvokedViaFunctionUrl", Kind::boolean, Replacement::yes},
                   {"Principal", Kind::text, Replacement::yes, true},
                   {"PrincipalOrgID", Kind::text, Replacement::yes},
                   {"SourceAccount", Kind::text, Replacement::yes},
                   {"SourceArn", Kind::text, Replacement::yes}},
    .attributes = {"Id"},
};

class LambdaPermission final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return permission_schema; }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input = step.properties;
    input["StatementId"] = step.id;
    auto made = co_await call(step, "lambda", "AddPermission", std::move(input));
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"ResourceConflictException"});
    if (!made && !was_made_before) co_return made;
    co_return json::object{{"Id", step.id}};
  }

  // Every property replaces it.
  Task<CallResult> update(const ResourceStep& step) const override { co_return json::object{{"Id", step.id}}; }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"StatementId", step.id}};
    copy_members(step.properties, {"FunctionName"}, input);
    auto removed = co_await call(step, "lambda", "RemovePermission", std::move(input));
    co_return gone(removed, {"ResourceNotFoundException"});
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> lambda_permission() { return std::make_unique<LambdaPermission>(); }

}  // namespace croft::cfn
