#include "cli/commands.h"
#include "cli/terminal.h"

namespace croft::cli {

namespace {

// Values come from files: quoted, so that a shell takes them as they are.
std::string quoted(const std::string& value, char quote, const std::string& escaped) {
  std::string out(1, quote);
  for (char c : value) out += c == quote ? escaped : std::string(1, c);
  return out + quote;
}

std::string assignment(const std::string& shell, const std::string& name, const std::string& value) {
  if (shell == "fish") return "set -gx " + name + " " + quoted(value, '\'', "\\'");
  if (shell == "powershell") return "$env:" + name + " = " + quoted(value, '\'', "''");
  return "export " + name + "=" + quoted(value, '\'', "'\\''");
}

}  // namespace

int env(const EnvOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const std::pair<const char*, const std::string*> values[] = {
      {"AWS_ENDPOINT_URL", &place->gateway},
      {"AWS_ACCESS_KEY_ID", &place->credentials.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", &place->credentials.secret_access_key},
      {"AWS_DEFAULT_REGION", &place->region},
      {"AWS_REGION", &place->region}};
  for (const auto& [name, value] : values) print_line(assignment(options.shell, name, *value));
  if (!place->authorities.empty()) print_line(assignment(options.shell, "AWS_CA_BUNDLE", place->authorities));
  return 0;
}

}  // namespace croft::cli
