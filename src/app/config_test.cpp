#include "app/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace croft::app {

TEST(Config, TheCommandLineWinsOverTheFile) {
  const std::string path = std::filesystem::temp_directory_path() / ("croft-config-" + std::to_string(getpid()) + ".toml");
  std::ofstream(path) << "mqtt-port = 0\nregion = \"ap-northeast-1\"\nephemeral = true\nmqtts-port = \"off\"\n";

  auto config = read_config({"--config", path, "--mqtt-port=1884"});

  std::filesystem::remove(path);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->mqtt_port, 1884);
  EXPECT_EQ(config->instance.region, "ap-northeast-1");
  EXPECT_TRUE(config->ephemeral);
  EXPECT_EQ(config->mqtts_port, std::nullopt);
}

TEST(Config, SaysWhichSettingIsUnknownAndWhere) {
  auto config = read_config({"--mqtt-prot", "1"});

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, "--mqtt-prot: there is no setting 'mqtt-prot'; `croft serve --help` lists them");
}

TEST(Config, RefusesPlaintextBeyondLoopback) {
  EXPECT_FALSE(read_config({"--listen", "0.0.0.0"}));
  EXPECT_FALSE(read_config({"--listen", "0.0.0.0", "--mqtt-port", "off"}));
  EXPECT_TRUE(read_config({"--listen", "0.0.0.0", "--mqtt-port", "off", "--gateway-listen", "127.0.0.1"}));
}

TEST(Config, RefusesValuesOfTheWrongForm) {
  EXPECT_FALSE(read_config({"--mqtt-port", "70000"}));
  EXPECT_FALSE(read_config({"--account-id", "12"}));
  EXPECT_FALSE(read_config({"--log-level", "loud"}));
  EXPECT_FALSE(read_config({"--data"}));
  EXPECT_FALSE(read_config({"--config", "/nonexistent/croft.toml"}));
}

}  // namespace croft::app
