#include "broker/message.h"

#include <algorithm>
#include <cstring>
#include <new>


namespace croft::broker {

const SourcePtr& the_service() {
  static const SourcePtr source = std::make_shared<const Source>();
  return source;
}

SourcePtr make_source(std::string client_id, std::string principal, std::string source_ip) {
  auto source = std::make_shared<Source>();
  source->client_id = std::move(client_id);
  source->principal = std::move(principal);
  source->source_ip = std::move(source_ip);
  return source;
}

Message::Message(Content& content)
    : topic_bytes_(static_cast<std::uint32_t>(content.topic.size())),
      payload_bytes_(static_cast<std::uint32_t>(content.payload.size())),
      qos_(content.qos),
      retain_(content.retain),
      will_(content.will),
      republish_hops_(content.republish_hops),
      properties_(std::move(content.properties)),
      expires_at_(content.expires_at),
      source_(std::move(content.source)),
      published_at_(content.published_at),
      trace_(content.trace) {}

MessagePtr make_message(Message::Content content) {
  void* memory = ::operator new(sizeof(Message) + content.topic.size() + content.payload.size());
  auto* message = new (memory) Message(content);
  char* text = static_cast<char*>(memory) + sizeof(Message);
  std::memcpy(text, content.topic.data(), content.topic.size());
  if (!content.payload.empty()) std::memcpy(text + content.topic.size(), content.payload.data(), content.payload.size());
  return MessagePtr(message);
}

void Message::destroy(const Message* message) {
  message->~Message();
  ::operator delete(const_cast<Message*>(message));
}

std::optional<Timestamp> expiry_of(const mqtt::Properties& properties, Timestamp at, const Settings& settings) {
  const mqtt::PropertyBlock* block = properties.get();
  if (!block || !block->message_expiry_interval) return std::nullopt;
  const std::uint32_t seconds =
      std::clamp(*block->message_expiry_interval, settings.message_expiry_min_s, settings.message_expiry_max_s);
  return Timestamp{at.ms + std::int64_t{seconds} * 1000};
}

}  // namespace croft::broker
