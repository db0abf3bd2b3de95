#include <algorithm>

#include "services/iotdata/constraints.h"
#include "services/iotdata/data_plane.h"
#include "services/iotdata/limits.h"
#include "services/iotdata/message_properties.h"
#include "text/encoding.h"

namespace croft::services::iotdata {

static int number(mqtt::QoS qos) { return static_cast<int>(qos); }

Task<gateway::Reply> DataPlane::get_retained_message(Call& call) const {
  const iot::Input in(call);
  const std::string topic = in.required("topic");
  if (!mqtt::is_valid_topic(topic)) refuse("Invalid topic");
  demand(call, "iot:GetRetainedMessage", "topic/" + topic);
  const auto found = hub_.retained().match(topic, settings_.parent_match, Timestamp::now());
  if (found.empty()) throw ApiError(not_found());
  const broker::Message& message = *found.front();
  const mqtt::PropertyBlock* properties = message.properties().get();
  json::object output{{"topic", topic}, {"payload", text::base64(message.payload())}, {"qos", number(message.qos())}};
  if (message.published_at().ms > 0) output["lastModifiedTime"] = message.published_at().ms;
  output["userProperties"] = nullptr;
  if (properties && !properties->user_properties.empty()) output["userProperties"] = encoded(properties->user_properties);
  co_return Reply{.output = std::move(output)};
}

// By topic; the token is the last one that was listed.
Task<gateway::Reply> DataPlane::list_retained_messages(Call& call) const {
  const iot::Input in(call);
  const auto limit = number_in(in, "maxResults", limits::retained_page_items, 1, limits::page_items_max);
  const std::string start = page_start(in);
  demand(call, "iot:ListRetainedMessages", "*");
  const auto all = hub_.retained().match("#", settings_.parent_match, Timestamp::now());
  auto at = std::upper_bound(all.begin(), all.end(), start,
                             [](const std::string& key, const broker::MessagePtr& message) { return key < message->topic(); });
  if (start.empty()) at = all.begin();
  json::array topics;
  while (at != all.end() && static_cast<std::int64_t>(topics.size()) < limit) {
    const broker::Message& message = **at++;
    json::object entry{{"topic", message.topic()}, {"payloadSize", message.payload().size()}, {"qos", number(message.qos())}};
    if (message.published_at().ms > 0) entry["lastModifiedTime"] = message.published_at().ms;
    topics.push_back(std::move(entry));
  }
  json::object output{{"retainedTopics", std::move(topics)}};
  if (at != all.end()) output["nextToken"] = text::base64((*std::prev(at))->topic());
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iotdata
