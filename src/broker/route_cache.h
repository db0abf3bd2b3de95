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
    if (routes_.empty()) routes_.resize(places_min);
    const std::size_t hash = std::hash<std::string_view>()(topic);
    Route* route = &place_of(hash, topic, version);
    if (route->version == version && route->topic == topic) return *route;
    if (route->version == version && ++conflicts_ > routes_.size() / 4 && routes_.size() < places_max) {
      grow();
      route = &place_of(hash, topic, version);
    }
    fill(*route, topic, version, find);
    return *route;
  }

  std::size_t places() const { return routes_.size(); }

 private:
  static constexpr std::size_t places_min = 1024;
  static constexpr std::size_t places_max = std::size_t{1} << 18;
  static constexpr std::size_t kept_max = 4096;  // subscribers of an entry whose memory is used again

  // A topic has two places; the one that is stale, or else the first, is given to a newcomer.
  Route& place_of(std::size_t hash, std::string_view topic, std::uint64_t version) {
    const std::size_t mask = routes_.size() - 1;
    Route& first = routes_[hash & mask];
    Route& second = routes_[(hash >> 20 ^ hash) & mask];
    if (second.version == version && second.topic == topic) return second;
    if (first.version == version && first.topic != topic && second.version != version) return second;
    return first;
  }

  // More topics are in use than there are places: four times as many, and those that are used come back by themselves.
  void grow() {
    const std::size_t places = routes_.size() * 4;
    std::vector<Route>().swap(routes_);
    routes_.resize(places);
    conflicts_ = 0;
  }

  template <class Find>
  void fill(Route& route, std::string_view topic, std::uint64_t version, Find&& find) {
    route.topic = topic;
    route.here.clear();
    if (route.here.capacity() > kept_max) std::vector<S>().swap(route.here);
    find(route);
    route.version = version;
  }

  std::vector<Route> routes_;  // a power of two; empty until the first message
  std::size_t conflicts_ = 0;  // topics that drove another out, since the last growth
};

}  // namespace croft::broker
