#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/text_table.h"
#include "text/encoding.h"

namespace croft::cli {

int rules_list(const RulesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  TextTable view({"RULE", "TOPIC", "STATE"});
  std::string query;
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = api.rest_json({.service = "iot", .method = "GET", .path = "/rules", .query = query});
    if (!answer) return fail(answer.error());
    const json::value* rules = json::find(*answer, "rules");
    if (!rules || !rules->is_array()) return fail({"InvalidResponse", "the answer has no list of rules"});
    for (const json::value& v : rules->get_array()) {
      if (!v.is_object()) continue;
      const json::object& rule = v.get_object();
      if (options.json) print_line(json_line(rule));
      const bool disabled = json::bool_or(rule, "ruleDisabled", false);
      view.add({{shown(json::string_or(rule, "ruleName", "")), false, Colour::bold},
                {shown(json::string_or(rule, "topicPattern", ""))},
                {disabled ? "disabled" : "enabled", false, disabled ? Colour::yellow : Colour::green}});
    }
    const std::string_view next = json::string_or(*answer, "nextToken", "");
    if (next.empty()) break;
    query = "nextToken=" + text::percent_encode(next);
  }
  if (!options.json) print_line(view.is_empty() ? "There are no rules." : view.text());
  return 0;
}

int rules_show(const RulesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto answer = AwsApi(*place).rest_json(
      {.service = "iot", .method = "GET", .path = "/rules/" + text::percent_encode(options.name)});
  if (!answer) return fail(answer.error());
  const json::value* rule = json::find(*answer, "rule");
  if (options.json || !rule || !rule->is_object()) {
    print_line(json_line(*answer));
    return 0;
  }
  print_line(painted(Colour::bold, shown(json::string_or(rule->get_object(), "sql", ""))));
  print_line(json_block(*rule));
  return 0;
}

}  // namespace croft::cli
