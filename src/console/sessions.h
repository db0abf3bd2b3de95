#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "console/users.h"
#include "types/timestamp.h"

namespace croft::console {

// Who is signed in: each session is known by 32 random bytes, of which only the digest is kept, so that what lies in this
// process's memory opens no session. In memory only: a restart signs everybody out.
//
// A session ends when nothing was asked with it for 12 hours, 7 days after it began, by sign-out, and with a change of its
// user's password or role. Its user's oldest one makes room for the eleventh.
//
// Threads: any.
class Sessions {
 public:
  struct Session {
    std::string id;  // names it where the token must not be, such as in a principal; 16 hex digits
    std::string user;
    Role role = Role::none;
    MonoTime began, used;
  };

  // The token, for the cookie: 64 hex digits.
  std::string begin(const User& user, MonoTime now);
  // The session, unless it is over; it counts as used now.
  std::optional<Session> use(std::string_view token, MonoTime now);
  void end(std::string_view token);
  void end_all_of(std::string_view user);
  // Forgets those that are over by time.
  void sweep(MonoTime now);

  // Whether the session of that id is there and of this role.
  bool is_live(std::string_view id, Role role) const;
  std::size_t count_of(std::string_view user) const;
  // Moves with every session that ends.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

 private:
  using ByDigest = std::map<std::string, Session, std::less<>>;
  void make_room(const std::string& user);  // with the mutex held, as the next
  ByDigest::iterator forget(ByDigest::iterator session);

  mutable std::mutex mutex_;
  ByDigest sessions_;
  std::map<std::string, Role, std::less<>> by_id_;
  std::atomic<std::uint64_t> revision_ = 0;
};

}  // namespace croft::console
