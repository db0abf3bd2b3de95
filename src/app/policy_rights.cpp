#include "app/policy_rights.h"

#include "observe/log.h"
#include "things/connection_variables.h"

namespace croft::app {

using Kind = identity::Decision::Kind;

identity::Decision PolicyRights::decide(std::string_view action, std::string_view resource) const {
  const Rules now = rules();
  return now.policies->decide({action, instance_.arn("iot", resource), *now.variables});
}

std::optional<Refusal> PolicyRights::refusal_of(std::string_view action, std::string_view resource) const {
  const std::string arn = instance_.arn("iot", resource);
  const Rules now = rules();
  const identity::Decision decision = now.policies->decide({action, arn, *now.variables});
  if (decision.allowed()) return std::nullopt;
  Refusal refusal{.time = Timestamp::now(),
                  .action = std::string(action),
                  .resource = arn,
                  .principal = who_.principal,
                  .address = who_.address,
                  .decision = Refusal::Decision::implicit_deny};
  for (const auto& policy : now.policies->policies()) refusal.looked_at.push_back(policy->name());
  if (decision.kind == Kind::explicit_deny) {
    refusal.decision = Refusal::Decision::explicit_deny;
    refusal.policy = decision.policy;
    refusal.sid = decision.sid;
    refusal.statement = decision.statement + 1;
  }
  const bool is_news = refusals_.add(who_.client_id, refusal);
  if (is_news && action != "iot:Connect")  // a refused CONNECT is in the broker's own line
    log::info("app",
              "client '" + who_.client_id + "' was refused " + refusal.action + " on " + arn + ": " + refusal.sentence());
  return refusal;
}

bool PolicyRights::allows(std::string_view action, std::string_view resource) const { return !refusal_of(action, resource); }

bool PolicyRights::may_publish(std::string_view topic, bool retain) const {
  const std::string resource = "topic/" + std::string(topic);
  return allows("iot:Publish", resource) && (!retain || allows("iot:RetainPublish", resource));
}

// Of a shared subscription the whole text counts, $share and name included. Source: AWS IoT developer guide, "Shared
// subscriptions".
bool PolicyRights::may_subscribe(std::string_view filter) const {
  return allows("iot:Subscribe", "topicfilter/" + std::string(filter));
}

// Of a shared subscription either grant will do, the topic's or the subscription's own, and a denial of either refuses.
// The topic is asked quietly first, so that it is no refusal while the other allows.
bool PolicyRights::may_receive(std::string_view topic, std::string_view shared) const {
  const std::string of_topic = "topic/" + std::string(topic);
  if (shared.empty()) return allows("iot:Receive", of_topic);
  const identity::Decision on_topic = decide("iot:Receive", of_topic);
  const identity::Decision on_group = decide("iot:Receive", "topic/" + std::string(shared));
  const bool denied = on_topic.kind == Kind::explicit_deny || on_group.kind == Kind::explicit_deny;
  if (!denied && (on_topic.allowed() || on_group.allowed())) return true;
  (void)allows("iot:Receive", on_group.kind == Kind::explicit_deny ? "topic/" + std::string(shared) : of_topic);  // told
  return false;
}

identity::PolicyVariables variables_of(const things::Registry& registry, const net::Peer& peer, const mqtt::Connect& connect) {
  identity::PolicyVariables variables =
      things::connection_variables(registry, {.certificate_id = peer.certificate ? peer.certificate->id : std::string(),
                                              .client_id = connect.client_id,
                                              .source_ip = peer.address});
  std::vector<std::string_view> attributes;
  if (!connect.clean_start) attributes.push_back("PersistentConnect");
  if (connect.will) {
    attributes.push_back("LastWill");
    variables.set("iot:LastWillTopic", registry.instance().arn("iot", "topic/" + connect.will->topic));
  }
  if (!attributes.empty()) variables.set("iot:ConnectAttributes", attributes);
  return variables;
}

}  // namespace croft::app
