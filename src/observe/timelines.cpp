#include "observe/timelines.h"

#include "observe/limits.h"

namespace croft::trace {

std::string_view name(Moment moment) {
  constexpr std::array<std::string_view, 8> names = {"connected", "disconnected", "takeover",     "keepalive",
                                                     "refused",   "subscribed",   "unsubscribed", "published"};
  return names[static_cast<std::size_t>(moment)];
}

// Found or made, and moved to the back.
Timelines::Client& Timelines::client_of(Stripe& stripe, std::string_view client_id) {
  const auto found = stripe.by_id.find(client_id);
  if (found != stripe.by_id.end()) {
    stripe.clients.splice(stripe.clients.end(), stripe.clients, found->second);
    return *found->second;
  }
  const Place place = stripe.clients.insert(stripe.clients.end(), Client{.id = std::string(client_id), .entries = {}});
  place->bytes = sizeof(Client) + 2 * client_id.size();
  stripe.bytes += place->bytes;
  stripe.by_id.emplace(place->id, place);
  return *place;
}

void Timelines::make_room(Stripe& stripe) {
  while (stripe.clients.size() > limits::timeline_clients_max / stripes || stripe.bytes > limits::timelines_bytes_max / stripes) {
    Client& quiet = stripe.clients.front();
    stripe.bytes -= quiet.bytes;
    stripe.by_id.erase(quiet.id);
    stripe.clients.pop_front();
  }
}

void Timelines::add(std::string_view client_id, TimelineEntry entry) {
  Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  Client& client = client_of(stripe, client_id);
  const std::size_t before = client.bytes;
  if (client.entries.size() >= limits::entries_of_client_max) {
    client.bytes -= bytes_of(client.entries.front());
    client.entries.erase(client.entries.begin());
  }
  client.bytes += bytes_of(entry);
  client.entries.push_back(std::move(entry));
  stripe.bytes += client.bytes - before;
  make_room(stripe);
}

std::vector<TimelineEntry> Timelines::of(std::string_view client_id) const {
  const Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(client_id);
  if (found == stripe.by_id.end()) return {};
  return {found->second->entries.rbegin(), found->second->entries.rend()};
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
