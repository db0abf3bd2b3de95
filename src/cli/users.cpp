// Who may sign in to the console. The store belongs to the running croft, which also ends sessions: so it is asked.
#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/secret_input.h"
#include "cli/terminal.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

Result<json::object> ask(const UsersOptions& options, const std::string& operation, const json::object& input) {
  auto place = find_place(options.place);
  if (!place) return place.error();
  return AwsApi(*place).json("croft", "Croft_1." + operation, input);
}

Result<std::string> new_password(const UsersOptions& options) {
  return options.password_stdin ? secret_from_input() : new_secret_from_terminal("Password of " + shown(options.name));
}

int done(const Result<json::object>& answer, const std::string& what) {
  if (!answer) return fail(answer.error());
  print_line(what);
  return 0;
}

}  // namespace

int users_list(const UsersOptions& options) {
  auto answer = ask(options, "ListUsers", {});
  if (!answer) return fail(answer.error());
  const json::value* list = json::find(*answer, "Users");
  if (!list || !list->is_array()) return fail({"InvalidResponse", "the answer has no list of users"});
  TextTable table({"NAME", "ROLE", "CREATED", "PASSWORD SET", "SESSIONS"});
  for (const json::value& user : list->get_array()) {
    if (options.json) print_line(json_line(user));
    if (!user.is_object()) continue;
    const json::object& members = user.get_object();
    table.add({Cell{shown(json::string_or(members, "Name", ""))}, Cell{shown(json::string_or(members, "Role", ""))},
               Cell{local_date_time({json::int_or(members, "Created", 0)})},
               Cell{local_date_time({json::int_or(members, "PasswordChanged", 0)})},
               Cell{std::to_string(json::int_or(members, "Sessions", 0)), true}});
  }
  if (!options.json)
    print_line(table.is_empty() ? "Nobody can sign in yet. Let somebody with:\n  croft users add NAME" : table.text());
  return 0;
}

int users_add(const UsersOptions& options) {
  auto password = new_password(options);
  if (!password) return fail(password.error());
  return done(ask(options, "CreateUser", {{"Name", options.name}, {"Role", options.role}, {"Password", *password}}),
              shown(options.name) + " can sign in now, as " + options.role);
}

int users_remove(const UsersOptions& options) {
  return done(ask(options, "DeleteUser", {{"Name", options.name}}), shown(options.name) + " can no longer sign in");
}

int users_password(const UsersOptions& options) {
  auto password = new_password(options);
  if (!password) return fail(password.error());
  return done(ask(options, "SetUserPassword", {{"Name", options.name}, {"Password", *password}}),
              shown(options.name) + " has a new password and is signed out");
}

int users_role(const UsersOptions& options) {
  return done(ask(options, "SetUserRole", {{"Name", options.name}, {"Role", options.role}}),
              shown(options.name) + " is " + options.role + " now and is signed out");
}

}  // namespace croft::cli
