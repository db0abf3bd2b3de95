#include <thread>

#include "cli/cloudformation.h"
#include "cli/commands.h"
#include "cli/packaging.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

constexpr std::size_t template_body_bytes_max = 51'200;  // AWS CloudFormation quotas: a template in the request

Result<std::string> account_id(const AwsApi& api) {
  auto answer = api.query("sts", "2011-06-15", "GetCallerIdentity", {});
  if (!answer) return answer.error();
  return answer->at("Account");
}

// The bucket for artifacts: the one that was named, or croft's own of this account.
Result<std::string> artifact_bucket(const AwsApi& api, const DeployOptions& options) {
  if (!options.bucket.empty()) return options.bucket;
  auto account = account_id(api);
  if (!account) return account.error();
  const std::string bucket = "croft-artifacts-" + *account;
  if (auto made = make_bucket(api, bucket); !made) return made.error();
  return bucket;
}

// TemplateBody, or TemplateURL for what is too large for a request.
Result<Parameters> template_parameters(const AwsApi& api, const DeployOptions& options) {
  auto needed = needs_bucket(options.template_file);
  if (!needed) return needed.error();
  ArtifactPlace place;
  if (*needed) {
    auto bucket = artifact_bucket(api, options);
    if (!bucket) return bucket.error();
    place.bucket = *bucket;
  }
  auto packaged = package_template(api, options.template_file, place);
  if (!packaged) return packaged.error();
  for (const std::string& key : packaged->uploaded) print_line("Code is at s3://" + place.bucket + "/" + key);
  if (packaged->text.size() <= template_body_bytes_max) return Parameters{{"TemplateBody", packaged->text}};

  auto bucket = artifact_bucket(api, options);
  if (!bucket) return bucket.error();
  auto key = upload(api, {*bucket, ""}, packaged->text, ".template");
  if (!key) return key.error();
  return Parameters{{"TemplateURL", api.place().gateway + "/" + *bucket + "/" + *key}};
}

// KEY=VALUE arguments as NAME.member.N.{KeyName,ValueName}.
Result<void> append_pairs(const std::vector<std::string>& pairs, const std::string& list, const std::string& key_name,
                          const std::string& value_name, Parameters& out) {
  std::size_t n = 0;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) return Error{"InvalidOptions", "'" + pair + "' is not KEY=VALUE"};
    const std::string member = list + ".member." + std::to_string(++n) + ".";
    out.emplace_back(member + key_name, pair.substr(0, equals));
    out.emplace_back(member + value_name, pair.substr(equals + 1));
  }
  return {};
}

// Parameters that were not named keep their values when a stack is updated.
Result<void> append_previous(const AwsApi& api, const DeployOptions& options, Parameters& out) {
  auto summary = cloudformation(api, "GetTemplateSummary", {{"StackName", options.stack}});
  if (!summary) return summary.error();
  std::size_t n = options.parameters.size();
  for (const XmlElement* parameter : summary->members("Parameters")) {
    const std::string key = parameter->at("ParameterKey");
    bool is_named = false;
    for (const std::string& pair : options.parameters) is_named = is_named || pair.starts_with(key + "=");
    if (is_named) continue;
    const std::string member = "Parameters.member." + std::to_string(++n) + ".";
    out.emplace_back(member + "ParameterKey", key);
    out.emplace_back(member + "UsePreviousValue", "true");
  }
  return {};
}

struct ChangeSet {
  std::string id, stack_id;
  bool is_empty = false;
};

// Waits until the change set can be executed. Error: ChangeSetFailed with the reason.
Result<ChangeSet> await_change_set(const AwsApi& api, ChangeSet change_set) {
  const MonoTime began = MonoTime::now();
  while (MonoTime::now().ms - began.ms < limits::call_max.count()) {
    auto answer = cloudformation(api, "DescribeChangeSet",
                                 {{"ChangeSetName", change_set.id}, {"StackName", change_set.stack_id}});
    if (!answer) return answer.error();
    const std::string status = answer->at("Status"), reason = answer->at("StatusReason");
    if (status == "CREATE_COMPLETE") return change_set;
    if (status == "FAILED") {
      change_set.is_empty = reason.find("didn't contain changes") != std::string::npos ||
                            reason.find("No updates are to be performed") != std::string::npos;
      if (change_set.is_empty) return change_set;
      return Error{"ChangeSetFailed", reason};
    }
    std::this_thread::sleep_for(limits::poll_interval);
  }
  return Error{"DeploymentTimeout", "the change set is not ready"};
}

Result<ChangeSet> create_change_set(const AwsApi& api, const DeployOptions& options, bool is_update,
                                    Parameters parameters) {
  parameters.emplace_back("StackName", options.stack);
  parameters.emplace_back("ChangeSetName", "croft-deploy-" + std::to_string(Timestamp::now().ms));
  parameters.emplace_back("ChangeSetType", is_update ? "UPDATE" : "CREATE");
  parameters.emplace_back("Description", "Created by croft deploy");
  for (std::size_t i = 0; i < options.capabilities.size(); ++i) {
    parameters.emplace_back("Capabilities.member." + std::to_string(i + 1), options.capabilities[i]);
  }
  if (auto ok = append_pairs(options.parameters, "Parameters", "ParameterKey", "ParameterValue", parameters); !ok)
    return ok.error();
  if (auto ok = append_pairs(options.tags, "Tags", "Key", "Value", parameters); !ok) return ok.error();
  if (is_update) {
    if (auto ok = append_previous(api, options, parameters); !ok) return ok.error();
  }
  auto answer = cloudformation(api, "CreateChangeSet", parameters);
  if (!answer) return answer.error();
  return await_change_set(api, {answer->at("Id"), answer->at("StackId"), false});
}

void print_outputs(const StackView& stack) {
  if (stack.outputs.empty()) return;
  TextTable view({"OUTPUT", "VALUE", "DESCRIPTION"});
  for (const StackOutput& output : stack.outputs) {
    view.add({{shown(output.key), false, Colour::bold}, {shown(output.value)}, {shown(output.description)}});
  }
  print_line("\n" + view.text());
}

int conclude(const AwsApi& api, const DeployOptions& options, const StackProgress& progress,
             const std::string& status) {
  const bool good = status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE";
  if (!good) return fail({"DeploymentFailed", options.stack + " is " + status + ". " + progress.failure()});
  auto stacks = describe_stacks(api, options.stack);
  if (!stacks) return fail(stacks.error());
  print_line(painted(Colour::green, "Deployed " + shown(options.stack)));
  if (!stacks->empty()) print_outputs(stacks->front());
  return 0;
}

Result<bool> exists(const AwsApi& api, const std::string& stack) {
  auto stacks = describe_stacks(api, stack);
  if (!stacks) return stacks.error();
  return !stacks->empty() && stacks->front().status != "REVIEW_IN_PROGRESS";
}

}  // namespace

int deploy(const DeployOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto parameters = template_parameters(api, options);
  if (!parameters) return fail(parameters.error());
  auto is_update = exists(api, options.stack);
  if (!is_update) return fail(is_update.error());
  auto change_set = create_change_set(api, options, *is_update, std::move(*parameters));
  if (!change_set) return fail(change_set.error());
  if (change_set->is_empty) {
    print_line("No changes: " + shown(options.stack) + " is as the template says.");
    return 0;
  }
  StackProgress progress(api, change_set->stack_id);
  progress.skip_past();
  auto executed = cloudformation(api, "ExecuteChangeSet",
                                 {{"ChangeSetName", change_set->id}, {"StackName", change_set->stack_id}});
  if (!executed) return fail(executed.error());
  auto status = progress.follow();
  if (!status) return fail(status.error());
  return conclude(api, options, progress, *status);
}

}  // namespace croft::cli
