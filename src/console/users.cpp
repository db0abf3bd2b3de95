#include "console/users.h"

#include <algorithm>

#include "console/limits.h"
#include "observe/log.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

constexpr std::string_view row_prefix = "console-user/";
constexpr std::string_view row_end = "console-user0";  // the key after every "console-user/…"

Error no_such_user(std::string_view name) {
  return {"NoSuchUser", "there is no user '" + text::printable(name, 32) + "'", 404};
}

std::string row_of(const User& user) {
  return json::dump(json::object{{"role", name_of(user.role)},
                                 {"password", user.password_hash},
                                 {"created", user.created.ms},
                                 {"changed", user.changed.ms}});
}

std::optional<User> user_of(std::string_view name, std::string_view row) {
  const auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& members = parsed->get_object();
  const std::optional<Role> role = role_of(json::string_or(members, "role", ""));
  if (!role) return std::nullopt;
  return User{.name = std::string(name),
              .role = *role,
              .password_hash = std::string(json::string_or(members, "password", "")),
              .created = {json::int_or(members, "created", 0)},
              .changed = {json::int_or(members, "changed", 0)}};
}

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; }

}  // namespace

std::string_view name_of(Role role) { return role == Role::admin ? "admin" : role == Role::read_only ? "read-only" : "none"; }

std::optional<Role> role_of(std::string_view name) {
  for (const Role role : {Role::admin, Role::read_only})
    if (name == name_of(role)) return role;
  return std::nullopt;
}

Result<void> check_user_name(std::string_view name) {
  const bool begins_well = !name.empty() && name.front() != '.' && name.front() != '_' && name.front() != '-';
  const bool is_well_formed =
      begins_well && name.size() <= limits::user_name_bytes_max && std::all_of(name.begin(), name.end(), is_name_character);
  if (is_well_formed && name != "loopback") return {};
  return Error{"InvalidName",
               "a user's name has 1 to 32 of a-z, 0-9, '.', '_' and '-', begins with a letter or digit, and is not 'loopback'"};
}

Result<void> check_password(std::string_view name, std::string_view password) {
  const auto refuse = [](std::string why) { return Error{"InvalidPassword", std::move(why)}; };
  if (password.size() < limits::password_bytes_min) return refuse("a password has at least 12 characters");
  if (password.size() > limits::password_bytes_max) return refuse("a password has at most 1024 bytes");
  const bool has_controls =
      std::any_of(password.begin(), password.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (has_controls || !text::is_utf8(password)) return refuse("a password is UTF-8 without control characters");
  if (password == name) return refuse("a password is not the user's name");
  return {};
}

Users::Users(Store& store) : store_(store) {
  store_.visit(Family::registry, row_prefix, row_end, false, [this](std::string_view key, std::string_view value) {
    const std::string name(key.substr(row_prefix.size()));
    if (auto user = user_of(name, value))
      users_.emplace(name, std::move(*user));
    else
      log::error("console", "the row of a user cannot be read and is left out: " + name);
    return true;
  });
}

bool Users::empty() const {
  std::lock_guard lock(mutex_);
  return users_.empty();
}

std::vector<User> Users::all() const {
  std::lock_guard lock(mutex_);
  std::vector<User> all;
  for (const auto& [name, user] : users_) all.push_back(user);
  return all;
}

std::optional<User> Users::find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  return found == users_.end() ? std::nullopt : std::optional(found->second);
}

void Users::save(const User& user) {
  Batch batch;
  batch.put(Family::registry, std::string(row_prefix) + user.name, row_of(user));
  store_.write(std::move(batch));
}

Result<void> Users::add(User user) {
  if (auto valid = check_user_name(user.name); !valid) return valid;
  std::lock_guard lock(mutex_);
  if (users_.contains(user.name)) return Error{"UserExists", "there is a user '" + user.name + "' already", 409};
  if (users_.size() >= limits::users_max)
    return Error{"LimitExceeded", "there are as many users as can be: " + std::to_string(limits::users_max)};
  save(user);
  users_.emplace(user.name, std::move(user));
  return {};
}

Result<void> Users::set_password_hash(std::string_view name, std::string hash, Timestamp now) {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  if (found == users_.end()) return no_such_user(name);
  found->second.password_hash = std::move(hash);
  found->second.changed = now;
  save(found->second);
  return {};
}

Result<void> Users::set_role(std::string_view name, Role role) {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  if (found == users_.end()) return no_such_user(name);
  found->second.role = role;
  save(found->second);
  return {};
}

Result<void> Users::remove(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  if (found == users_.end()) return no_such_user(name);
  Batch batch;
  batch.erase(Family::registry, std::string(row_prefix) + found->first);
  store_.write(std::move(batch));
  users_.erase(found);
  return {};
}

}  // namespace croft::console
