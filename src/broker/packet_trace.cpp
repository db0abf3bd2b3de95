#include "broker/packet_trace.h"

#include "mqtt/encoder.h"

namespace croft::broker {

namespace {

Task<void> raise_after(std::shared_ptr<OneShot> flag, std::chrono::milliseconds delay) {
  co_await sleep_for(delay);
  flag->raise();
}

// What it weighs in memory, about.
std::size_t weight(const TracedPacket& traced) {
  const std::size_t cut = traced.payload_bytes - std::min(traced.payload_bytes, limits::traced_payload_bytes_max);
  return sizeof(TracedPacket) + traced.bytes - std::min(cut, traced.bytes);
}

void cut(std::string& payload) {
  if (payload.size() <= limits::traced_payload_bytes_max) return;
  payload.resize(limits::traced_payload_bytes_max);
  payload.shrink_to_fit();
}

// The bytes of a CONNECT as its client sent it.
std::size_t size_on_wire(mqtt::Connect packet, bool assigned_client_id) {
  if (assigned_client_id) packet.client_id.clear();
  std::string bytes;
  mqtt::encode(packet, packet.version, bytes);
  return bytes.size();
}

}  // namespace

void PacketTrace::add(TracedPacket packet) {
  std::vector<std::weak_ptr<OneShot>> waiting;
  {
    std::lock_guard lock(mutex_);
    packet.sequence = ++newest_;
    packet.time = Timestamp::now();
    bytes_ += weight(packet);
    packets_.push_back(std::make_shared<const TracedPacket>(std::move(packet)));
    while (packets_.size() > 1 &&
           (packets_.size() > limits::traced_packets_max || bytes_ > limits::traced_bytes_max)) {
      bytes_ -= weight(*packets_.front());
      packets_.pop_front();
    }
    waiting.swap(waiting_);
  }
  for (const std::weak_ptr<OneShot>& flag : waiting)
    if (const auto alive = flag.lock()) alive->raise();
}

PacketTrace::Page PacketTrace::read(std::uint64_t after, std::size_t limit) const {
  std::lock_guard lock(mutex_);
  Page page{.next = std::min(after, newest_)};
  if (packets_.empty() || after >= newest_) return page;
  const std::uint64_t oldest = packets_.front()->sequence;
  if (after + 1 < oldest) page.lost = oldest - after - 1;
  for (std::size_t i = after < oldest ? 0 : after + 1 - oldest; i < packets_.size() && page.packets.size() < limit;
       ++i)
    page.packets.push_back(packets_[i]);
  page.next = page.packets.back()->sequence;
  return page;
}

std::uint64_t PacketTrace::newest() const {
  std::lock_guard lock(mutex_);
  return newest_;
}

Task<void> PacketTrace::wait_for_new(Shard& shard, std::uint64_t after, std::chrono::milliseconds at_most) {
  auto flag = std::make_shared<OneShot>();
  {
    std::lock_guard lock(mutex_);
    if (newest_ > after) co_return;
    std::erase_if(waiting_, [](const std::weak_ptr<OneShot>& other) { return other.expired(); });
    waiting_.push_back(flag);
  }
  shard.spawn(raise_after(flag, at_most));
  co_await flag->wait();
}

PacketTraces::Watched PacketTraces::watch(const std::string& client_id, MonoTime now) {
  std::lock_guard lock(mutex_);
  if (const auto found = traces_.find(client_id); found != traces_.end()) return {found->second, false};
  if (traces_.size() >= limits::traced_clients_max) erase_alone(limits::trace_patience_min_ms, now);
  if (traces_.size() >= limits::traced_clients_max) return {};
  auto trace = std::make_shared<PacketTrace>(now);
  traces_.emplace(client_id, trace);
  count_ = traces_.size();
  return {std::move(trace), true};
}

PacketTracePtr PacketTraces::of(const std::string& client_id) const {
  if (count_.load(std::memory_order_acquire) == 0) return nullptr;
  std::lock_guard lock(mutex_);
  const auto found = traces_.find(client_id);
  return found == traces_.end() ? nullptr : found->second;
}

void PacketTraces::end_forgotten(MonoTime now) {
  if (count_.load(std::memory_order_acquire) == 0) return;
  std::lock_guard lock(mutex_);
  erase_alone(limits::trace_patience_ms, now);
}

void PacketTraces::erase_alone(std::int64_t patience_ms, MonoTime now) {
  std::erase_if(traces_, [=](const auto& entry) {
    if (entry.second->alone_ms(now) <= patience_ms) return false;
    entry.second->end();
    return true;
  });
  count_ = traces_.size();
}

static mqtt::Decoder decoder_of_answers(mqtt::Version version) {
  mqtt::Decoder decoder(mqtt::Decoder::Side::client, UINT32_MAX);
  decoder.set_version(version);
  return decoder;
}

ConnectionTrace::ConnectionTrace(PacketTracePtr trace, mqtt::Decoder incoming, mqtt::Version version)
    : trace_(std::move(trace)),
      version_(version),
      in_(true, std::move(incoming)),
      out_(false, decoder_of_answers(version)) {}

void ConnectionTrace::note(std::string text) {
  trace_->add({.version = version_, .note = std::move(text)});
}

void ConnectionTrace::connect(const mqtt::Connect& packet, bool assigned_client_id, const net::Peer& peer) {
  note("connection from " + peer.address + " port " + std::to_string(peer.port));
  add(in_, packet, size_on_wire(packet, assigned_client_id));
}

bool ConnectionTrace::received(std::span<const char> bytes) {
  return decode(in_, bytes);
}

bool ConnectionTrace::sent(std::string_view bytes) {
  return decode(out_, bytes);
}

bool ConnectionTrace::decode(Direction& direction, std::span<const char> bytes) {
  if (!trace_->goes_on()) return false;
  while (!bytes.empty() && !direction.broken) {
    std::vector<mqtt::Packet> packets;
    const mqtt::Decoder::One one = direction.decoder.feed_one(bytes, packets);
    direction.unfinished_bytes += one.consumed;
    if (!packets.empty()) add(direction, std::move(packets.front()), std::exchange(direction.unfinished_bytes, 0));
    if (one.fault) {
      direction.broken = true;
      note("bytes that are no packet: " + std::string(mqtt::name(one.fault->reason)) + ", " + one.fault->what);
    }
    if (one.consumed == 0 && packets.empty()) break;
    bytes = bytes.subspan(one.consumed);
  }
  return true;
}

// Keeps of the packet what may be shown.
void ConnectionTrace::add(Direction& direction, mqtt::Packet packet, std::size_t bytes) {
  TracedPacket traced{.from_client = direction.from_client, .version = version_, .bytes = bytes};
  if (auto* connect = std::get_if<mqtt::Connect>(&packet)) {
    traced.has_password = connect->password.has_value();
    connect->password.reset();
    if (connect->will) {
      traced.payload_bytes = connect->will->payload.size();
      cut(connect->will->payload);
    }
  }
  if (auto* publish = std::get_if<mqtt::Publish>(&packet)) {
    traced.payload_bytes = publish->payload.size();
    cut(publish->payload);
    const mqtt::PropertyBlock* properties = publish->properties.get();
    if (properties && properties->topic_alias) {
      const std::uint16_t alias = *properties->topic_alias;
      const auto known = direction.aliases.find(alias);
      if (publish->topic.empty() && known != direction.aliases.end()) traced.alias_topic = known->second;
      if (!publish->topic.empty() &&
          (known != direction.aliases.end() || direction.aliases.size() < limits::traced_aliases_max))
        direction.aliases[alias] = publish->topic;
    }
  }
  traced.packet = std::move(packet);
  trace_->add(std::move(traced));
}

}  // namespace croft::broker
