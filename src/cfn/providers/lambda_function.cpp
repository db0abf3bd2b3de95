// AWS::Lambda::Function
#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"
#include "lambda/archive.h"
#include "shard/shard.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

const ResourceSchema function_schema = {
    .type = "AWS::Lambda::Function",
    .service = "Lambda",
    .name_property = "FunctionName",
    .name_rule = {.length_max = 64},
    .properties = {{"Architectures", Kind::list},
                   {"Code", Kind::map, Replacement::no, true},
                   {"CodeSigningConfigArn", Kind::text},
                   {"DeadLetterConfig", Kind::map},
                   {"Description", Kind::text},
                   {"Environment", Kind::map},
                   {"EphemeralStorage", Kind::map},
                   {"FileSystemConfigs", Kind::list},
                   {"FunctionName", Kind::text, Replacement::yes},
                   {"Handler", Kind::text},
                   {"ImageConfig", Kind::map},
                   {"KmsKeyArn", Kind::text},
                   {"Layers", Kind::list},
                   {"LoggingConfig", Kind::map},
                   {"MemorySize", Kind::integer},
                   {"PackageType", Kind::text, Replacement::yes},
                   {"RecursiveLoop", Kind::text},
                   {"ReservedConcurrentExecutions", Kind::integer},
                   {"Role", Kind::text, Replacement::no, true},
                   {"Runtime", Kind::text},
                   {"RuntimeManagementConfig", Kind::map},
                   {"SnapStart", Kind::map},
                   {"Tags", Kind::list},
                   {"Timeout", Kind::integer},
                   {"TracingConfig", Kind::map},
                   {"VpcConfig", Kind::map}},
    .attributes = {"Arn"},
};

// Members that CreateFunction and UpdateFunctionConfiguration spell as the template does.
constexpr std::initializer_list<std::string_view> configuration = {
    "DeadLetterConfig", "Description", "EphemeralStorage", "FileSystemConfigs", "Handler",
    "ImageConfig",      "Layers",      "LoggingConfig",    "MemorySize",        "Role",
    "Runtime",          "SnapStart",   "Timeout",          "TracingConfig",     "VpcConfig"};

constexpr std::initializer_list<std::string_view> not_found = {"ResourceNotFoundException"};

json::object configuration_input(const ResourceStep& step) {
  json::object input{{"FunctionName", step.id}};
  copy_members(step.properties, configuration, input);
  const Spelling spelling = {.integers = {"Size"}, .booleans = {}};
  if (input.contains("EphemeralStorage")) input["EphemeralStorage"] = spelled(input["EphemeralStorage"], spelling);
  if (const json::value* key = json::find(step.properties, "KmsKeyArn")) input["KMSKeyArn"] = *key;
  if (step.properties.contains("Environment")) {
    const json::object environment = map_of(step.properties, "Environment");
    input["Environment"] = single("Variables", text_members(map_of(environment, "Variables")));
  }
  return input;
}

// A property that the template no longer has goes back to what a new function would have.
void reset_removed(const ResourceStep& step, json::object& input) {
  const json::object defaults = {{"Description", ""},
                                 {"Environment", single("Variables", json::object())},
                                 {"MemorySize", 128},
                                 {"Timeout", 3},
                                 {"Layers", json::array()},
                                 {"DeadLetterConfig", single("TargetArn", "")},
                                 {"TracingConfig", single("Mode", "PassThrough")},
                                 {"EphemeralStorage", single("Size", 512)}};
  for (const auto& [name, value] : defaults) {
    if (step.previous.contains(name) && !step.properties.contains(name)) input[name] = value;
  }
}

// The Code property as CreateFunction takes it: inline text becomes the zip of its one file.
Result<json::object> code_input(const json::object& properties) {
  const json::object code = map_of(properties, "Code");
  json::object input;
  copy_members(code, {"S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri"}, input);
  if (const json::value* text = json::find(code, "ZipFile"); text && text->is_string()) {
    auto zip = lambda::zip_inline_code(json::string_or(properties, "Runtime", ""), str(text->get_string()));
    if (!zip) return zip.error();
    input["ZipFile"] = text::base64(*zip);
  }
  return input;
}

class LambdaFunction final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return function_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    auto found = co_await configuration_of(step);
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    auto code = code_input(step.properties);
    if (!code) co_return code.error();
    json::object input = configuration_input(step);
    input["Code"] = std::move(*code);
    copy_members(step.properties, {"Architectures", "CodeSigningConfigArn", "PackageType"}, input);
    if (step.properties.contains("Tags")) input["Tags"] = tag_map(list_of(step.properties, "Tags"));
    auto made = co_await call(step, "lambda", "CreateFunction", std::move(input));
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"ResourceConflictException"});
    if (!made && !was_made_before) co_return made.error();
    auto extras = co_await change_extras(step);
    if (!extras) co_return extras.error();
    auto attributes = co_await until_ready(step);
    co_return attributes;
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    const bool is_inline = map_of(step.properties, "Code").contains("ZipFile");
    const bool is_code_changed = differs(step.previous, step.properties, {"Code", "Architectures"}) ||
                                 (is_inline && differs(step.previous, step.properties, {"Runtime"}));
    if (is_code_changed) {
      auto input = code_input(step.properties);
      if (!input) co_return input.error();
      (*input)["FunctionName"] = step.id;
      copy_members(step.properties, {"Architectures"}, *input);
      auto done = co_await call(step, "lambda", "UpdateFunctionCode", std::move(*input));
      if (!done) co_return done;
      auto ready = co_await until_ready(step);
      if (!ready) co_return ready;
    }
    if (differs(step.previous, step.properties, configuration) ||
        differs(step.previous, step.properties, {"Environment", "KmsKeyArn"})) {
      json::object input = configuration_input(step);
      reset_removed(step, input);
      auto done = co_await call(step, "lambda", "UpdateFunctionConfiguration", std::move(input));
      if (!done) co_return done;
    }
    auto extras = co_await change_extras(step);
    if (!extras) co_return extras.error();
    auto tags = co_await change_tags(step);
    if (!tags) co_return tags.error();
    auto attributes = co_await until_ready(step);
    co_return attributes;
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"FunctionName", step.id}};
    auto deleted = co_await call(step, "lambda", "DeleteFunction", std::move(input));
    co_return gone(deleted, not_found);
  }

 private:
  static Task<CallResult> configuration_of(const ResourceStep& step) {
    json::object input{{"FunctionName", step.id}};
    auto found = co_await call(step, "lambda", "GetFunctionConfiguration", std::move(input));
    co_return found;
  }

  // The attributes, once the function can be invoked and updated.
  static Task<CallResult> until_ready(const ResourceStep& step) {
    for (int turn = 0;; ++turn) {
      auto found = co_await configuration_of(step);
      if (!found) co_return found;
      const bool is_busy = json::string_or(*found, "State", "") == "Pending" ||
                           json::string_or(*found, "LastUpdateStatus", "") == "InProgress";
      if (!is_busy || turn == settle_turns_max) {
        json::object attributes;
        if (const json::value* arn = json::find(*found, "FunctionArn")) attributes["Arn"] = *arn;
        co_return attributes;
      }
      co_await sleep_for(settle_turn);
    }
  }

  // What has operations of its own: reserved concurrency, and what croft has nothing for.
  static Task<Result<void>> change_extras(const ResourceStep& step) {
    for (std::string_view name : {"RecursiveLoop", "RuntimeManagementConfig"}) {
      if (differs(step.previous, step.properties, {name})) co_return not_supported(function_schema.type, name);
    }
    if (!differs(step.previous, step.properties, {"ReservedConcurrentExecutions"})) co_return Result<void>();
    const json::value* reserved = json::find(step.properties, "ReservedConcurrentExecutions");
    json::object input{{"FunctionName", step.id}};
    if (reserved) input["ReservedConcurrentExecutions"] = *reserved;
    const char* operation = reserved ? "PutFunctionConcurrency" : "DeleteFunctionConcurrency";
    auto done = co_await call(step, "lambda", operation, std::move(input));
    if (!done) co_return done.error();
    co_return Result<void>();
  }

  static Task<Result<void>> change_tags(const ResourceStep& step) {
    TagChange change = tag_change(step.previous, step.properties);
    const std::string arn = step.instance.arn("lambda", "function:" + step.id);
    if (!change.removed.empty()) {
      json::object input{{"Resource", arn}, {"tagKeys", text_array(change.removed)}};
      auto done = co_await call(step, "lambda", "UntagResource", std::move(input));
      if (!done) co_return done.error();
    }
    if (!change.set.empty()) {
      json::object input{{"Resource", arn}, {"Tags", tag_map(change.set)}};
      auto done = co_await call(step, "lambda", "TagResource", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> lambda_function() { return std::make_unique<LambdaFunction>(); }

}  // namespace croft::cfn
