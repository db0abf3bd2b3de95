#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/outputs.h"

namespace croft::broker {

// Where messages of recently used topics go: the answers of the topic tables, kept until one of the tables changes.
// Devices publish to the same topics again and again, and an answer costs several lookups.
//
// S is what the shard's own trie gives. Threads: one.
template <class S>
class RouteCache {
 public:
  struct Route {
    std::string topic;
    std::uint64_t version = 0;
    Reach reach;              // whom it concerns beside the subscribers here
    std::vector<S> here;
  };

  // `find(route)` fills reach and here when nothing is kept for `version`, which is never 0.
  template <class Find>
  const Route& get(std::string_view topic, std::uint64_t version, Find&& find) {
    if (routes_.empty()) routes_.resize(places);
    Route& route = routes_[std::hash<std::string_view>()(topic) % places];
    if (route.version == version && route.topic == topic) return route;
    route.topic = topic;
    route.here.clear();
    if (route.here.capacity() > kept_max) std::vector<S>().swap(route.here);
    find(route);
    route.version = version;
    return route;
  }

 private:
  static constexpr std::size_t places = 1024;
  static constexpr std::size_t kept_max = 4096;  // subscribers of an entry whose memory is used again
  std::vector<Route> routes_;                    // empty until the first message
};

}  // namespace croft::broker
