#include "things/iot_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace croft::things {

namespace {

class IotLogTest : public testing::Test {
 protected:
  IotLogTest() : path(std::filesystem::temp_directory_path() / ("iot_log_test_" + std::to_string(getpid()))) {
    std::filesystem::remove(path);
  }
  ~IotLogTest() override { std::filesystem::remove(path); }
  std::vector<std::string> lines() const {
    std::vector<std::string> read;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) read.push_back(line);
    return read;
  }

  const std::filesystem::path path;
  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  using Level = IotLog::Level;
};

}  // namespace

TEST_F(IotLogTest, WritesNothingUntilItIsConfigured) {
  IotLog log(*store, path);
  EXPECT_FALSE(log.options());
  EXPECT_FALSE(log.wants(Level::error, {}));
  log.set_level({IotLog::TargetType::client_id, "alice"}, Level::debug);
  EXPECT_FALSE(log.wants(Level::error, {.client_id = "alice"}));
}

TEST_F(IotLogTest, TheDefaultLevelHoldsWhereATargetHasNone) {
  IotLog log(*store, path);
  log.set_options({.role_arn = "r", .level = Level::warn});
  log.set_level({IotLog::TargetType::client_id, "alice"}, Level::debug);
  log.set_level({IotLog::TargetType::source_ip, "192.0.2.1"}, Level::disabled);

  EXPECT_TRUE(log.wants(Level::warn, {.client_id = "bob"}));
  EXPECT_FALSE(log.wants(Level::info, {.client_id = "bob"}));
  EXPECT_TRUE(log.wants(Level::debug, {.client_id = "alice"}));
  EXPECT_FALSE(log.wants(Level::error, {.client_id = "bob", .source_ip = "192.0.2.1"}));
  EXPECT_TRUE(log.wants(Level::debug, {.client_id = "alice", .source_ip = "192.0.2.1"}));

  log.remove_level({IotLog::TargetType::client_id, "alice"});
  EXPECT_FALSE(log.wants(Level::info, {.client_id = "alice"}));
  log.set_options({.role_arn = "r", .level = Level::debug, .all_disabled = true});
  EXPECT_FALSE(log.wants(Level::error, {}));
}

TEST_F(IotLogTest, ConfigurationOutlivesTheProcess) {
  {
    IotLog log(*store, path);
    log.set_options({.role_arn = "arn:aws:iam::1:role/r", .level = Level::info});
    log.set_level({IotLog::TargetType::principal_id, "a/b"}, Level::error);
  }
  IotLog log(*store, path);
  ASSERT_TRUE(log.options());
  EXPECT_EQ(log.options()->role_arn, "arn:aws:iam::1:role/r");
  EXPECT_EQ(log.options()->level, Level::info);
  const IotLog::Levels expected{{{IotLog::TargetType::principal_id, "a/b"}, Level::error}};
  EXPECT_EQ(log.levels(), expected);
}

TEST_F(IotLogTest, AnEntryIsOneLineWithItsTimeAndLevelFirst) {
  IotLog log(*store, path);
  log.set_options({.role_arn = "r", .level = Level::debug});
  log.write(Level::info, {{"eventType", "RuleMatch"}, {"topicName", "a\nb"}});
  log.write(Level::error, {{"eventType", "RuleExecution"}});

  const std::vector<std::string> read = lines();
  ASSERT_EQ(read.size(), 2u);
  const json::object first = json::parse(read[0]).value().get_object();
  const std::string_view time = json::string_or(first, "timestamp", "");
  ASSERT_EQ(time.size(), std::string_view("2017-08-10 16:32:46.070").size());
  EXPECT_EQ(time[10], ' ');
  EXPECT_TRUE(read[0].ends_with(R"("logLevel":"INFO","eventType":"RuleMatch","topicName":"a\nb"})")) << read[0];
  EXPECT_TRUE(read[1].ends_with(R"("logLevel":"ERROR","eventType":"RuleExecution"})")) << read[1];
}

TEST_F(IotLogTest, IsReadFromWhereTheLastReadingEnded) {
  IotLog log(*store, path);
  EXPECT_EQ(log.read(-1).lines, "");
  log.set_options({.role_arn = "r", .level = Level::debug});
  log.write(Level::info, {{"n", 1}});
  const IotLog::Excerpt first = log.read(-1);
  EXPECT_TRUE(first.lines.ends_with("\"n\":1}\n"));
  EXPECT_EQ(log.read(first.next).lines, "");
  log.write(Level::info, {{"n", 2}});
  const IotLog::Excerpt second = log.read(first.next);
  EXPECT_TRUE(second.lines.ends_with("\"n\":2}\n"));
  EXPECT_EQ(second.lines.find('\n'), second.lines.size() - 1);
  EXPECT_EQ(log.read(1 << 30).lines, first.lines + second.lines);  // the file began anew
}

}  // namespace croft::things
