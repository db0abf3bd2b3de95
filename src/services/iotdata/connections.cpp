#include <algorithm>

#include "broker/shard_broker.h"
#include "services/iotdata/constraints.h"
#include "services/iotdata/data_plane.h"
#include "services/iotdata/limits.h"
#include "shard/promise.h"
#include "text/encoding.h"

namespace croft::services::iotdata {

namespace {

// What its shard knows of a client.
struct Seen {
  broker::ClientState state;
  bool has_session = false;
  std::vector<mqtt::Subscription> subscriptions;  // by filter
};

Task<std::optional<Seen>> look_up(broker::ShardBroker& broker, std::string client_id) {
  const broker::Client* client = broker.core().find(client_id);
  if (!client) co_return std::nullopt;
  Seen seen{client->state, client->session != nullptr, {}};
  if (client->session)
    for (const auto& [filter, state] : client->session->subscriptions) seen.subscriptions.push_back(state.subscription);
  co_return seen;
}

Task<std::optional<Seen>> ask_owner(broker::Hub& hub, std::string client_id) {
  broker::ShardBroker& owner = hub.owner(client_id);
  auto seen = co_await on<std::optional<Seen>>(owner.shard(), [&owner, client_id] { return look_up(owner, client_id); });
  co_return seen;
}

Task<bool> disconnect(broker::ShardBroker& broker, std::string client_id, broker::Core::Ending ending) {
  co_return broker.disconnect(client_id, ending);
}

std::string read_client_id(const iot::Input& in) {
  const std::string client_id = in.required("clientId");
  const auto violated = [&](std::string_view constraint) {
    refuse("1 validation error detected: Value '" + client_id + "' at 'clientId' failed to satisfy constraint: Member must " +
           std::string(constraint));
  };
  if (client_id.empty()) violated("have length greater than or equal to 1");
  if (client_id.size() > limits::client_id_bytes_max) violated("have length less than or equal to 128");
  if (client_id.starts_with('$')) violated("satisfy regular expression pattern: ^[^$].*");
  return client_id;
}

json::object describe(const broker::ClientState& client) {
  json::object out{{"clientId", client.client_id},
                   {"connected", client.connected},
                   {"cleanSession", client.session_expiry_s == 0},
                   {"keepAliveDuration", client.keep_alive_s},
                   {"sessionExpiry", client.session_expiry_s}};
  out[client.connected ? "connectedSince" : "disconnectedSince"] = client.since.ms;
  if (!client.connected) out["disconnectReason"] = broker::name(client.reason);
  if (!client.thing_name.empty()) out["thingName"] = client.thing_name;
  return out;
}

}  // namespace

Task<gateway::Reply> DataPlane::get_connection(Call& call) const {
  const iot::Input in(call);
  const std::string client_id = read_client_id(in);
  const bool with_socket = in.flag("includeSocketInformation");
  demand(call, "iot:GetConnection", "client/" + client_id);
  const auto seen = co_await ask_owner(hub_, client_id);
  const std::int64_t known_from_ms = Timestamp::now().ms - limits::connection_known_ms;
  if (!seen || (!seen->state.connected && seen->state.since.ms < known_from_ms)) throw ApiError(not_found());
  json::object output = describe(seen->state);
  if (with_socket) output["sourceIp"] = seen->state.address;
  co_return Reply{.output = std::move(output)};
}

// Source: AWS IoT API Reference, DeleteConnection; developer guide, "Lifecycle events", API_INITIATED_DISCONNECT.
Task<gateway::Reply> DataPlane::delete_connection(Call& call) const {
  const iot::Input in(call);
  const std::string client_id = read_client_id(in);
  const broker::Core::Ending ending{.reason = broker::DisconnectReason::api_initiated_disconnect,
                                    .code = mqtt::ReasonCode::administrative_action,
                                    .publish_will = !in.flag("preventWillMessage"),
                                    .keep_session = !in.flag("cleanSession")};
  demand(call, "iot:DeleteConnection", "client/" + client_id);
  broker::ShardBroker& owner = hub_.owner(client_id);
  const bool ended =
      co_await on<bool>(owner.shard(), [&owner, client_id, ending] { return disconnect(owner, client_id, ending); });
  if (!ended) throw ApiError(not_found());
  co_return Reply{.body = "", .content_type = "application/json"};
}

// By filter; the token is the last one that was listed.
Task<gateway::Reply> DataPlane::list_subscriptions(Call& call) const {
  const iot::Input in(call);
  const std::string client_id = read_client_id(in);
  const auto limit = number_in(in, "maxResults", limits::subscriptions_page_items, 1, limits::page_items_max);
  const std::string start = page_start(in);
  demand(call, "iot:ListSubscriptions", "client/" + client_id);
  const auto seen = co_await ask_owner(hub_, client_id);
  if (!seen || !seen->has_session) throw ApiError(not_found());
  const auto& all = seen->subscriptions;
  auto at = std::find_if(all.begin(), all.end(), [&](const mqtt::Subscription& s) { return s.filter > start; });
  json::array subscriptions;
  while (at != all.end() && static_cast<std::int64_t>(subscriptions.size()) < limit) {
    subscriptions.push_back(json::object{{"topicFilter", at->filter}, {"qos", static_cast<int>(at->qos)}});
    ++at;
  }
  json::object output{{"subscriptions", std::move(subscriptions)}};
  if (at != all.end()) output["nextToken"] = text::base64(std::prev(at)->filter);
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iotdata
