#include "console/user_operations.h"

#include "identity/password_hash.h"
#include "observe/log.h"
#include "text/encoding.h"

namespace croft::console {

namespace {

using gateway::Call;
using gateway::Reply;

// Functions and users of roles have keys too.
void check_caller(const UserBook& book, const Call& call) {
  if (call.caller.arn == book.instance.iam_arn("root")) return;
  throw ApiError(
      {"AccessDeniedException", call.caller.arn + " is not the account, and only the account may change who signs in", 403});
}

std::string name_in(const Call& call) { return std::string(json::string_or(call.input, "Name", "")); }

Result<Role> role_in(const Call& call) {
  const std::string name(json::string_or(call.input, "Role", ""));
  if (const auto role = role_of(name)) return *role;
  return Error{"InvalidRole", "'" + text::printable(name, 32) + "' is neither admin nor read-only"};
}

// Taken out of the call, which others see when it is over.
std::string take_password(Call& call) {
  std::string password(json::string_or(call.input, "Password", ""));
  call.input.erase("Password");
  call.http.body.clear();
  return password;
}

Task<Reply> list_users(UserBook book, Call& call) {
  check_caller(book, call);
  json::array all;
  for (const User& user : book.users.all()) {
    all.push_back(json::object{{"Name", user.name},
                               {"Role", name_of(user.role)},
                               {"Created", user.created.ms},
                               {"PasswordChanged", user.changed.ms},
                               {"Sessions", book.sessions.count_of(user.name)}});
  }
  Reply reply;
  reply.output = {{"Users", std::move(all)}};
  co_return reply;
}

Task<Reply> create_user(UserBook book, Call& call) {
  const std::string password = take_password(call);
  check_caller(book, call);
  User user{.name = name_in(call), .role = role_in(call).value(), .created = Timestamp::now()};
  user.changed = user.created;
  check_user_name(user.name).value();
  check_password(user.name, password).value();
  user.password_hash = co_await book.pool.run([password] { return identity::hash_password(password); });
  const std::string name = user.name;
  book.users.add(std::move(user)).value();
  co_await book.store.durable();
  log::info("console", name + " may sign in from now on");
  co_return Reply();
}

Task<Reply> set_password(UserBook book, Call& call) {
  const std::string password = take_password(call);
  check_caller(book, call);
  const std::string name = name_in(call);
  check_password(name, password).value();
  std::string hash = co_await book.pool.run([password] { return identity::hash_password(password); });
  book.users.set_password_hash(name, std::move(hash), Timestamp::now()).value();
  book.sessions.end_all_of(name);
  co_await book.store.durable();
  co_return Reply();
}

Task<Reply> set_role(UserBook book, Call& call) {
  check_caller(book, call);
  const std::string name = name_in(call);
  book.users.set_role(name, role_in(call).value()).value();
  book.sessions.end_all_of(name);
  co_await book.store.durable();
  co_return Reply();
}

Task<Reply> delete_user(UserBook book, Call& call) {
  check_caller(book, call);
  const std::string name = name_in(call);
  book.users.remove(name).value();
  book.sessions.end_all_of(name);
  co_await book.store.durable();
  log::info("console", name + " may no longer sign in");
  co_return Reply();
}

}  // namespace

void add_user_operations(gateway::Service& service, UserBook book) {
  const auto add = [&](const char* name, Task<Reply> (*operation)(UserBook, Call&)) {
    service.operations.push_back({name, "", [book, operation](Call& call) { return operation(book, call); }});
  };
  add("ListUsers", list_users);
  add("CreateUser", create_user);
  add("SetUserPassword", set_password);
  add("SetUserRole", set_role);
  add("DeleteUser", delete_user);
}

}  // namespace croft::console
