#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/decoder.h"
#include "net/peer.h"
#include "shard/promise.h"
#include "text/json.h"
#include "types/timestamp.h"

namespace croft::broker {

namespace limits {
inline constexpr std::size_t traced_clients_max = 8;            // at once
inline constexpr std::size_t traced_packets_max = 2'000;        // kept of one client, the latest
inline constexpr std::size_t traced_bytes_max = 4 << 20;        // of these
inline constexpr std::size_t traced_payload_bytes_max = 4'096;  // of one payload; the rest is cut off
inline constexpr std::size_t traced_aliases_max = 64;           // topics remembered for each direction
inline constexpr std::int64_t trace_patience_ms = 60'000;       // without a reader
inline constexpr std::int64_t trace_patience_min_ms = 250;      // when its place is needed
}  // namespace limits

// One packet between a traced client and the broker, or a note on its connection. A password is never in it.
struct TracedPacket {
  std::uint64_t sequence = 0;  // of its client, from 1, without gaps
  Timestamp time;
  bool from_client = false;
  mqtt::Version version = mqtt::Version::v3_1_1;
  std::size_t bytes = 0;          // on the wire, fixed header included; of a WebSocket without its frames
  std::size_t payload_bytes = 0;  // of a PUBLISH or a will, before it was cut
  bool has_password = false;      // of a CONNECT
  std::string alias_topic{};  // of a PUBLISH that left its topic to an alias; "" when it was told before the trace
  std::string note{};         // without `packet`
  std::optional<mqtt::Packet> packet{};
};
using TracedPacketPtr = std::shared_ptr<const TracedPacket>;

// Members in the order in which they are read. Payloads (a will's too) only `with_payload`: as `payload` when they
// are text, else as `payloadHex`.
json::object describe(const TracedPacket& traced, bool with_payload);

// The latest packets of one traced client: written by its shard, read by whoever watches.
//
// Threads: any. Memory: see limits; a reader that is too slow loses the oldest and is told how many.
class PacketTrace {
 public:
  explicit PacketTrace(MonoTime now) : read_last_ms_(now.ms) {}

  void add(TracedPacket packet);

  struct Page {
    std::vector<TracedPacketPtr> packets;
    std::uint64_t next = 0;  // what to ask for then
    std::uint64_t lost = 0;  // after what was asked for, and no longer kept
  };
  // What came after `after`, at most `limit`.
  Page read(std::uint64_t after, std::size_t limit) const;
  std::uint64_t newest() const;
  // Resumes when something after `after` is there, or after `at_most`. `shard` is the caller's.
  Task<void> wait_for_new(Shard& shard, std::uint64_t after, std::chrono::milliseconds at_most);

  // Somebody reads, or waits to.
  class Reader {
   public:
    explicit Reader(PacketTrace& trace) : trace_(trace) { ++trace_.readers_; }
    ~Reader() {
      trace_.read_last_ms_ = MonoTime::now().ms;
      --trace_.readers_;
    }
    Reader(const Reader&) = delete;

   private:
    PacketTrace& trace_;
  };
  // For how long nobody did.
  std::int64_t alone_ms(MonoTime now) const { return readers_ > 0 ? 0 : now.ms - read_last_ms_; }
  // False for good after end().
  bool goes_on() const { return !ended_.load(std::memory_order_relaxed); }
  void end() { ended_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> read_last_ms_;
  std::atomic<std::size_t> readers_{0};
  std::atomic<bool> ended_{false};
  mutable std::mutex mutex_;
  std::deque<TracedPacketPtr> packets_;
  std::size_t bytes_ = 0;
  std::uint64_t newest_ = 0;
  std::vector<std::weak_ptr<OneShot>> waiting_;
};
using PacketTracePtr = std::shared_ptr<PacketTrace>;

// The traces of all shards, by client id.
//
// Threads: any. Cost of of() while nobody is traced: one load.
class PacketTraces {
 public:
  struct Watched {
    PacketTracePtr trace;  // null: limits::traced_clients_max others are watched, and read
    bool is_new = false;
  };
  // For a reader of that client's packets, at each of its reads.
  Watched watch(const std::string& client_id, MonoTime now);
  // Null when nobody watches that client.
  PacketTracePtr of(const std::string& client_id) const;
  // Ends the traces that nobody reads.
  void end_forgotten(MonoTime now);

 private:
  void erase_alone(std::int64_t patience_ms, MonoTime now);

  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::map<std::string, PacketTracePtr> traces_;
};

// Reads along one connection of a traced client, each direction with a decoder of its own.
//
// Threads: its shard's.
class ConnectionTrace {
 public:
  // `incoming` decodes what is received from here on.
  ConnectionTrace(PacketTracePtr trace, mqtt::Decoder incoming, mqtt::Version version);

  // The CONNECT, which was read before the connection reached its shard.
  void connect(const mqtt::Connect& packet, bool assigned_client_id, const net::Peer& peer);
  // False when nobody watches any more: this object may go.
  bool received(std::span<const char> bytes);
  bool sent(std::string_view bytes);
  void note(std::string text);

 private:
  struct Direction {
    Direction(bool from_client, mqtt::Decoder decoder) : from_client(from_client), decoder(std::move(decoder)) {}
    bool from_client;
    mqtt::Decoder decoder;
    std::size_t unfinished_bytes = 0;
    bool broken = false;
    std::map<std::uint16_t, std::string> aliases;
  };
  bool decode(Direction& direction, std::span<const char> bytes);
  void add(Direction& direction, mqtt::Packet packet, std::size_t bytes);

  PacketTracePtr trace_;
  mqtt::Version version_;
  Direction in_, out_;
};

}  // namespace croft::broker
