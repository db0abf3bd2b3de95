#include "console/sessions.h"

#include "console/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::console {

namespace {

constexpr std::size_t token_bytes = 32, id_bytes = 8;

bool is_over(const Sessions::Session& session, MonoTime now) {
  return now.ms - session.used.ms >= limits::session_idle_max_ms || now.ms - session.began.ms >= limits::session_life_max_ms;
}

}  // namespace

Sessions::ByDigest::iterator Sessions::forget(ByDigest::iterator session) {
  by_id_.erase(session->second.id);
  revision_.fetch_add(1, std::memory_order_acq_rel);
  return sessions_.erase(session);
}

void Sessions::make_room(const std::string& user) {
  std::size_t count = 0;
  auto oldest = sessions_.end(), oldest_of_user = sessions_.end();
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (oldest == sessions_.end() || at->second.used < oldest->second.used) oldest = at;
    if (at->second.user != user) continue;
    ++count;
    if (oldest_of_user == sessions_.end() || at->second.used < oldest_of_user->second.used) oldest_of_user = at;
  }
  if (count >= limits::sessions_of_user_max)
    forget(oldest_of_user);
  else if (sessions_.size() >= limits::sessions_max)
    forget(oldest);
}

std::string Sessions::begin(const User& user, MonoTime now) {
  std::string token = text::hex(text::random_bytes(token_bytes));
  const Session session{
      .id = text::hex(text::random_bytes(id_bytes)), .user = user.name, .role = user.role, .began = now, .used = now};
  std::lock_guard lock(mutex_);
  make_room(user.name);
  by_id_.emplace(session.id, session.role);
  sessions_.emplace(text::sha256(token), session);
  return token;
}

std::optional<Sessions::Session> Sessions::use(std::string_view token, MonoTime now) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(text::sha256(token));
  if (found == sessions_.end()) return std::nullopt;
  if (is_over(found->second, now)) {
    forget(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second;
}

void Sessions::end(std::string_view token) {
  std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(text::sha256(token)); found != sessions_.end()) forget(found);
}

void Sessions::end_all_of(std::string_view user) {
  std::lock_guard lock(mutex_);
  for (auto at = sessions_.begin(); at != sessions_.end();) at = at->second.user == user ? forget(at) : std::next(at);
}

void Sessions::sweep(MonoTime now) {
  std::lock_guard lock(mutex_);
  for (auto at = sessions_.begin(); at != sessions_.end();) at = is_over(at->second, now) ? forget(at) : std::next(at);
}

bool Sessions::is_live(std::string_view id, Role role) const {
  std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found != by_id_.end() && found->second == role;
}

std::size_t Sessions::count_of(std::string_view user) const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [digest, session] : sessions_) count += session.user == user;
  return count;
}

}  // namespace croft::console
