#include <chrono>
#include <thread>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/terminal.h"

namespace croft::cli {

namespace {

constexpr std::chrono::milliseconds pause{300};

bool is_wanted(std::string_view line, const LogsOptions& options) {
  if (options.rule.empty() && options.client_id.empty()) return true;
  const auto entry = json::parse(line);
  if (!entry || !entry->is_object()) return false;
  const auto matches = [&](std::string_view member, const std::string& wanted) {
    return wanted.empty() || json::string_or(entry->get_object(), member, "") == wanted;
  };
  return matches("ruleName", options.rule) && matches("clientId", options.client_id);
}

void print_wanted(std::string_view lines, const LogsOptions& options) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
    const std::string_view line = lines.substr(0, end);
    if (is_wanted(line, options)) print_line(shown(line));
    lines.remove_prefix(end + 1);
  }
}

}  // namespace

int logs(const LogsOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  std::string query;
  for (;;) {
    auto page = api.page("/_croft/log", query);
    if (!page) return fail(page.error());
    print_wanted(json::string_or(*page, "lines", ""), options);
    if (!options.follow) return 0;
    query = "after=" + std::to_string(json::int_or(*page, "next", 0));
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace croft::cli
