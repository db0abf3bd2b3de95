#pragma once

#include <chrono>
#include <string>

#include "console/guesses.h"
#include "console/limits.h"
#include "console/sessions.h"
#include "console/users.h"
#include "shard/pool.h"

namespace croft::console {

// Turns a name and a password into a session. The work of the password's hash is done on threads of its own, for so many at a
// time as limits.h says; a name that nobody has takes as long, and is answered as a wrong password is.
//
// Threads: one shard's.
class SignIn {
 public:
  // Both outlive it.
  SignIn(const Users& users, Sessions& sessions) : users_(users), sessions_(sessions) {}
  SignIn(const SignIn&) = delete;

  enum class Outcome : std::uint8_t { signed_in, wrong, must_wait, busy };
  struct Answer {
    Outcome outcome = Outcome::wrong;
    std::string token{};  // signed_in, as the next
    Role role = Role::none;
    std::chrono::milliseconds wait{};  // must_wait
  };
  Task<Answer> sign_in(std::string name, std::string password, std::string address);

 private:
  const Users& users_;
  Sessions& sessions_;
  Guesses guesses_;
  std::size_t hashing_ = 0;
  Pool hashers_{limits::hashes_at_once};
};

}  // namespace croft::console
