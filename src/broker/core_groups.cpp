// Shared subscriptions: what a member gets, and what of it goes on to another one.
#include "broker/core.h"
#include "broker/group_rows.h"
#include "broker/limits.h"

namespace croft::broker {

using mqtt::QoS;

bool Core::deliver_shared(const MessagePtr& message, std::uint64_t group_row, std::string_view client_id,
                          std::string_view filter, Now now) {
  const auto client = clients_.find(client_id);
  if (client == clients_.end() || !(*client)->session || !(*client)->connection) return false;
  const auto& subscriptions = (*client)->session->subscriptions;
  const auto found = subscriptions.find(filter);
  if (found == subscriptions.end()) return false;
  give(**client, found->second, message, group_row, now);
  return true;
}

// `client` has a connection.
void Core::give(Client& client, const SubscriptionState& state, const MessagePtr& message, std::uint64_t group_row, Now now) {
  const std::string& filter = state.subscription.filter;
  const Connection& connection = *client.connection;
  const bool expired = message->has_expired(now.wall);
  const bool allowed = !connection.rights || connection.rights->may_receive(message->topic(), filter);
  Delivery delivery{.message = message,
                    .identifier = state.identifier,
                    .qos = std::min(message->qos(), state.subscription.qos),
                    .retain = state.subscription.retain_as_published && message->retain(),
                    .group = std::make_unique<GroupPlace>(GroupPlace{filter, group_row})};
  if (expired) ++counters_.dropped_expired;
  const bool is_kept = !expired && allowed && delivery.qos != QoS::at_most_once;
  if (!is_kept) erase_group_row(delivery);
  if (!expired && allowed) deliver_to(client, std::move(delivery), now);
}

// A session's own row, its acknowledgement or its end takes the place of the group's.
void Core::erase_group_row(Delivery& delivery) {
  if (!delivery.group || delivery.group->row == 0) return;
  group_rows::erase(outputs_.turn_rows(), std::exchange(delivery.group->row, 0));
}

// Whether a client takes what it is sent.
bool Core::may_fetch(const Client& client) const {
  const Connection* connection = client.connection;
  return connection && connection->established && connection->outlet->unsent() < settings_.unsent_bytes_max / 2;
}

// Takes from what waits for the groups of a client, as fast as it acknowledges; the rest is for it or others later.
void Core::fetch(Client& client, Now now) {
  Session& session = *client.session;
  if (session.shared_subscriptions == 0 || session.deliveries.waiting() > 0 || !outputs_.groups_wait()) return;
  std::size_t fetched = 0;
  for (const auto& [filter, state] : session.subscriptions) {
    if (!mqtt::is_shared(filter)) continue;
    for (;;) {
      if (session.deliveries.waiting() > 0) return;  // its acknowledgements go on
      if (!may_fetch(client) || fetched >= limits::fetched_at_once_max) {
        fetching_.insert(client.state.client_id);
        return;
      }
      const auto waiting = outputs_.take_waiting(filter, limits::fetched_together);
      if (waiting.empty()) break;
      for (const SharedGroups::Waiting& each : waiting) give(client, state, each.message, each.row, now);
      fetched += waiting.size();
    }
  }
}

// The SUBACK of a stored session waits for the disk.
void Core::fetch_behind_suback(Client& client, Now now) {
  if (!client.session->stored) fetch(client, now);
  else if (client.session->shared_subscriptions > 0 && outputs_.groups_wait()) fetching_.insert(client.state.client_id);
}

void Core::fetch_more(Now now) {
  for (const std::string& client_id : std::exchange(fetching_, {})) {
    const auto found = clients_.find(client_id);
    if (found != clients_.end() && (*found)->session && (*found)->connection) fetch(**found, now);
  }
}

// Whether others have a use for a delivery; it is over here then.
bool Core::hand_on(Client& client, Sequence number) {
  Delivery& delivery = client.session->deliveries.at(number);
  if (delivery.state == Delivery::State::done || !delivery.group) return false;
  if (!outputs_.hand_on(delivery.group->filter, delivery.message, delivery.group->row)) return false;
  if (std::exchange(delivery.blocking, false)) delivery.message->source()->unblock();
  delivery.group->row = 0;
  finish(client, number);
  return true;
}

// What was never sent to a client that went away or left the group `filter` ("" = any) is for another member. What was
// sent may be on its way through the client: it stays. Source: MQTT 5.0, 4.8.2.
void Core::hand_on_waiting(Client& client, std::string_view filter) {
  DeliveryQueue& deliveries = client.session->deliveries;
  for (Sequence number = deliveries.first_waiting(), end = deliveries.end(); number < end; ++number) {
    const Delivery& delivery = deliveries.at(number);
    if (delivery.group && (filter.empty() || delivery.group->filter == filter)) hand_on(client, number);
  }
  deliveries.skip_finished();
}

// A session that ends leaves to its groups what it did not acknowledge, but for a QoS 2 message that was sent.
// Source: MQTT 5.0, 4.8.2, 4.8.2-5.
void Core::hand_on_session(Client& client) {
  DeliveryQueue& deliveries = client.session->deliveries;
  for (Sequence number = deliveries.first(), end = deliveries.end(); number < end; ++number) {
    Delivery& delivery = deliveries.at(number);
    const bool is_begun = number < deliveries.first_waiting() && delivery.qos == QoS::exactly_once;
    if (is_begun || !hand_on(client, number)) erase_group_row(delivery);
  }
}

}  // namespace croft::broker
