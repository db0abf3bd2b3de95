#include "lambda/environment.h"

#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::lambda {
namespace {

class Variables {
 public:
  void set(std::string_view name, std::string_view value) {
    out_.push_back(std::string(name) + "=" + std::string(value));
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

void set_function(Variables& out, const Function& f, const WorkerPlace& place) {
  out.set("AWS_LAMBDA_FUNCTION_NAME", f.name);
  out.set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
  out.set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(f.memory_mb));
  out.set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + f.name);
  out.set("AWS_LAMBDA_LOG_STREAM_NAME", place.log_stream);
  out.set("AWS_LAMBDA_RUNTIME_API", place.runtime_api);
  out.set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  out.set("AWS_EXECUTION_ENV", "AWS_Lambda_" + f.runtime);
  out.set("_HANDLER", f.handler);
  out.set("LAMBDA_TASK_ROOT", place.code_folder);
  out.set("LAMBDA_RUNTIME_DIR", place.runtime_folder);
}

void set_aws(Variables& out, const Settings& settings, const Credentials& credentials) {
  out.set("AWS_REGION", settings.instance.region);
  out.set("AWS_DEFAULT_REGION", settings.instance.region);
  out.set("AWS_ACCESS_KEY_ID", credentials.access_key_id);
  out.set("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key);
  if (!credentials.session_token.empty()) out.set("AWS_SESSION_TOKEN", credentials.session_token);
  // Looking for an instance's role on a machine that has none would cost each cold start seconds.
  out.set("AWS_EC2_METADATA_DISABLED", "true");
}

}  // namespace

std::string new_log_stream(Timestamp now) {
  std::string date = text::iso8601(now).substr(0, 10);
  date[4] = date[7] = '/';
  return date + "/[$LATEST]" + text::hex(text::random_bytes(16));
}

std::vector<std::string> worker_environment(const Function& f, const Settings& settings,
                                            const Credentials& credentials, const WorkerPlace& place) {
  Variables out;
  set_function(out, f, place);
  set_aws(out, settings, credentials);
  auto unless_given = [&](std::string_view name, const std::string& value) {
    if (!f.environment.contains(name)) out.set(name, value);
  };
  const std::string& code = place.code_folder;
  if (!settings.endpoint_url.empty()) unless_given("AWS_ENDPOINT_URL", settings.endpoint_url);
  unless_given("PATH", code + "/bin:/usr/local/bin:/usr/bin:/bin");
  unless_given("LANG", "en_US.UTF-8");
  unless_given("LC_CTYPE", "C.UTF-8");
  unless_given("TZ", ":UTC");
  unless_given("TMPDIR", place.temporary_folder);
  unless_given("HOME", place.temporary_folder);
  unless_given("PYTHONPATH", code);
  unless_given("LD_LIBRARY_PATH", code + ":" + code + "/lib");
  unless_given("NODE_PATH", code + "/node_modules");
  for (const auto& [name, value] : f.environment) {
    if (value.is_string()) out.set(name, std::string_view(value.get_string()));
  }
  return out.take();
}

}  // namespace croft::lambda
