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

TEST(Config, TablesElsewhereAndThrottledTablesAreBothSettingsOfTables) {
  const std::string path = ::testing::TempDir() + "tables.toml";
  std::ofstream(path) << "[tables]\nendpoint = \"http://127.0.0.1:8000\"\naccess-key-id = \"k\"\nsecret-access-key-file = \""
                      << path << "\"\nthrottle = true\n";

  const auto config = read_config({"--config", path});

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->throttle_tables);
  EXPECT_EQ(config->remote.services.at("dynamodb").endpoint, "http://127.0.0.1:8000");
  EXPECT_FALSE(read_config({})->throttle_tables);
  EXPECT_TRUE(read_config({"--tables.throttle"})->throttle_tables);
  EXPECT_EQ(read_config({"--tables.endpont", "x"}).error().message,
            "--tables.endpont: tables.endpont: tables have no setting 'endpont'");
}

TEST(Config, DurabilityIsOneOfThreeAndMemoryIsEphemeral) {
  using enum Store::Durability;
  EXPECT_EQ(read_config({})->durability, fsync);
  EXPECT_EQ(read_config({"--durability", "os"})->durability, os);
  EXPECT_EQ(read_config({"--fsync", "false"})->durability, os);
  EXPECT_EQ(read_config({"--fsync", "false", "--durability", "fsync"})->durability, fsync);
  EXPECT_EQ(read_config({"--ephemeral"})->durability, memory);
  EXPECT_EQ(read_config({"--ephemeral", "--fsync", "true"})->durability, memory);
  EXPECT_TRUE(read_config({"--durability", "memory"})->ephemeral);
  EXPECT_FALSE(read_config({"--durability", "os"})->ephemeral);

  EXPECT_EQ(read_config({"--durability", "disk"}).error().message,
            "--durability: durability: 'disk' is none of fsync, os, memory");
  EXPECT_EQ(read_config({"--ephemeral", "--durability", "os"}).error().message,
            "ephemeral keeps nothing on disk, so durability can only be memory: leave one of the two out");
}

TEST(Config, RefusesPlaintextBeyondLoopback) {
  EXPECT_FALSE(read_config({"--listen", "0.0.0.0"}));
  EXPECT_FALSE(read_config({"--listen", "0.0.0.0", "--mqtt-port", "off"}));
  EXPECT_TRUE(read_config({"--listen", "0.0.0.0", "--mqtt-port", "off", "--gateway-listen", "127.0.0.1"}));
}

TEST(Config, TheGatewayOverTlsMayBeBeyondLoopbackButNotWithoutSignatures) {
  auto config = read_config({"--gateway-tls-port", "4443", "--gateway-tls-listen", "0.0.0.0", "--console.sign-in", "always"});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->gateway_tls_port, 4443);
  EXPECT_EQ(config->gateway_tls_address(), "0.0.0.0");
  EXPECT_EQ(config->gateway_address(), "127.0.0.1");
  EXPECT_TRUE(config->console_sign_in_always);

  EXPECT_FALSE(read_config({"--gateway-tls-port", "4443", "--gateway-tls-listen", "0.0.0.0", "--signatures", "false"}));
  EXPECT_TRUE(read_config({"--gateway-tls-port", "4443", "--signatures", "false"})) << "on loopback";
  EXPECT_FALSE(read_config({"--gateway-certificate", "cert.pem"}));
  EXPECT_FALSE(read_config({"--gateway-key", "key.pem"}));
}

TEST(Config, ServicesThatAreElsewhereHaveTablesOfTheirOwn) {
  const std::string folder = std::filesystem::temp_directory_path(), id = std::to_string(getpid());
  const std::string secret = folder + "/croft-secret-" + id, path = folder + "/croft-services-" + id + ".toml";
  std::ofstream(secret) << "the-secret\n";
  std::ofstream(path) << "[services.default]\naccess-key-id = \"AKIA\"\nsecret-access-key-file = \"" << secret
                      << "\"\naccount-id = \"123456789012\"\n[services.sns]\nendpoint = \"https://a\"\ntimeout-ms = 100\n";

  auto config = read_config({"--config", path, "--services.sns.endpoint", "https://b", "--region", "eu-west-9",
                             "--services.sns.region=eu-west-1"});
  auto unknown = read_config({"--services.sns.endpont", "https://b"});
  auto incomplete = read_config({"--services.sns.region", "eu-west-1"});

  std::filesystem::remove(path);
  std::filesystem::remove(secret);
  ASSERT_TRUE(config) << config.error().message;
  const remote::ServiceSettings& sns = config->remote.services.at("sns");
  EXPECT_EQ(sns.endpoint, "https://b");
  EXPECT_EQ(sns.region, "eu-west-1");
  EXPECT_EQ(sns.credentials.secret_access_key, "the-secret");
  EXPECT_EQ(sns.timeout, std::chrono::milliseconds(100));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "--services.sns.endpont: services.sns.endpont: a service has no setting 'endpont'");
  ASSERT_FALSE(incomplete);
  EXPECT_EQ(incomplete.error().message, "services.sns.endpoint: '' is not a URL of the form https://host:port/path");
}

TEST(Config, RefusesValuesOfTheWrongForm) {
  EXPECT_FALSE(read_config({"--mqtt-port", "70000"}));
  EXPECT_FALSE(read_config({"--account-id", "12"}));
  EXPECT_FALSE(read_config({"--log-level", "loud"}));
  EXPECT_FALSE(read_config({"--data"}));
  EXPECT_FALSE(read_config({"--config", "/nonexistent/croft.toml"}));
}

}  // namespace croft::app
