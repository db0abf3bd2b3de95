#include "sql/trial.h"

#include <algorithm>

#include "mqtt/topic.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

constexpr std::string_view basic_ingest_prefix = "$aws/rules/";

Error invalid(std::string message) {
  return {"InvalidRequestException", std::move(message)};
}

// Text members of a request, by name.
struct TextMember {
  std::string_view name;
  std::string Trial::*required = nullptr;
  std::optional<std::string> Trial::*optional = nullptr;
};
constexpr TextMember text_members[] = {
    {"sql", &Trial::sql, nullptr},
    {"sqlVersion", &Trial::sql_version, nullptr},
    {"topic", &Trial::topic, nullptr},
    {"accountId", &Trial::account_id, nullptr},
    {"payloadText", &Trial::payload, nullptr},
    {"clientId", nullptr, &Trial::client_id},
    {"principal", nullptr, &Trial::principal},
    {"sourceIp", nullptr, &Trial::source_ip},
    {"traceId", nullptr, &Trial::trace_id},
};

Result<void> read_properties(Trial& trial, const json::value& list) {
  if (!list.is_array()) return invalid("'userProperties' is a list of [key, value]");
  for (const json::value& pair : list.get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2 || !pair.at(0).is_string() || !pair.at(1).is_string())
      return invalid("'userProperties' is a list of [key, value]");
    trial.user_properties.emplace_back(pair.at(0).get_string(), pair.at(1).get_string());
  }
  return {};
}

Result<void> read_member(Trial& trial, std::string_view name, const json::value& value) {
  const auto text = std::find_if(std::begin(text_members), std::end(text_members),
                                 [&](const TextMember& each) { return each.name == name; });
  if (text != std::end(text_members)) {
    if (!value.is_string()) return invalid("'" + std::string(name) + "' is a string");
    if (text->required)
      trial.*text->required = value.get_string();
    else
      trial.*text->optional = std::string(value.get_string());
  } else if (name == "payload") {
    trial.payload = json::dump(value);
  } else if (name == "payloadBase64") {
    std::optional<std::string> bytes = value.is_string() ? text::from_base64(value.get_string()) : std::nullopt;
    if (!bytes) return invalid("'payloadBase64' is not base64");
    trial.payload = std::move(*bytes);
  } else if (name == "timestamp") {
    if (!value.is_int64()) return invalid("'timestamp' is a number of milliseconds");
    trial.timestamp = Timestamp{value.get_int64()};
  } else if (name == "explain") {
    if (!value.is_bool()) return invalid("'explain' is true or false");
    trial.explain = value.get_bool();
  } else if (name == "userProperties") {
    return read_properties(trial, value);
  } else {
    return invalid("there is no member '" + std::string(name) + "'");
  }
  return {};
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

Context context_of(const Trial& trial) {
  Context context;
  context.topic = trial.topic;
  context.client_id = view(trial.client_id);
  context.principal = view(trial.principal);
  context.source_ip = view(trial.source_ip);
  context.trace_id = view(trial.trace_id);
  context.account_id = trial.account_id;
  context.rule_name = trial.rule_name;
  context.timestamp = trial.timestamp.value_or(Timestamp::now());
  context.user_properties = trial.user_properties;
  return context;
}

// Basic Ingest names its rule and does not look at FROM; the statement sees the rest of the topic.
bool is_for(const Query& query, std::string_view topic, Context& context) {
  if (!topic.starts_with(basic_ingest_prefix)) return mqtt::matches(query.topic_filter(), topic);
  topic.remove_prefix(basic_ingest_prefix.size());
  const std::size_t slash = topic.find('/');
  context.rule_name = topic.substr(0, slash);
  context.topic = slash == std::string_view::npos ? std::string_view() : topic.substr(slash + 1);
  return true;
}

std::string_view name_of(TrialOutcome::Kind kind) {
  switch (kind) {
    case TrialOutcome::Kind::result:
      return "RESULT";
    case TrialOutcome::Kind::not_true:
      return "NOT_TRUE";
    case TrialOutcome::Kind::other_topic:
      return "OTHER_TOPIC";
    case TrialOutcome::Kind::refused:
      return "REFUSED";
    case TrialOutcome::Kind::failed:
      break;
  }
  return "FAILED";
}

TrialOutcome ended(TrialOutcome outcome, TrialOutcome::Kind kind, Error error = {}) {
  outcome.kind = kind;
  outcome.position = position_of(error);
  outcome.error = std::move(error);
  return outcome;
}

}  // namespace

Result<Trial> Trial::from_json(const json::object& request) {
  Trial trial;
  for (const auto& [name, value] : request)
    if (auto read = read_member(trial, name, value); !read) return read.error();
  if (!json::find(request, "sql")) return invalid("'sql' is missing");
  if (!json::find(request, "topic")) return invalid("'topic' is missing");
  return trial;
}

TrialOutcome run(const Trial& trial) {
  TrialOutcome outcome;
  const auto query =
      Query::compile(trial.sql, trial.sql_version, trial.explain ? Query::Form::plain : Query::Form::simplified);
  if (!query) return ended(std::move(outcome), TrialOutcome::Kind::refused, query.error());
  outcome.topic_filter = query->topic_filter();
  Context context = context_of(trial);
  if (!is_for(*query, trial.topic, context)) return ended(std::move(outcome), TrialOutcome::Kind::other_topic);

  const Message message{SharedBytes(trial.payload)};
  Trace trace;
  const auto output = trial.explain ? query->explain(message, context, trace) : query->evaluate(message, context);
  outcome.steps = trace.steps();
  outcome.steps_are_cut = trace.is_cut();
  if (!output) return ended(std::move(outcome), TrialOutcome::Kind::failed, output.error());
  if (!*output) return ended(std::move(outcome), TrialOutcome::Kind::not_true);
  outcome.payload = (*output)->payload();
  return outcome;
}

json::object TrialOutcome::to_json() const {
  json::object out{{"outcome", name_of(kind)}};
  if (kind == Kind::result) {
    if (text::is_utf8(payload.view()))
      out["payloadText"] = payload.view();
    else
      out["payloadBase64"] = text::base64(payload.view());
  }
  if (!error.code.empty()) out["code"] = error.code;
  if (!error.message.empty()) out["message"] = error.message;
  if (position) {
    out["line"] = position->line;
    out["column"] = position->column;
  }
  if (!topic_filter.empty()) out["topicFilter"] = topic_filter;
  if (steps.empty()) return out;
  json::array all;
  for (const Trace::Step& step : steps) {
    json::object one{{"depth", step.depth}, {"expression", step.expression}, {"value", step.value}};
    if (!step.clause.empty()) one["clause"] = step.clause;
    all.push_back(std::move(one));
  }
  out["steps"] = std::move(all);
  if (steps_are_cut) out["stepsAreCut"] = true;
  return out;
}

}  // namespace croft::sql
