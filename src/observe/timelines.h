#pragma once

#include <array>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "observe/trace_detail.h"
#include "observe/trace_id.h"

namespace croft::trace {

// What a client's life consists of.
enum class Moment : std::uint8_t { connected, disconnected, takeover, keepalive, refused, subscribed, unsubscribed, published };
std::string_view name(Moment moment);  // "connected", …

struct TimelineEntry {
  Moment moment = Moment::connected;
  std::int64_t wall_us = 0;  // since 1970
  Id trace{};                // of the lifecycle event, if it is one
  std::string text{};        // a phrase for people
  std::string detail{};      // members of a JSON object, see Detail
};

// The latest moments of each client: 64 of one, of 50,000 clients, 16 MB in all (limits.h). The client that was quiet longest
// makes room. A client with one entry takes about 400 bytes: its entries lie packed in one string.
//
// Threads: any. Cost: one striped mutex, half a microsecond. In memory only.
class Timelines {
 public:
  void add(std::string_view client_id, TimelineEntry entry);
  // Newest first.
  std::vector<TimelineEntry> of(std::string_view client_id) const;

  struct Figures {
    std::size_t clients = 0, bytes = 0;
  };
  Figures figures() const;

 private:
  static constexpr std::size_t stripes = 16;

  struct Client {
    std::string id;
    std::string entries;  // packed, oldest first
    std::uint32_t count = 0;
    std::size_t bytes() const { return sizeof(Client) + bookkeeping_bytes + id.capacity() + entries.capacity(); }
  };
  static constexpr std::size_t bookkeeping_bytes = 64;  // of the list and the map
  using Place = std::list<Client>::iterator;
  struct Stripe {
    mutable std::mutex mutex;
    std::list<Client> clients;  // the one that moved last is at the back
    std::unordered_map<std::string_view, Place> by_id;
    std::size_t bytes = 0;
  };
  static Client& client_of(Stripe& stripe, std::string_view client_id);
  static void make_room(Stripe& stripe);
  static std::size_t stripe_number(std::string_view client_id) { return std::hash<std::string_view>()(client_id) % stripes; }

  std::array<Stripe, stripes> stripes_;
};

}  // namespace croft::trace
