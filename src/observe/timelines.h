#pragma once

#include <array>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/mem_fun.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <mutex>
#include <string>
#include <string_view>
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
// makes room. A client with one entry takes about 180 bytes: all of it lies packed in one string.
//
// Threads: any. Cost: one striped mutex, half a microsecond. In memory only.
class Timelines {
 public:
  void add(std::string_view client_id, const TimelineEntry& entry);
  // Newest first.
  std::vector<TimelineEntry> of(std::string_view client_id) const;

  struct Figures {
    std::size_t clients = 0, bytes = 0;
  };
  Figures figures() const;

 private:
  static constexpr std::size_t stripes = 16;

  class Client {
   public:
    explicit Client(std::string_view id) : bytes_(id), id_bytes_(static_cast<std::uint32_t>(id.size())) {}
    std::string_view id() const { return std::string_view(bytes_).substr(0, id_bytes_); }
    std::string_view entries() const { return std::string_view(bytes_).substr(id_bytes_); }
    // The oldest goes when there are too many.
    void add(std::string_view entry);
    std::size_t bytes() const { return sizeof(Client) + bookkeeping_bytes + bytes_.capacity(); }

   private:
    std::string bytes_;  // the id, then the packed entries, oldest first
    std::uint32_t id_bytes_;
    std::uint32_t count_ = 0;
  };
  static constexpr std::size_t bookkeeping_bytes = 48;  // of the container, for each
  // By id, and in the order in which they moved.
  using Clients = boost::multi_index_container<
      Client, boost::multi_index::indexed_by<
                  boost::multi_index::hashed_unique<boost::multi_index::const_mem_fun<Client, std::string_view, &Client::id>,
                                                    std::hash<std::string_view>>,
                  boost::multi_index::sequenced<>>>;
  struct Stripe {
    mutable std::mutex mutex;
    Clients clients;
    std::size_t bytes = 0;
  };
  static void make_room(Stripe& stripe);
  static std::size_t stripe_number(std::string_view client_id) { return std::hash<std::string_view>()(client_id) % stripes; }

  std::array<Stripe, stripes> stripes_;
};

}  // namespace croft::trace
