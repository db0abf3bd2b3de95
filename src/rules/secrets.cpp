#include "rules/secrets.h"

#include "text/encoding.h"

namespace croft::rules {

static Result<sql::External::Secret> secret_from(std::string_view body) {
  const Error unreadable{"RuleExecutionFailure", "the answer of Secrets Manager cannot be read", 500};
  const auto document = json::parse(body);
  if (!document || !document->is_object()) return unreadable;
  sql::External::Secret secret;
  const json::value* text = json::find(document->get_object(), "SecretString");
  if (text && text->is_string()) secret.string = std::string(text->get_string());
  const json::value* binary = json::find(document->get_object(), "SecretBinary");
  if (binary && binary->is_string()) secret.binary = text::from_base64(std::string_view(binary->get_string()));
  if (!secret.string && !secret.binary) return unreadable;
  return secret;
}

Task<Result<sql::External::Secret>> current_secret(remote::RemoteServices& services, Shard& shard, std::string id) {
  const json::object input{{"SecretId", std::move(id)}};
  remote::Request request = remote::json_request("1.1", "secretsmanager.GetSecretValue", input);
  auto answer = co_await services.call(shard, "secretsmanager", std::move(request));
  if (!answer) co_return answer.error();
  co_return secret_from(answer->body);
}

}  // namespace croft::rules
