#include "console/guesses.h"

#include <arpa/inet.h>

#include <algorithm>

#include "console/limits.h"
#include "text/encoding.h"

namespace croft::console {

namespace {

// One household's or host's IPv6 addresses are a /64. Source: RFC 6177.
std::string place_of(std::string_view address) {
  in6_addr bytes{};
  const std::string text(address);
  if (::inet_pton(AF_INET6, text.c_str(), &bytes) != 1) return text;
  return text::hex({reinterpret_cast<const char*>(bytes.s6_addr), 8});
}

std::string home_of(std::string_view name, std::string_view address) { return std::string(name) + ' ' + place_of(address); }

}  // namespace

void Guesses::count(Rows& rows, std::string key, MonoTime now) {
  auto found = rows.find(key);
  if (found == rows.end()) {
    const auto earlier = [](const auto& a, const auto& b) { return a.second.last < b.second.last; };
    if (rows.size() >= limits::guessers_max) rows.erase(std::min_element(rows.begin(), rows.end(), earlier));
    found = rows.emplace(std::move(key), Row{}).first;
  }
  Row& row = found->second;
  if (now.ms - row.last.ms >= limits::guesses_forgotten_after_ms) row.wrong = 0;
  ++row.wrong;
  row.last = now;
}

std::chrono::milliseconds Guesses::wait_of(const Rows& rows, const std::string& key, unsigned free,
                                           std::chrono::milliseconds most, MonoTime now) {
  const auto found = rows.find(key);
  if (found == rows.end() || found->second.wrong < free) return {};
  if (now.ms - found->second.last.ms >= limits::guesses_forgotten_after_ms) return {};
  const std::chrono::milliseconds whole =
      std::min(most, std::chrono::milliseconds(1'000 << std::min(found->second.wrong - free, 16u)));
  return std::max(std::chrono::milliseconds(0), whole - std::chrono::milliseconds(now.ms - found->second.last.ms));
}

std::chrono::milliseconds Guesses::wait(std::string_view name, std::string_view address, MonoTime now) const {
  std::lock_guard lock(mutex_);
  const auto of_address = wait_of(addresses_, place_of(address), limits::guesses_of_address, limits::address_waits_max, now);
  if (homes_.contains(home_of(name, address))) return of_address;
  return std::max(of_address, wait_of(names_, std::string(name), limits::guesses_of_name, limits::name_waits_max, now));
}

void Guesses::is_tried(std::string_view name, std::string_view address, MonoTime now) {
  std::lock_guard lock(mutex_);
  count(addresses_, place_of(address), now);
  count(names_, std::string(name), now);
}

void Guesses::was_wrong(std::string_view name, std::string_view address, MonoTime now) {
  std::lock_guard lock(mutex_);
  if (const auto tried = addresses_.find(place_of(address)); tried != addresses_.end()) tried->second.last = now;
  if (const auto tried = names_.find(name); tried != names_.end()) tried->second.last = now;
}

void Guesses::was_right(std::string_view name, std::string_view address, MonoTime now) {
  std::lock_guard lock(mutex_);
  addresses_.erase(place_of(address));
  if (const auto tried = names_.find(name); tried != names_.end() && --tried->second.wrong == 0) names_.erase(tried);
  count(homes_, home_of(name, address), now);
}

}  // namespace croft::console
