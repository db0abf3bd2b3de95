#include "console/sign_in.h"

#include "identity/password_hash.h"
#include "observe/log.h"

namespace croft::console {

// A wrong name is not logged: it may be a password that was typed into the wrong field.
Task<SignIn::Answer> SignIn::sign_in(std::string name, std::string password, std::string address) {
  const std::chrono::milliseconds wait = guesses_.wait(name, address, MonoTime::now());
  if (wait.count() > 0) co_return Answer{.outcome = Outcome::must_wait, .wait = wait};
  if (hashing_ >= limits::hashes_at_once + limits::hashes_waiting_max) co_return Answer{.outcome = Outcome::busy};
  guesses_.is_tried(name, address, MonoTime::now());
  const std::optional<User> before = users_.find(name);
  const std::string stored = before ? before->password_hash : identity::hash_of_nobody();
  ++hashing_;
  const bool is_right =
      co_await hashers_.run([password = std::move(password), stored] { return identity::is_password(password, stored); });
  --hashing_;
  const std::optional<User> user = users_.find(name);
  const bool is_as_before = before && user && user->password_hash == stored;
  if (!is_right || !is_as_before) {
    guesses_.was_wrong(name, address, MonoTime::now());
    log::warn("console", "refused a sign-in" + (before ? " of " + name : std::string()) + " from " + address);
    co_return Answer{};
  }
  guesses_.was_right(name, address, MonoTime::now());
  log::info("console", name + " signed in from " + address);
  co_return Answer{.outcome = Outcome::signed_in, .token = sessions_.begin(*user, MonoTime::now()), .role = user->role};
}

}  // namespace croft::console
