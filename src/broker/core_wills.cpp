#include <algorithm>

#include "broker/core.h"
#include "broker/service_topic.h"

namespace croft::broker {

static std::int64_t delay_ms_of(const ClientState& client, const Settings& settings) {
  const mqtt::PropertyBlock* properties = settings.will_delay ? client.will->properties.get() : nullptr;
  const std::uint32_t delay_s = properties ? properties->will_delay_interval.value_or(0) : 0;
  return std::int64_t{std::min(delay_s, client.session_expiry_s)} * 1000;
}

// On AWS's reserved topics its subscribers and rules get a will like anything else, and it is not retained; where these
// topics are nobody's, a will may go where a PUBLISH may.
// Source: AWS IoT developer guide, "Interacting with shadows"; MQTT 5.0, 4.7.2.
bool Core::is_will_topic(std::string_view topic, bool retain) const {
  if (is_publishable(topic, retain)) return true;
  return settings_.reserved_filters && topic.starts_with('$') && fits_quota(topic) && !retain && !is_of_the_service_alone(topic);
}

// What a connection that ended otherwise than by its own wish leaves to be said: at once, or after its delay, which ends
// with the session at the latest. A server that goes down does not wait.
// Source: MQTT 5.0, 3.1.2.5, 3.1.3.2.2.
void Core::leave_will(Connection& connection, Now now) {
  Client& client = *connection.client;
  if (!client.state.will) return;
  const std::int64_t wait_ms = stopping_ ? 0 : delay_ms_of(client.state, settings_);
  wait_or_publish(client, {source_of(connection), connection.rights, now.mono}, wait_ms, now);
}

// The will of a connection that an earlier process had; its right was judged then.
void Core::leave_stored_will(Client& client, Now now) {
  const ClientState& state = client.state;
  const SourcePtr source = make_source(state.client_id, state.principal, state.address);
  const std::int64_t wait_ms = state.since.ms + delay_ms_of(state, settings_) - now.wall.ms;
  wait(client, {source, nullptr, MonoTime{now.mono.ms + std::max<std::int64_t>(wait_ms, 0)}});  // not before all are restored
}

void Core::wait_or_publish(Client& client, PendingWill pending, std::int64_t wait_ms, Now now) {
  if (wait_ms <= 0) return publish_will(client, pending, now);
  pending.due.ms += wait_ms;
  wait(client, std::move(pending));
}

void Core::wait(Client& client, PendingWill pending) {
  due_wills_.emplace(pending.due, client.state.client_id);
  client.pending_will = std::make_unique<PendingWill>(std::move(pending));
}

// The right to publish it may have gone since the CONNECT.
void Core::publish_will(Client& client, const PendingWill& pending, Now now) {
  const std::shared_ptr<const mqtt::Will> will = std::exchange(client.state.will, nullptr);
  if (pending.rights && !pending.rights->may_publish(will->topic, will->retain)) return;
  publish(make_message({.topic = will->topic,
                        .payload = will->payload,
                        .qos = will->qos,
                        .retain = will->retain,
                        .properties = will->properties,
                        .expires_at = expiry_of(will->properties, now.wall, settings_),
                        .source = pending.source,
                        .will = true,
                        .published_at = now.wall}),
          now);
}

// A client that came back into its session takes its will back; the end of the session says it.
void Core::settle_pending_will(Client& client, bool session_goes_on, Now now) {
  const std::unique_ptr<PendingWill> pending = std::move(client.pending_will);
  if (!pending) return;
  if (session_goes_on) client.state.will.reset();
  else publish_will(client, *pending, now);
}

void Core::publish_due_wills(Now now) {
  while (!due_wills_.empty() && (stopping_ || due_wills_.begin()->first <= now.mono)) {
    const auto [due, client_id] = *due_wills_.begin();
    due_wills_.erase(due_wills_.begin());
    const auto found = clients_.find(client_id);
    if (found == clients_.end()) continue;
    Client& client = **found;
    if (!client.pending_will || client.pending_will->due != due) continue;
    settle_pending_will(client, false, now);
    record({.row = client.state});  // it is said: not again after a restart
  }
}

}  // namespace croft::broker
