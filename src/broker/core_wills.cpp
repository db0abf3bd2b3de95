#include "broker/core.h"

namespace croft::broker {

// What a connection that ended otherwise than by its own wish leaves to be said: at once, or after its delay, which ends
// with the session at the latest. A server that goes down does not wait.
// Source: MQTT 5.0, 3.1.2.5, 3.1.3.2.2.
void Core::leave_will(Connection& connection, Now now) {
  if (!connection.will) return;
  Client& client = *connection.client;
  const mqtt::PropertyBlock* properties = connection.will->properties.get();
  const std::uint32_t delay_s = properties ? properties->will_delay_interval.value_or(0) : 0;
  const std::uint32_t wait_s = stopping_ ? 0 : std::min(delay_s, client.state.session_expiry_s);
  PendingWill will{std::move(*connection.will), connection.source_ip, connection.rights,
                   MonoTime{now.mono.ms + std::int64_t{wait_s} * 1000}};
  connection.will.reset();
  if (wait_s == 0) return publish_will(client, std::move(will), now);
  due_wills_.emplace(will.due, client.state.client_id);
  client.pending_will = std::move(will);
}

// The right to publish it may have gone since the CONNECT.
void Core::publish_will(const Client& client, PendingWill pending, Now now) {
  mqtt::Will& will = pending.will;
  if (pending.rights && !pending.rights->may_publish(will.topic, will.retain)) return;
  const std::optional<Timestamp> expires = expiry_of(will.properties, now.wall);
  outputs_.publish(make_message({.topic = std::move(will.topic),
                                 .payload = SharedBytes(std::move(will.payload)),
                                 .qos = will.qos,
                                 .retain = will.retain,
                                 .properties = std::move(will.properties),
                                 .expires_at = expires,
                                 .client_id = client.state.client_id,
                                 .principal = client.state.principal,
                                 .source_ip = std::move(pending.source_ip)}));
}

// A client that came back into its session takes its will back; the end of the session says it.
void Core::settle_pending_will(Client& client, bool session_goes_on, Now now) {
  std::optional<PendingWill> will = std::exchange(client.pending_will, std::nullopt);
  if (will && !session_goes_on) publish_will(client, std::move(*will), now);
}

void Core::publish_due_wills(Now now) {
  while (!due_wills_.empty() && (stopping_ || due_wills_.begin()->first <= now.mono)) {
    const auto [due, client_id] = *due_wills_.begin();
    due_wills_.erase(due_wills_.begin());
    const auto found = clients_.find(client_id);
    if (found == clients_.end()) continue;
    Client& client = *found->second;
    if (client.pending_will && client.pending_will->due == due) settle_pending_will(client, false, now);
  }
}

}  // namespace croft::broker
