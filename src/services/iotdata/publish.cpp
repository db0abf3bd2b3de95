#include "broker/basic_ingest.h"
#include "broker/shadow_topic.h"
#include "broker/shard_broker.h"
#include "services/iotdata/constraints.h"
#include "services/iotdata/data_plane.h"
#include "services/iotdata/limits.h"
#include "services/iotdata/message_properties.h"
#include "shard/promise.h"

namespace croft::services::iotdata {

static constexpr std::chrono::milliseconds congestion_pause{1};

// The same topics that an MQTT client may publish to.
void DataPlane::check_topic(std::string_view topic, bool retain) const {
  const std::string_view visible = broker::visible_topic(topic);
  const bool is_ingest = broker::is_basic_ingest(topic);
  const bool fits = visible.size() <= settings_.topic_bytes_max && mqtt::level_count(visible) <= settings_.topic_levels_max;
  const bool is_service = is_ingest || broker::is_shadow_request(topic);  // it keeps no messages
  const bool is_open = is_service ? !retain : !topic.starts_with('$');
  if (!mqtt::is_valid_topic(topic) || !fits || !is_open) refuse("Invalid topic");
}

// Ends when the message is as safe as its QoS promises.
static Task<void> hand_over(broker::ShardBroker& broker, broker::MessagePtr message) {
  const Promise<Done> kept;
  broker.shard().post(
      [&broker, message = std::move(message), kept] { broker.publish(message, [kept] { kept.fulfil(Done{}); }); });
  co_await kept.wait();
}

Task<gateway::Reply> DataPlane::publish(Call& call) const {
  const iot::Input in(call);
  const std::string topic = in.required("topic");
  const auto qos = static_cast<mqtt::QoS>(number_in(in, "qos", 0, 0, 1));
  const bool retain = in.flag("retain");
  check_topic(topic, retain);
  mqtt::Properties properties = message_properties(call);
  if (call.http.body.size() > limits::payload_bytes_max)
    throw ApiError(Error{"RequestEntityTooLargeException", "The payload exceeds the maximum size allowed.", 413});
  demand(call, "iot:Publish", "topic/" + topic);
  if (retain) demand(call, "iot:RetainPublish", "topic/" + topic);

  while (hub_.is_congested(settings_.mail_bytes_max)) co_await sleep_for(congestion_pause);
  const gateway::Caller& caller = call.caller;
  const std::string& principal = caller.certificate_id.empty() ? caller.user_id : caller.certificate_id;
  const std::optional<Timestamp> expires = broker::expiry_of(properties, Timestamp::now(), settings_);
  broker::MessagePtr message = broker::make_message({.topic = topic,
                                                     .payload = call.http.body,
                                                     .qos = qos,
                                                     .retain = retain,
                                                     .properties = std::move(properties),
                                                     .expires_at = expires,
                                                     .source = broker::make_source("", principal, call.http.peer.address),
                                                     .published_at = Timestamp::now()});
  broker::ShardBroker& broker = hub_.owner(topic);  // one for each topic, so that its messages keep their order
  co_await hand_over(broker, std::move(message));
  co_return Reply{.output = {{"message", "OK"}, {"traceId", call.request_id}}};
}

}  // namespace croft::services::iotdata
