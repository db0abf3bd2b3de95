#include <cstdio>

#include "cli/mqtt_program.h"
#include "cli/terminal.h"
#include "mqtt/topic.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::size_t filters_per_packet = 8;  // AWS's quota

Colour colour_of(const json::value& payload) {
  if (!payload.is_object()) return Colour::cyan;
  const std::string_view event = json::string_or(payload.get_object(), "eventType", "");
  if (event == "connected") return Colour::green;
  return event == "disconnected" ? Colour::red : Colour::cyan;
}

void print_message(const mqtt::Publish& message, bool as_json) {
  const Timestamp now = Timestamp::now();
  auto payload = json::parse(message.payload);
  if (as_json) {
    json::object line{{"time", now.ms},
                      {"topic", message.topic},
                      {"qos", static_cast<int>(message.qos)},
                      {"retain", message.retain}};
    if (payload)
      line["payload"] = *payload;
    else if (text::is_utf8(message.payload))
      line["payload"] = message.payload;
    else
      line["payloadBase64"] = text::base64(message.payload);
    return print_line(json_line(line));
  }
  const Colour colour = payload ? colour_of(*payload) : Colour::cyan;
  std::string head = painted(Colour::dim, text::local_clock(now)) + "  " + painted(colour, shown(message.topic));
  if (message.retain) head += painted(Colour::dim, "  retained");
  print_line(head);
  print_line(payload ? json_block(*payload) : text::printable(message.payload, message.payload.size()));
}

// Packet ids count from 1, and each packet but the last is full.
int check_answer(const WatchOptions& options, const mqtt::Suback& answer) {
  const std::size_t first = (answer.packet_id - std::size_t{1}) * filters_per_packet;
  for (std::size_t i = 0; i < answer.reasons.size() && first + i < options.filters.size(); ++i) {
    const std::string& filter = options.filters[first + i];
    if (mqtt::is_failure(answer.reasons[i])) {
      return fail({"SubscriptionRefused", "the server does not allow the filter " + filter});
    }
    std::fprintf(stderr, "Watching %s\n", shown(filter).c_str());
  }
  return 0;
}

Task<int> watch_all(device::MqttClient& client, const WatchOptions& options, const std::atomic<bool>& stopping) {
  for (std::size_t first = 0; first < options.filters.size(); first += filters_per_packet) {
    mqtt::Subscribe subscribe;
    subscribe.packet_id = client.next_packet_id();
    for (std::size_t i = first; i < options.filters.size() && i < first + filters_per_packet; ++i) {
      subscribe.subscriptions.push_back(
          {.filter = options.filters[i],
           .qos = options.qos == 1 ? mqtt::QoS::at_least_once : mqtt::QoS::at_most_once});
    }
    client.send(subscribe);
  }
  std::uint64_t seen = 0;
  for (;;) {
    auto packet = co_await client.receive();
    if (!packet) co_return stopping ? 0 : fail(packet.error());
    if (const auto* answer = std::get_if<mqtt::Suback>(&*packet)) {
      if (const int code = check_answer(options, *answer)) co_return code;
    }
    const auto* message = std::get_if<mqtt::Publish>(&*packet);
    if (!message) continue;
    print_message(*message, options.json);
    if (++seen == options.count) co_return 0;
  }
}

}  // namespace

int watch(const WatchOptions& options) {
  for (const std::string& filter : options.filters) {
    if (!mqtt::is_valid_filter(filter)) return fail({"InvalidFilter", "'" + filter + "' is not a topic filter"});
  }
  return run_mqtt(options.mqtt, [&options](device::MqttClient& client, const std::atomic<bool>& stopping) {
    return watch_all(client, options, stopping);
  });
}

}  // namespace croft::cli
