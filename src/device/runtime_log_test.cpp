#include "device/runtime_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace croft::device {
namespace {

class RuntimeLogTest : public testing::Test {
 protected:
  RuntimeLogTest() {
    char folder[] = "/tmp/croft-log-XXXXXX";
    folder_ = ::mkdtemp(folder);
    path_ = folder_ + "/runtime.log";
  }
  ~RuntimeLogTest() override { std::filesystem::remove_all(folder_); }

  static std::string content(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  std::string folder_, path_;
};

TEST_F(RuntimeLogTest, LinesHaveTheFormOfGreengrass) {
  RuntimeLog log(path_, false, 1000);
  log.info("Subscribed to topic");

  EXPECT_THAT(content(path_),
              testing::MatchesRegex(
                  "\\[[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+.[0-9]+Z\\]\\[INFO\\]-Subscribed to topic\n"));
}

TEST_F(RuntimeLogTest, NothingStartsALineOfItsOwn) {
  RuntimeLog log(path_, false, 1000);
  log.error("a\n[2020]-b\x1b[2J");

  EXPECT_THAT(content(path_), testing::EndsWith("[ERROR]-a\\x0a[2020]-b\\x1b[2J\n"));
}

TEST_F(RuntimeLogTest, FilesAreRotatedBySizeAndTheOldestGoes) {
  RuntimeLog log(path_, false, 100);
  for (int i = 0; i < 20; ++i) log.info("line " + std::to_string(i) + std::string(60, '.'));

  EXPECT_THAT(content(path_), testing::HasSubstr("line 19."));
  EXPECT_THAT(content(path_ + ".4"), testing::HasSubstr("line 15."));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".5"));
}

TEST_F(RuntimeLogTest, ReopenStartsAFileThatWasMovedAwayAnew) {
  RuntimeLog log(path_, false, 1000);
  log.info("before");
  std::filesystem::rename(path_, path_ + ".old");

  log.reopen();
  log.info("after");

  EXPECT_THAT(content(path_), testing::HasSubstr("after"));
}

}  // namespace
}  // namespace croft::device
