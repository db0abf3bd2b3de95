#include "observe/timelines.h"

#include <algorithm>

#include "observe/limits.h"
#include "observe/packed_entry.h"

namespace croft::trace {

std::string_view name(Moment moment) {
  constexpr std::array<std::string_view, 8> names = {"connected", "disconnected", "takeover",     "keepalive",
                                                     "refused",   "subscribed",   "unsubscribed", "published"};
  return names[static_cast<std::size_t>(moment)];
}

void Timelines::Client::add(std::string_view entry) {
  std::string_view kept = entries();
  if (count_ < limits::entries_of_client_max) ++count_;
  else take_entry(kept);
  std::string bytes;
  bytes.reserve(id_bytes_ + kept.size() + entry.size());  // and not twice as many
  bytes.append(id()).append(kept).append(entry);
  bytes_ = std::move(bytes);
}

void Timelines::make_room(Stripe& stripe) {
  while (stripe.clients.size() > limits::timeline_clients_max / stripes || stripe.bytes > limits::timelines_bytes_max / stripes) {
    auto& by_age = stripe.clients.get<1>();
    stripe.bytes -= by_age.front().bytes();
    by_age.pop_front();
  }
}

void Timelines::add(std::string_view client_id, const TimelineEntry& entry) {
  const std::string bytes = packed(entry);
  Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  const auto [place, is_new] = stripe.clients.emplace(client_id);
  if (!is_new) stripe.bytes -= place->bytes();
  stripe.clients.modify(place, [&](Client& client) { client.add(bytes); });
  auto& by_age = stripe.clients.get<1>();
  by_age.relocate(by_age.end(), stripe.clients.project<1>(place));
  stripe.bytes += place->bytes();
  make_room(stripe);
}

std::vector<TimelineEntry> Timelines::of(std::string_view client_id) const {
  const Stripe& stripe = stripes_[stripe_number(client_id)];
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.clients.find(client_id);
  if (found == stripe.clients.end()) return {};
  std::vector<TimelineEntry> entries;
  for (std::string_view left = found->entries(); !left.empty();) entries.push_back(take_entry(left));
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
