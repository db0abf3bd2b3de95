#include <algorithm>
#include <set>

#include "cfn/blueprint.h"
#include "cfn/errors.h"
#include "cfn/sam.h"
#include "cfn/stack_rows.h"
#include "services/cloudformation/operations.h"
#include "services/cloudformation/replies.h"
#include "services/cloudformation/request_reader.h"

namespace croft::services::cloudformation {
namespace {

// What a stack or change set was asked to be made from.
const cfn::StackSource& source_asked_for(Deployer& deployer, const Call& call) {
  const std::string change_set = text(call, "ChangeSetName");
  if (!change_set.empty()) return deployer.find_change_set(change_set, text(call, "StackName")).value()->source;
  return deployer.find_stack(required_text(call, "StackName")).value()->source;
}

json::array resource_types(const cfn::Template& t) {
  std::set<std::string> types;
  for (const cfn::Resource& resource : t.resources) types.insert(resource.type);
  return cfn::to_json(std::vector<std::string>(types.begin(), types.end()));
}

// What a transform makes of a template may have other resources; nobody's request runs it here.
void check_references(const cfn::Draft& draft) {
  if (draft.written.transforms.empty()) cfn::check_references(draft.written).value();
}

}  // namespace

Task<Reply> get_template(Deployer& deployer, Call& call) {
  const std::string stage = text(call, "TemplateStage");
  const cfn::StackSource& source = source_asked_for(deployer, call);
  Reply reply;
  const bool is_processed = stage == "Processed" && !source.template_body.empty();
  reply.output["TemplateBody"] = is_processed ? deployer.processed(source).value() : source.template_body;
  reply.output["StagesAvailable"] = json::array{"Original", "Processed"};
  co_return reply;
}

Task<Reply> get_template_summary(Deployer& deployer, Call& call) {
  std::string body;
  if (call.input.contains("StackName")) {
    body = source_asked_for(deployer, call).template_body;
  } else {
    cfn::TemplateChoice choice = template_choice(call);
    auto given = co_await deployer.template_text(std::move(choice));
    body = given.value();
  }
  Reply reply;
  reply.output["Parameters"] = json::array();
  if (body.empty()) co_return reply;  // a stack in REVIEW_IN_PROGRESS has no template yet
  const cfn::Draft draft = cfn::read_draft(body).value();
  check_references(draft);
  reply.output["Parameters"] = parameter_declarations(draft.written, true);
  if (!draft.written.description.empty()) reply.output["Description"] = draft.written.description;
  add_requirements(draft.written, reply.output);
  reply.output["ResourceTypes"] = resource_types(draft.written);
  reply.output["Version"] = "2010-09-09";
  if (!draft.written.metadata.empty()) reply.output["Metadata"] = json::dump(draft.written.metadata);
  co_return reply;
}

Task<Reply> validate_template(Deployer& deployer, Call& call) {
  cfn::TemplateChoice choice = template_choice(call);
  auto body = co_await deployer.template_text(std::move(choice));
  const cfn::Draft draft = cfn::read_draft(body.value()).value();
  check_references(draft);
  Reply reply;
  reply.output["Parameters"] = parameter_declarations(draft.written, false);
  if (!draft.written.description.empty()) reply.output["Description"] = draft.written.description;
  add_requirements(draft.written, reply.output);
  co_return reply;
}

}  // namespace croft::services::cloudformation
