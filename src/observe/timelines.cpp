#include "observe/timelines.h"

#include <algorithm>
#include <cstring>

#include "observe/limits.h"

namespace croft::trace {

std::string_view name(Moment moment) {
  constexpr std::array<std::string_view, 8> names = {"connected", "disconnected", "takeover",     "keepalive",
                                                     "refused",   "subscribed",   "unsubscribed", "published"};
  return names[static_cast<std::size_t>(moment)];
}

namespace {

// What comes before an entry's two texts.
struct Head {
  std::int64_t wall_us;
  std::uint32_t text_bytes, detail_bytes;
  std::array<char, Id::size> trace;
  Moment moment;
};

std::string packed(const TimelineEntry& entry) {
  Head head{};
  head.wall_us = entry.wall_us;
  head.text_bytes = static_cast<std::uint32_t>(entry.text.size());
  head.detail_bytes = static_cast<std::uint32_t>(entry.detail.size());
  std::memcpy(head.trace.data(), entry.trace.bytes().data(), head.trace.size());
  head.moment = entry.moment;
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  return bytes.append(entry.text).append(entry.detail);
}

Head head_of(std::string_view bytes) {
  Head head;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head;
}

std::size_t size_of_first(std::string_view bytes) {
  const Head head = head_of(bytes);
  return sizeof head + head.text_bytes + head.detail_bytes;
}

// The first entry of those in `bytes`.
TimelineEntry unpacked(std::string_view bytes) {
  const Head head = head_of(bytes);
  const std::string_view texts = bytes.substr(sizeof head);
  return {.moment = head.moment,
          .wall_us = head.wall_us,
          .trace = Id(std::string_view(head.trace.data(), head.trace.size())),
          .text = std::string(texts.substr(0, head.text_bytes)),
          .detail = std::string(texts.substr(head.text_bytes, head.detail_bytes))};
}

}  // namespace

// Found or made, and moved to the back.
Timelines::Client& Timelines::client_of(Stripe& stripe, std::string_view client_id) {
  const auto found = stripe.by_id.find(client_id);
  if (found != stripe.by_id.end()) {
    stripe.clients.splice(stripe.clients.end(), stripe.clients, found->second);
    return *found->second;
  }
  const Place place = stripe.clients.insert(stripe.clients.end(), Client{.id = std::string(client_id), .entries = {}});
  stripe.bytes += place->bytes();
  stripe.by_id.emplace(place->id, place);
  return *place;
}

void Timelines::make_room(Stripe& stripe) {
  while (stripe.clients.size() > limits::timeline_clients_max / stripes || stripe.bytes > limits::timelines_bytes_max / stripes) {
    Client& quiet = stripe.clients.front();
    stripe.bytes -= quiet.bytes();
    stripe.by_id.erase(quiet.id);
    stripe.clients.pop_front();
  }
}

void Timelines::add(std::string_view client_id, TimelineEntry entry) {
  const std::string bytes = packed(entry);
  Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  Client& client = client_of(stripe, client_id);
  stripe.bytes -= client.bytes();
  if (client.count >= limits::entries_of_client_max) {
    client.entries.erase(0, size_of_first(client.entries));
    --client.count;
  }
  client.entries.reserve(client.entries.size() + bytes.size());  // no more than that
  client.entries += bytes;
  ++client.count;
  stripe.bytes += client.bytes();
  make_room(stripe);
}

std::vector<TimelineEntry> Timelines::of(std::string_view client_id) const {
  const Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(client_id);
  if (found == stripe.by_id.end()) return {};
  std::vector<TimelineEntry> entries;
  for (std::string_view left = found->second->entries; !left.empty(); left.remove_prefix(size_of_first(left)))
    entries.push_back(unpacked(left));
  std::reverse(entries.begin(), entries.end());
  return entries;
}

Timelines::Figures Timelines::figures() const {
  Figures figures;
  for (const Stripe& stripe : stripes_) {
    std::lock_guard lock(stripe.mutex);
    figures.clients += stripe.clients.size();
    figures.bytes += stripe.bytes;
  }
  return figures;
}

}  // namespace croft::trace
