#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/limits.h"
#include "cli/mqtt_program.h"
#include "cli/terminal.h"
#include "mqtt/topic.h"

namespace croft::cli {

namespace {

Task<int> publish_one(device::MqttClient& client, mqtt::Publish message, const std::atomic<bool>& stopping) {
  const bool awaits_answer = message.qos == mqtt::QoS::at_least_once;
  if (awaits_answer) message.packet_id = client.next_packet_id();
  client.send(message);
  if (!awaits_answer) {
    // A server that does not allow the topic closes the connection; nothing answers a message that it takes.
    const bool sent = co_await client.drained();
    co_return sent ? 0 : fail({"ConnectionLost", "the message could not be sent"});
  }
  for (;;) {
    auto packet = co_await client.receive();
    if (!packet) co_return stopping ? 130 : fail(packet.error());
    if (std::holds_alternative<mqtt::Puback>(*packet)) co_return 0;
  }
}

}  // namespace

int publish(const PublishOptions& options) {
  if (!mqtt::is_valid_topic(options.topic))
    return fail({"InvalidTopic", "'" + options.topic + "' is not a topic to publish on"});
  mqtt::Publish message;
  message.topic = options.topic;
  message.qos = options.qos == 1 ? mqtt::QoS::at_least_once : mqtt::QoS::at_most_once;
  message.retain = options.retain;
  message.payload = options.message;
  if (options.message == "-") message.payload.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (message.payload.size() > limits::message_bytes_max) {
    return fail({"PayloadTooLarge", "a message has at most " + std::to_string(limits::message_bytes_max) + " bytes"});
  }
  return run_mqtt(options.mqtt, [&message](device::MqttClient& client, const std::atomic<bool>& stopping) {
    return publish_one(client, message, stopping);
  });
}

}  // namespace croft::cli
