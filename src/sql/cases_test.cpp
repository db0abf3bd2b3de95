// Runs tests/sql/iot-sql-cases.json: statement, message, expected result. The file says what its members mean in the
// names; "source" is the AWS page that a case rests on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "mqtt/topic.h"
#include "sql/query.h"
#include "sql/test_fixtures.h"

namespace croft::sql {
namespace {

// Cases that croft does not serve, with the reason. Each must be refused at compile time, never accepted.
const std::map<std::string, std::string> refused_cases = {};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member && member->is_string() ? member->as_string() : "";
}

bool flag_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member && member->is_boolean() && member->as_boolean();
}

// Numbers within 1e-12, whole ones exactly; members in any order.
bool close(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_number()) {
    if (a.as_number() == b.as_number()) return true;
    if (a.as_number().is_whole() && b.as_number().is_whole()) return false;
    const double x = a.as_number().as_double(), y = b.as_number().as_double();
    return std::fabs(x - y) <= 1e-12 * std::max({1.0, std::fabs(x), std::fabs(y)});
  }
  if (a.is_array()) {
    if (a.as_array().size() != b.as_array().size()) return false;
    for (std::size_t i = 0; i < a.as_array().size(); ++i) {
      if (!close(a.as_array()[i], b.as_array()[i])) return false;
    }
    return true;
  }
  if (!a.is_object()) return a == b;
  if (a.as_object().size() != b.as_object().size()) return false;
  for (const auto& [name, member] : a.as_object().members()) {
    const Value* other = b.find(name);
    if (!other || !close(member, *other)) return false;
  }
  return true;
}

// The strings that a Context borrows.
struct CaseContext {
  explicit CaseContext(const Value& test)
      : given(test.find("context") ? *test.find("context") : Value()),
        topic(text_of(test, "topic")),
        external(given.find("fixtures") ? *given.find("fixtures") : Value()) {
    rule_name = text_of(given, "rule_name");
    const std::string prefix = "$aws/rules/" + rule_name + "/";
    is_basic_ingest = !rule_name.empty() && topic.starts_with(prefix);
    if (is_basic_ingest) topic.erase(0, prefix.size());
    context.topic = topic;
    context.rule_name = rule_name;
    context.external = &external;
    context.timestamp = Timestamp::now();
    if (const Value* ms = given.find("timestamp")) context.timestamp.ms = ms->as_number().floor_int64();
    context.client_id = view("client_id");
    context.principal = view("principal");
    context.source_ip = view("source_ip");
    context.trace_id = view("trace_id");
    context.account_id = view("account_id").value_or("");
    if (const Value* mqtt5 = given.find("mqtt5")) read(*mqtt5);
    if (const Value* list = given.find("user_properties")) {
      for (const Value& pair : list->as_array()) {
        properties.emplace_back(pair.as_array()[0].as_string(), pair.as_array()[1].as_string());
      }
    }
    context.user_properties = properties;
  }

  std::optional<std::string_view> view(std::string_view name) const { return view(given, name); }
  static std::optional<std::string_view> view(const Value& object, std::string_view name) {
    const Value* member = object.find(name);
    return member ? std::optional<std::string_view>(member->as_string()) : std::nullopt;
  }
  void read(const Value& mqtt5) {
    context.mqtt5.content_type = view(mqtt5, "content_type");
    context.mqtt5.response_topic = view(mqtt5, "response_topic");
    context.mqtt5.is_utf8 = text_of(mqtt5, "format_indicator") == "UTF8_DATA";
    if (!mqtt5.find("correlation_data")) return;
    correlation_data = text::from_base64(text_of(mqtt5, "correlation_data")).value();
    context.mqtt5.correlation_data = correlation_data;
  }

  Value given;
  std::string topic, rule_name, correlation_data;
  FixtureExternal external;
  std::vector<std::pair<std::string, std::string>> properties;
  bool is_basic_ingest = false;
  Context context;
};

std::string message_bytes(const Value& test) {
  if (const Value* encoded = test.find("payload_base64")) return text::from_base64(encoded->as_string()).value();
  return write_json(*test.find("payload"), SqlVersion::v2015_10_08, 1 << 20).value();
}

// "" when the case holds.
std::string problem(const Value& test) {
  const Value& expected = *test.find("expect");
  const Result<Query> query = Query::compile(text_of(test, "sql"), text_of(test, "sql_version"));
  if (flag_of(expected, "error")) return query ? "was accepted" : "";
  if (!query) return "was refused: " + query.error().message;
  const CaseContext given(test);
  std::optional<Output> output;
  if (given.is_basic_ingest || mqtt::matches(query->topic_filter(), given.topic)) {
    const Message message{SharedBytes(message_bytes(test))};
    const Result<std::optional<Output>> result = query->evaluate(message, given.context);
    if (result) output = *result;
    else if (!flag_of(expected, "no_match")) return "failed: " + result.error().message;
  }
  if (flag_of(expected, "no_match")) return output ? "matched: " + output->payload().str() : "";
  if (!output) return "did not match";
  const std::optional<Value> got = read_json(output->payload().view());
  return got && close(*got, expected) ? "" : "gave " + output->payload().str();
}

TEST(SqlCases, EveryCaseOfTheReferenceHolds) {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "../../tests/sql/iot-sql-cases.json";
  const std::optional<Value> cases = read_json(file_text(path));
  ASSERT_TRUE(cases && cases->is_array()) << path;
  ASSERT_GT(cases->as_array().size(), 500u);

  for (const Value& test : cases->as_array()) {
    const std::string id = text_of(test, "id");
    if (const auto refused = refused_cases.find(id); refused != refused_cases.end()) {
      EXPECT_FALSE(Query::compile(text_of(test, "sql"), text_of(test, "sql_version"))) << refused->second;
      continue;
    }
    EXPECT_EQ(problem(test), "") << id << ": " << text_of(test, "sql");
  }
}

}  // namespace
}  // namespace croft::sql
