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

// What a rule's actions did, as "LambdaAction 7/0": successes and failures.
static std::string outcomes(const json::object& metrics, std::string_view name) {
  std::string text;
  const json::value* list = json::find(metrics, name);
  if (!list || !list->is_array()) return text;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) continue;
    const json::object& action = one.get_object();
    text += (text.empty() ? "" : ", ") + shown(json::string_or(action, "action", "")) + " " +
            std::to_string(json::int_or(action, "success", 0)) + "/" +
            std::to_string(json::int_or(action, "failure", 0));
  }
  return text;
}

static void add_metrics(TextTable& view, const json::object& rule) {
  const json::value* found = json::find(rule, "metrics");
  if (!found || !found->is_object()) return;
  const json::object& metrics = found->get_object();
  const auto number = [&metrics](std::string_view name) {
    return Cell{std::to_string(json::int_or(metrics, name, 0)), true};
  };
  view.add({{shown(json::string_or(rule, "ruleName", "")), false, Colour::bold},
            number("topicMatch"),
            number("executed"),
            number("evaluationFailure"),
            number("parseError"),
            {outcomes(metrics, "actions")},
            {outcomes(metrics, "errorActions")}});
}

int rules_metrics(const RulesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const std::string path =
      options.name.empty() ? "/_croft/rules" : "/_croft/rules/" + text::percent_encode(options.name);
  auto answer = AwsApi(*place).page(path);
  if (!answer) return fail(answer.error());
  TextTable view({"RULE", "MATCHED", "EXECUTED", "FAILED", "NO JSON", "ACTIONS (SUCCESS/FAILURE)", "ERROR ACTION"});
  json::array rules;
  const json::value* list = json::find(*answer, "rules");
  if (list && list->is_array())
    rules = list->get_array();
  else
    rules.push_back(*answer);
  for (const json::value& rule : rules) {
    if (!rule.is_object()) continue;
    if (options.json)
      print_line(json_line(rule));
    else
      add_metrics(view, rule.get_object());
  }
  if (!options.json) print_line(view.is_empty() ? "There are no rules." : view.text());
  return 0;
}

}  // namespace croft::cli
