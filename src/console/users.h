#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::console {

// read_only sees everything and changes nothing.
enum class Role : std::uint8_t { none, read_only, admin };
std::string_view name_of(Role role);  // "admin", "read-only"
std::optional<Role> role_of(std::string_view name);

struct User {
  std::string name;
  Role role = Role::none;
  std::string password_hash;   // as identity/password_hash.h makes it
  Timestamp created, changed;  // the latter when the password was set
};

// The people who may sign in to the console: rows of Family::registry, "console-user/NAME". They are changed through the
// running croft alone (`croft users`), so that a change also ends sessions.
//
// Threads: any. Errors: InvalidName, UserExists, NoSuchUser, LimitExceeded.
class Users {
 public:
  explicit Users(Store& store);

  bool empty() const;
  std::vector<User> all() const;  // by name
  std::optional<User> find(std::string_view name) const;
  // Visible and written when they return; Store::durable() waits for the disk.
  Result<void> add(User user);
  Result<void> set_password_hash(std::string_view name, std::string hash, Timestamp now);
  Result<void> set_role(std::string_view name, Role role);
  Result<void> remove(std::string_view name);

 private:
  void save(const User& user);  // with the mutex held

  Store& store_;
  mutable std::mutex mutex_;
  std::map<std::string, User, std::less<>> users_;
};

// 1 to 32 of a-z, 0-9, '.', '_' and '-', the first a letter or digit; not the name that loopback goes by. InvalidName.
Result<void> check_user_name(std::string_view name);
// 12 to 1,024 bytes of UTF-8 without control characters, and not the name itself. InvalidPassword; the text tells no password.
Result<void> check_password(std::string_view name, std::string_view password);

}  // namespace croft::console
