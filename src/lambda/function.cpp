#include "lambda/function.h"

#include "lambda/function_name.h"
#include "text/time.h"

namespace croft::lambda {
namespace {

constexpr int row_version = 1;

// 2026-11-22T20:09:01.123+0000, the form of LastModified.
std::string last_modified_text(Timestamp t) {
  std::string text = text::iso8601(t);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

json::object object_or_empty(const json::object& o, std::string_view name) {
  const json::value* member = json::find(o, name);
  return member && member->is_object() ? member->get_object() : json::object();
}

}  // namespace

json::object configuration(const Function& f, const Instance& instance, bool qualified) {
  json::object out = f.shown;
  std::string arn = function_arn(instance, f.name);
  out["FunctionName"] = f.name;
  out["FunctionArn"] = qualified ? arn + ":$LATEST" : arn;
  out["Runtime"] = f.runtime;
  out["Role"] = f.role;
  if (!f.handler.empty()) out["Handler"] = f.handler;
  out["CodeSize"] = f.code_bytes;
  out["Description"] = f.description;
  out["Timeout"] = f.timeout_s;
  out["MemorySize"] = f.memory_mb;
  out["LastModified"] = last_modified_text(f.last_modified);
  out["CodeSha256"] = f.code_sha256;
  out["Version"] = "$LATEST";
  if (!f.environment.empty()) out["Environment"] = json::object{{"Variables", f.environment}};
  out["TracingConfig"] = json::object{{"Mode", f.tracing}};
  out["RevisionId"] = f.revision_id;
  out["State"] = "Active";
  out["LastUpdateStatus"] = "Successful";
  out["PackageType"] = "Zip";
  out["Architectures"] = json::array{f.architecture};
  out["EphemeralStorage"] = json::object{{"Size", f.storage_mb}};
  out["SnapStart"] = json::object{{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}};
  out["RuntimeVersionConfig"] = json::object{
      {"RuntimeVersionArn", "arn:" + instance.partition + ":lambda:" + instance.region + "::runtime:" + f.runtime}};
  if (!out.contains("LoggingConfig")) {
    out["LoggingConfig"] = json::object{{"LogFormat", "Text"}, {"LogGroup", "/aws/lambda/" + f.name}};
  }
  return out;
}

std::string to_row(const Function& f) {
  json::object row{{"v", row_version},
                   {"name", f.name},
                   {"runtime", f.runtime},
                   {"role", f.role},
                   {"handler", f.handler},
                   {"description", f.description},
                   {"timeout_s", f.timeout_s},
                   {"memory_mb", f.memory_mb},
                   {"storage_mb", f.storage_mb},
                   {"architecture", f.architecture},
                   {"tracing", f.tracing},
                   {"environment", f.environment},
                   {"shown", f.shown},
                   {"code_sha256", f.code_sha256},
                   {"code_bytes", f.code_bytes},
                   {"last_modified_ms", f.last_modified.ms},
                   {"revision_id", f.revision_id},
                   {"generation", f.generation},
                   {"tags", f.tags},
                   {"statements", f.statements}};
  if (f.reserved_concurrency) row["reserved_concurrency"] = *f.reserved_concurrency;
  return json::dump(row);
}

Result<Function> from_row(std::string_view row) {
  Result<json::value> parsed = json::parse(row);
  if (!parsed || !parsed->is_object() || json::int_or(parsed->get_object(), "v", 0) != row_version) {
    return Error{"StoreFormat", "a function row is of an unknown form", 500};
  }
  const json::object& o = parsed->get_object();
  Function f;
  f.name = json::string_or(o, "name", "");
  f.runtime = json::string_or(o, "runtime", "");
  f.role = json::string_or(o, "role", "");
  f.handler = json::string_or(o, "handler", "");
  f.description = json::string_or(o, "description", "");
  f.timeout_s = json::int_or(o, "timeout_s", f.timeout_s);
  f.memory_mb = json::int_or(o, "memory_mb", f.memory_mb);
  f.storage_mb = json::int_or(o, "storage_mb", f.storage_mb);
  f.architecture = json::string_or(o, "architecture", f.architecture);
  f.tracing = json::string_or(o, "tracing", f.tracing);
  f.environment = object_or_empty(o, "environment");
  f.shown = object_or_empty(o, "shown");
  f.code_sha256 = json::string_or(o, "code_sha256", "");
  f.code_bytes = json::int_or(o, "code_bytes", 0);
  f.last_modified = {json::int_or(o, "last_modified_ms", 0)};
  f.revision_id = json::string_or(o, "revision_id", "");
  f.generation = json::int_or(o, "generation", 0);
  if (json::find(o, "reserved_concurrency")) f.reserved_concurrency = json::int_or(o, "reserved_concurrency", 0);
  f.tags = object_or_empty(o, "tags");
  const json::value* statements = json::find(o, "statements");
  if (statements && statements->is_array()) f.statements = statements->get_array();
  return f;
}

std::string policy_document(const Function& f) {
  if (f.statements.empty()) return {};
  return json::dump(json::object{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", f.statements}});
}

}  // namespace croft::lambda
