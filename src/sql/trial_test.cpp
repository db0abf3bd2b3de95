#include "sql/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::sql {
namespace {

std::string outcome_of(const Trial& trial) {
  return json::dump(run(trial).to_json());
}

TEST(Trial, TellsWhatAnActionWouldGet) {
  EXPECT_EQ(outcome_of({.sql = "SELECT a, topic(2) AS t FROM 'x/+'", .topic = "x/y", .payload = R"({"a":1})"}),
            R"({"outcome":"RESULT","payloadText":"{\"a\":1,\"t\":\"y\"}","topicFilter":"x/+"})");
  EXPECT_EQ(outcome_of({.sql = "SELECT * FROM 'x'", .topic = "x", .payload = "\xFF"}),
            R"({"outcome":"RESULT","payloadBase64":"/w==","topicFilter":"x"})");
  EXPECT_EQ(outcome_of({.sql = "SELECT clientid() AS c", .topic = "$aws/rules/r/x", .client_id = "d"}),
            R"({"outcome":"RESULT","payloadText":"{\"c\":\"d\"}"})");
}

TEST(Trial, TellsWhyNoActionWouldRun) {
  EXPECT_EQ(outcome_of({.sql = "SELECT * FROM 'x' WHERE a", .topic = "x"}),
            R"({"outcome":"NOT_TRUE","topicFilter":"x"})");
  EXPECT_EQ(outcome_of({.sql = "SELECT * FROM 'x'", .topic = "y"}), R"({"outcome":"OTHER_TOPIC","topicFilter":"x"})");
  EXPECT_EQ(
      outcome_of({.sql = "SELECT *\nFROM x", .topic = "y"}),
      R"({"outcome":"REFUSED","code":"SqlParseException","message":"line 2, column 6: expected )"
      R"(a topic filter in quotes, found 'x'","line":2,"column":6})");
  EXPECT_EQ(
      outcome_of({.sql = "SELECT *", .sql_version = "1", .topic = "y"}),
      R"({"outcome":"REFUSED","code":"InvalidRequestException","message":"awsIotSqlVersion must be )"
      R"(2015-10-08, 2016-03-23 or beta"})");
  EXPECT_EQ(
      outcome_of({.sql = "SELECT get_secret('s', 'SecretString', 'r') AS s FROM 'x'", .topic = "x"}),
      R"({"outcome":"FAILED","code":"RuleExecutionFailure","message":"get_secret is not available here","topicFilter":"x"})");
}

TEST(Trial, ExplainsWhenAsked) {
  EXPECT_EQ(
      outcome_of({.sql = "SELECT a FROM 'x' WHERE a > 1", .topic = "x", .payload = R"({"a":1})", .explain = true}),
      R"({"outcome":"NOT_TRUE","topicFilter":"x","steps":[{"depth":0,"expression":"a > 1","value":"false","clause":"WHERE"},)"
      R"({"depth":1,"expression":"a","value":"1"}]})");
}

TEST(Trial, ReadsRequests) {
  const auto read = [](std::string_view text) { return Trial::from_json(json::parse(text).value().get_object()); };
  const Result<Trial> trial = read(R"({"sql":"SELECT a","topic":"t","payload":{"a":[1]},"clientId":"c","timestamp":5,
                                       "userProperties":[["k","v"]],"explain":true,"sqlVersion":"beta"})");
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial->payload, R"({"a":[1]})");
  EXPECT_EQ(trial->client_id, "c");
  EXPECT_EQ(trial->timestamp->ms, 5);
  EXPECT_EQ(trial->user_properties[0].second, "v");
  EXPECT_TRUE(trial->explain);
  EXPECT_EQ(read(R"({"sql":"x","topic":"t","payloadBase64":"gAA="})")->payload, std::string("\x80\0", 2));

  EXPECT_EQ(read(R"({"topic":"t"})").error().message, "'sql' is missing");
  EXPECT_EQ(read(R"({"sql":"t"})").error().message, "'topic' is missing");
  EXPECT_EQ(read(R"({"sql":1})").error().message, "'sql' is a string");
  EXPECT_EQ(read(R"({"sql":"","topic":"","qos":1})").error().message, "there is no member 'qos'");
  EXPECT_EQ(read(R"({"payloadBase64":"*"})").error().message, "'payloadBase64' is not base64");
  EXPECT_EQ(read(R"({"timestamp":"1"})").error().message, "'timestamp' is a number of milliseconds");
  EXPECT_EQ(read(R"({"explain":1})").error().message, "'explain' is true or false");
  EXPECT_EQ(read(R"({"userProperties":[["k"]]})").error().message, "'userProperties' is a list of [key, value]");
}

}  // namespace
}  // namespace croft::sql
