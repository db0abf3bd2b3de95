#include "cli/provisioning.h"

#include "text/encoding.h"

namespace croft::cli {

namespace {

Result<std::string> account_id(const AwsApi& api) {
  auto answer = api.query("sts", "2011-06-15", "GetCallerIdentity", {});
  if (!answer) return answer.error();
  return answer->at("Account");
}

Result<json::object> iot(const AwsApi& api, std::string method, std::string path, std::string query = {},
                         const json::object& body = {}, net::Headers headers = {}) {
  RestCall call{.service = "iot", .method = std::move(method), .path = std::move(path), .query = std::move(query)};
  if (!body.empty()) call.body = json::dump(body);
  call.headers = std::move(headers);
  return api.rest_json(std::move(call));
}

std::string policy_name(const std::string& device) {
  return device + "-device";
}

Result<void> ensure_policy(const AwsApi& api, const std::string& device) {
  const std::string path = "/policies/" + text::percent_encode(policy_name(device));
  auto there = iot(api, "GET", path);
  if (there) return {};
  if (there.error().http_status != 404) return there.error();
  auto account = account_id(api);
  if (!account) return account.error();
  const json::object policy = device_policy(api.place().region, *account, device);
  auto made = iot(api, "POST", path, "", {{"policyDocument", json::dump(policy)}});
  if (!made) return made.error();
  return {};
}

// Best effort: the first error is the one that counts.
void take_back(const AwsApi& api, const std::string& device, const Provisioned& made) {
  const std::string certificate = "/certificates/" + made.certificate_id;
  const net::Headers principal = {{"x-amzn-principal", made.certificate_arn}};
  iot(api, "DELETE", "/things/" + text::percent_encode(device) + "/principals", "", {}, principal);
  iot(api, "POST", "/target-policies/" + text::percent_encode(policy_name(device)), "",
      {{"target", made.certificate_arn}});
  iot(api, "PUT", certificate, "newStatus=INACTIVE");
  iot(api, "DELETE", certificate, "forceDelete=true");
}

Result<void> attach(const AwsApi& api, const std::string& device, Provisioned& made) {
  const std::string policy = "/target-policies/" + text::percent_encode(policy_name(device));
  if (auto done = iot(api, "PUT", policy, "", {{"target", made.certificate_arn}}); !done) return done.error();
  const std::string thing_path = "/things/" + text::percent_encode(device);
  auto thing = iot(api, "POST", thing_path, "", {{"thingName", device}});
  if (!thing) return thing.error();
  made.thing_arn = json::string_or(*thing, "thingArn", "");
  auto done = iot(api, "PUT", thing_path + "/principals", "", {}, {{"x-amzn-principal", made.certificate_arn}});
  if (!done) return done.error();
  return {};
}

}  // namespace

json::object device_policy(std::string_view region, std::string_view account, const std::string& name) {
  const std::string arn = "arn:aws:iot:" + std::string(region) + ":" + std::string(account) + ":";
  const std::string things = "$aws/things/" + name;
  const auto resources = [&arn, &things, &name](const char* kind) {
    return json::array{json::value(arn + kind + "/" + things + "/*"), json::value(arn + kind + "/" + things + "-*"),
                       json::value(arn + kind + "/" + name + "/*")};
  };
  const auto allow = [](json::array actions, json::array on) {
    return json::object{{"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", std::move(on)}};
  };
  return {{"Version", "2012-10-17"},
          {"Statement", json::array{allow({"iot:Connect"}, {json::value(arn + "client/" + name),
                                                            json::value(arn + "client/" + name + "-*")}),
                                    allow({"iot:Publish", "iot:Receive"}, resources("topic")),
                                    allow({"iot:Subscribe"}, resources("topicfilter"))}}};
}

Result<Provisioned> provision_device(const AwsApi& api, const std::string& name) {
  if (auto policy = ensure_policy(api, name); !policy) return policy.error();
  auto keys = iot(api, "POST", "/keys-and-certificate", "setAsActive=true");
  if (!keys) return keys.error();
  Provisioned made;
  made.certificate_arn = json::string_or(*keys, "certificateArn", "");
  made.certificate_id = json::string_or(*keys, "certificateId", "");
  made.certificate_pem = json::string_or(*keys, "certificatePem", "");
  if (const json::value* pair = json::find(*keys, "keyPair"); pair && pair->is_object()) {
    made.private_key_pem = json::string_or(pair->get_object(), "PrivateKey", "");
    made.public_key_pem = json::string_or(pair->get_object(), "PublicKey", "");
  }
  if (made.certificate_id.size() != 64 || made.private_key_pem.empty()) {
    return Error{"InvalidResponse", "the answer holds no certificate with its key"};
  }
  if (auto attached = attach(api, name, made); !attached) {
    take_back(api, name, made);
    return attached.error();
  }
  return made;
}

}  // namespace croft::cli
