#pragma once

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/outputs.h"

namespace croft::broker {

// A topic that lies where its owner lies, unless it is long.
class KeptTopic {
 public:
  void assign(std::string_view topic) {
    const bool fits = topic.size() <= bytes_.size();
    size_ = fits ? static_cast<std::uint8_t>(topic.size()) : 0;
    if (fits) std::copy(topic.begin(), topic.end(), bytes_.begin());
    long_ = fits ? nullptr : std::make_unique<std::string>(topic);
  }
  std::string_view view() const { return long_ ? std::string_view(*long_) : std::string_view(bytes_.data(), size_); }

 private:
  std::unique_ptr<std::string> long_;
  std::uint8_t size_ = 0;
  std::array<char, 47> bytes_{};
};

// Where messages of recently used topics go: the answers of the topic tables, kept until one of the tables changes.
// Devices publish to the same topics again and again, and an answer costs several lookups.
//
// S is what the shard's own trie gives. Threads: one.
template <class S>
class RouteCache {
 public:
  using Receivers = boost::container::small_vector<S, 1>;  // most topics have one
  // With many topics the time of a message is that of fetching what is not in the processor's cache: two lines of it here.
  struct alignas(64) Route {
    std::size_t hash = 0;  // of the topic
    KeptTopic topic;
    std::uint64_t version = 0;
    Reach reach;           // whom it concerns beside the subscribers here
    Receivers here;

    bool is(std::size_t wanted_hash, std::string_view wanted, std::uint64_t wanted_version) const {
      return hash == wanted_hash && version == wanted_version && topic.view() == wanted;
    }
  };

  // `find(route)` fills reach and here when nothing is kept for `version`, which is never 0.
  template <class Find>
  const Route& get(std::string_view topic, std::uint64_t version, Find&& find) {
    if (routes_.empty()) routes_.resize(places_min);
    const std::size_t hash = std::hash<std::string_view>()(topic);
    const auto [first, second] = places_of(hash);
    if (first->is(hash, topic, version)) return *first;
    if (second->is(hash, topic, version)) return *second;
    Route* place = vacant(first, second, version);
    if (!place && ++conflicts_ > routes_.size() / 4 && routes_.size() < places_max) {
      grow();
      place = places_of(hash).first;
    }
    if (!place) place = first;
    place->hash = hash;
    fill(*place, topic, version, find);
    return *place;
  }

  // The same for a topic that hardly comes again: nothing is kept.
  template <class Find>
  const Route& once(std::string_view topic, Find&& find) {
    fill(once_, topic, 0, find);
    return once_;
  }

  std::size_t places() const { return routes_.size(); }

 private:
  static constexpr std::size_t places_min = 1024;
  static constexpr std::size_t places_max = std::size_t{1} << 18;
  static constexpr std::size_t kept_max = 4096;  // subscribers of an entry whose memory is used again

  // A topic has two places, so that two that want the same one seldom drive each other out.
  std::pair<Route*, Route*> places_of(std::size_t hash) {
    const std::size_t mask = routes_.size() - 1;
    return {&routes_[hash & mask], &routes_[(hash >> 20 ^ hash) & mask]};
  }

  // One of the two that holds nothing for `version`, if need be because who is there goes to its other place; null: none.
  Route* vacant(Route* first, Route* second, std::uint64_t version) {
    for (Route* place : {first, second}) {
      if (place->version != version) return place;
    }
    for (Route* place : {first, second}) {
      const auto [one, other] = places_of(place->hash);
      Route* elsewhere = place == one ? other : one;
      if (elsewhere->version == version) continue;
      std::swap(*elsewhere, *place);
      return place;
    }
    return nullptr;
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
    route.topic.assign(topic);
    route.here.clear();
    if (route.here.capacity() > kept_max) route.here.shrink_to_fit();
    find(route);
    route.version = version;
  }

  std::vector<Route> routes_;  // a power of two; empty until the first message
  std::size_t conflicts_ = 0;  // topics that drove another out, since the last growth
  Route once_;
};

}  // namespace croft::broker
