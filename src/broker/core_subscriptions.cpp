#include "broker/basic_ingest.h"
#include "broker/core.h"
#include "broker/core_send.h"
#include "types/assert.h"

namespace croft::broker {

using mqtt::QoS;
using mqtt::ReasonCode;

// What is said of the subscriptions of a stored session must be durable.
std::string& Core::lane_of_subscriptions(Connection& connection) {
  if (!connection.client->session->stored) return connection.outlet->bytes();
  outputs_.wait_for_disk();
  return connection.outlet->releases();
}

// The reason to end the connection for a SUBSCRIBE, or nothing.
std::optional<ReasonCode> Core::judge_subscribe(const mqtt::Subscribe& packet, std::uint32_t identifier) const {
  if (identifier != 0 && !settings_.subscription_identifiers) return ReasonCode::subscription_identifiers_not_supported;
  for (const mqtt::Subscription& wanted : packet.subscriptions) {
    // AWS answers a SUBSCRIBE with QoS 2 with nothing but the end. Source: developer guide, "MQTT QoS".
    if (wanted.qos > settings_.maximum_qos && settings_.maximum_qos < QoS::exactly_once) return ReasonCode::qos_not_supported;
    if (settings_.bad_filter_ends_connection && !mqtt::is_valid_filter(wanted.filter)) return ReasonCode::topic_filter_invalid;
  }
  return std::nullopt;
}

Core::Outcome Core::handle_subscribe(Connection& connection, const mqtt::Subscribe& packet, Now now) {
  const mqtt::PropertyBlock* properties = packet.properties.get();
  const std::uint32_t identifier =
      properties && !properties->subscription_identifiers.empty() ? properties->subscription_identifiers.front() : 0;
  if (const auto fault = judge_subscribe(packet, identifier)) {
    end_with(connection, *fault, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  mqtt::Suback suback{.packet_id = packet.packet_id};
  std::vector<Wanted> retained;
  std::vector<std::string> accepted;
  for (const mqtt::Subscription& wanted : packet.subscriptions) {
    const bool too_many = suback.reasons.size() >= settings_.subscriptions_per_packet_max;
    const ReasonCode reason =
        too_many ? ReasonCode::quota_exceeded : subscribe_one(connection, wanted, identifier, retained, now);
    if (static_cast<unsigned>(reason) < 0x80) accepted.push_back(wanted.filter);
    else ++counters_.refused_subscriptions;
    suback.reasons.push_back(reason);
  }
  Client& client = *connection.client;
  if (!accepted.empty()) record_subscriptions(client, LifecycleEvent::Type::subscribed, std::move(accepted), now);
  if (!answer(connection, suback, lane_of_subscriptions(connection))) {
    end_with(connection, ReasonCode::packet_too_large, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  for (const Wanted& one : retained)
    if (may_receive(connection, one.message->topic()))
      deliver_to(client, {.message = one.message, .identifier = one.identifier, .qos = one.qos, .retain = true}, now);
  fetch_behind_suback(client, now);
  return Outcome::go_on;
}

// Of the reserved topics AWS knows, Basic Ingest has no subscribers.
// Source: AWS IoT developer guide, "Reserved topics".
static bool is_subscribable(std::string_view reserved) {
  return reserved.starts_with("$aws/") && !is_basic_ingest(reserved);
}

// Why a filter cannot be subscribed to. Of a shared one the name and the filter count on their own.
// Source: AWS IoT developer guide, "Shared subscriptions", "Reserved topics".
std::optional<ReasonCode> Core::judge_filter(std::string_view filter) const {
  if (!mqtt::is_valid_filter(filter)) return ReasonCode::topic_filter_invalid;
  if (const auto shared = mqtt::parse_shared(filter)) {
    if (shared->group.size() > settings_.share_name_bytes_max) return ReasonCode::topic_filter_invalid;
    filter = shared->filter;
  }
  if (filter.size() > settings_.topic_bytes_max || mqtt::level_count(filter) > settings_.topic_levels_max)
    return ReasonCode::topic_filter_invalid;
  if (settings_.reserved_filters && filter.starts_with('$') && !is_subscribable(filter)) return ReasonCode::topic_filter_invalid;
  return std::nullopt;
}

// Adds one subscription and what it gets of the retained messages; returns its place of the SUBACK.
ReasonCode Core::subscribe_one(Connection& connection, const mqtt::Subscription& wanted, std::uint32_t identifier,
                               std::vector<Wanted>& retained, Now now) {
  if (const auto refusal = judge_filter(wanted.filter)) return *refusal;
  if (connection.rights && !connection.rights->may_subscribe(wanted.filter)) return ReasonCode::not_authorized;
  Client& client = *connection.client;
  const bool known = client.session->subscriptions.contains(wanted.filter);
  if (!known && client.session->subscriptions.size() >= settings_.subscriptions_max) return ReasonCode::quota_exceeded;

  mqtt::Subscription granted = wanted;
  granted.qos = std::min(wanted.qos, settings_.maximum_qos);
  add_subscription(client, {granted, identifier});
  if (mqtt::is_shared(wanted.filter)) return static_cast<ReasonCode>(granted.qos);  // gets no retained messages (4.8.2)
  const bool exact = !mqtt::has_wildcard(wanted.filter);
  const bool wants_retained = wanted.retain_handling == 0 || (wanted.retain_handling == 1 && !known);
  if (wants_retained && (exact || settings_.retained_to_wildcards)) {
    for (MessagePtr& message : retained_.match(wanted.filter, settings_.parent_match, now.wall)) {
      const QoS qos = std::min(message->qos(), granted.qos);
      retained.push_back({std::move(message), qos, identifier});
    }
  }
  return static_cast<ReasonCode>(granted.qos);
}

Core::Outcome Core::handle_unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet, Now now) {
  mqtt::Unsuback unsuback{.packet_id = packet.packet_id};
  std::vector<std::string> removed;
  Client& client = *connection.client;
  for (const std::string& filter : packet.filters) {
    if (settings_.bad_filter_ends_connection && !mqtt::is_valid_filter(filter)) {
      end_with(connection, ReasonCode::topic_filter_invalid, DisconnectReason::client_error, now);
      return Outcome::closed;
    }
    const bool known = client.session->subscriptions.contains(filter);
    if (known) {
      remove_subscription(client, filter);
      hand_on_waiting(client, filter);
      removed.push_back(filter);
    }
    unsuback.reasons.push_back(known ? ReasonCode::success : ReasonCode::no_subscription_existed);
  }
  if (!removed.empty()) record_subscriptions(client, LifecycleEvent::Type::unsubscribed, std::move(removed), now);
  if (!answer(connection, unsuback, lane_of_subscriptions(connection))) {
    end_with(connection, ReasonCode::packet_too_large, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  return Outcome::go_on;
}

void Core::record_subscriptions(Client& client, LifecycleEvent::Type type, std::vector<std::string> topics, Now now) {
  Record change;
  if (client.state.session_expiry_s > 0) {
    client.state.subscriptions.clear();
    for (const auto& [filter, state] : client.session->subscriptions) client.state.subscriptions.push_back(state);
    change.row = client.state;
  }
  change.events.push_back({.type = type,
                           .client_id = client.state.client_id,
                           .thing_name = client.state.thing_name,
                           .timestamp = now.wall,
                           .session_identifier = client.state.session_identifier.text(),
                           .principal = client.state.principal,
                           .topics = std::move(topics)});
  record(std::move(change));
}

static Keeping keeping_of(const Session& session, const SubscriptionState& state) {
  if (state.subscription.qos == QoS::at_most_once) return Keeping::nothing;
  return session.stored ? Keeping::lasting : Keeping::while_connected;
}

void Core::add_subscription(Client& client, SubscriptionState state) {
  const std::string filter = state.subscription.filter;
  auto [slot, is_new] = client.session->subscriptions.insert_or_assign(filter, std::move(state));
  if (mqtt::is_shared(filter)) {
    if (is_new) ++client.session->shared_subscriptions;
    const Membership membership = client.connection ? Membership::here : Membership::away;
    return outputs_.membership(filter, client.state.client_id, membership, keeping_of(*client.session, slot->second));
  }
  const mqtt::Subscription& wish = slot->second.subscription;
  trie_.insert(filter, {.client = &client,
                        .identifier = slot->second.identifier,
                        .qos = wish.qos,
                        .no_local = wish.no_local,
                        .retain_as_published = wish.retain_as_published});
  ++trie_version_;
  if (is_new) outputs_.interest(filter, true);
}

void Core::remove_subscription(Client& client, std::string_view filter) {
  const auto found = client.session->subscriptions.find(filter);
  CROFT_ASSERT(found != client.session->subscriptions.end());
  if (mqtt::is_shared(filter)) {
    --client.session->shared_subscriptions;
    outputs_.membership(filter, client.state.client_id, Membership::none, Keeping::nothing);
  } else {
    CROFT_ASSERT(trie_.erase(filter, Subscriber{&client}));
    ++trie_version_;
    outputs_.interest(filter, false);
  }
  client.session->subscriptions.erase(found);
}

void Core::tell_groups(const Client& client, Membership membership) {
  if (!client.session || client.session->shared_subscriptions == 0) return;
  for (const auto& [filter, state] : client.session->subscriptions)
    if (mqtt::is_shared(filter))
      outputs_.membership(filter, client.state.client_id, membership, keeping_of(*client.session, state));
}

}  // namespace croft::broker
