#include "device/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view article = R"({
  "coreThing": {"caPath": "root.ca.pem", "certPath": "abc.cert.pem", "keyPath": "abc.private.key",
    "thingArn": "arn:aws:iot:us-east-1:123456789012:thing/MyGroup_Core", "iotHost": "localhost",
    "ggHost": "greengrass.localhost", "keepAlive": 600, "ggDaemonPort": 8000, "systemComponentAuthTimeout": 5000},
  "runtime": {"maxWorkItemCount": 1024, "cgroup": {"useSystemd": "yes"}},
  "managedRespawn": false,
  "crypto": {"principals": {
      "SecretsManager": {"privateKeyPath": "file:///greengrass/certs/x.private.key"},
      "IoTCertificate": {"privateKeyPath": "file:///greengrass/certs/x.private.key",
                         "certificatePath": "file:///greengrass/certs/x.cert.pem"}},
    "caPath": "file:///greengrass/certs/x.ca.pem"}})";

Result<DeviceConfig> parse(std::string_view text) {
  return parse_config(text, "/gg", "/gg/config/config.json");
}

std::string thing_with(std::string_view members) {
  return R"({"coreThing":{"caPath":"ca","certPath":"c","keyPath":"k","thingArn":"arn:aws:iot:r:1:thing/t","iotHost":"h")" +
         std::string(members) + "}}";
}

std::string refusal(std::string_view text) {
  auto config = parse(text);
  return config ? "accepted" : config.error().message;
}

TEST(Config, ReadsTheFileOfTheArticle) {
  auto config = parse(article);

  ASSERT_TRUE(config);
  EXPECT_EQ(config->thing_name, "MyGroup_Core");
  EXPECT_EQ(config->client_id, "MyGroup_Core");
  EXPECT_EQ(config->host, "localhost");
  EXPECT_EQ(config->port, 8883);
  EXPECT_EQ(config->keep_alive_s, 600);
  EXPECT_EQ(config->reconnect_wait_max_s, 60u);
  EXPECT_EQ(config->pid_file(), "/var/run/greengrassd.pid");
  EXPECT_EQ(config->log_folder(), "/gg/ggc/var/log");
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(Config, CryptoBlockWinsOverThePathsOfCoreThing) {
  auto config = parse(article);

  ASSERT_TRUE(config);
  EXPECT_EQ(config->ca_path, "/greengrass/certs/x.ca.pem");
  EXPECT_EQ(config->certificate_path, "/greengrass/certs/x.cert.pem");
  EXPECT_EQ(config->key_path, "/greengrass/certs/x.private.key");
}

TEST(Config, PathsOfCoreThingAreRelativeToCerts) {
  auto config = parse(thing_with(""));

  ASSERT_TRUE(config);
  EXPECT_EQ(config->ca_path, "/gg/certs/ca");
  EXPECT_EQ(config->key_path, "/gg/certs/k");
}

TEST(Config, ClientIdCanBeSet) {
  EXPECT_EQ(parse(thing_with(R"(,"coreClientId":"other")"))->client_id, "other");
  EXPECT_THAT(refusal(thing_with(R"(,"coreClientId":")" + std::string(129, 'x') + '"')), HasSubstr("1 to 128"));
}

TEST(Config, RangesAreChecked) {
  EXPECT_THAT(refusal(thing_with(R"(,"keepAlive":29)")),
              HasSubstr("coreThing.keepAlive must be between 30 and 1200"));
  EXPECT_THAT(refusal(thing_with(R"(,"keepAlive":1201)")), HasSubstr("keepAlive"));
  EXPECT_THAT(refusal(thing_with(R"(,"keepAlive":"600")")), HasSubstr("keepAlive must be a whole number"));
  EXPECT_THAT(refusal(thing_with(R"(,"iotMqttPort":0)")), HasSubstr("iotMqttPort must be between 1 and 65535"));
  EXPECT_THAT(refusal(thing_with(R"(,"iotMqttPort":65536)")), HasSubstr("iotMqttPort"));
  EXPECT_THAT(refusal(thing_with(R"(,"mqttOperationTimeout":4)")), HasSubstr("mqttOperationTimeout"));
  EXPECT_EQ(refusal(thing_with(R"(,"iotMqttPort":443,"keepAlive":30)")), "accepted");
}

TEST(Config, BrokenJsonNamesTheFile) {
  EXPECT_THAT(refusal("{"), HasSubstr("Failed to parse /gg/config/config.json"));
  EXPECT_THAT(refusal("[]"), HasSubstr("Failed to parse /gg/config/config.json"));
  EXPECT_THAT(refusal(""), HasSubstr("Failed to parse"));
  EXPECT_THAT(refusal("{}"), HasSubstr("coreThing is missing"));
}

TEST(Config, MissingPathsAreToldInGreengrassWords) {
  EXPECT_THAT(refusal(R"({"coreThing":{"thingArn":"arn:aws:iot:r:1:thing/t","iotHost":"h"}})"),
              HasSubstr("The configuration file is missing the CaPath, CertPath or KeyPath"));
}

TEST(Config, KeysOutsideOfFilesAreRefused) {
  const std::string text =
      R"({"coreThing":{"thingArn":"arn:aws:iot:r:1:thing/t","iotHost":"h"},"crypto":{"caPath":"file:///ca",
    "principals":{"IoTCertificate":{"privateKeyPath":"pkcs11:object=key","certificatePath":"file:///c"}}}})";

  EXPECT_THAT(refusal(text), HasSubstr("ErrUnknownURIScheme"));
}

TEST(Config, ThingArnMustNameAThing) {
  EXPECT_THAT(refusal(R"({"coreThing":{"caPath":"a","certPath":"b","keyPath":"c","thingArn":"x","iotHost":"h"}})"),
              HasSubstr("thingArn"));
}

TEST(Config, ProxyIsRefusedInsteadOfIgnored) {
  EXPECT_THAT(refusal(thing_with(R"(,"networkProxy":{"proxy":{"url":"http://p:3128"}})")), HasSubstr("networkProxy"));
  EXPECT_EQ(refusal(thing_with(R"(,"networkProxy":{"noProxyAddresses":"a"})")), "accepted");
}

TEST(Config, UseSystemdMustBeYesOrNo) {
  const std::string text =
      R"({"coreThing":{"caPath":"a","certPath":"b","keyPath":"c","thingArn":"arn:aws:iot:r:1:thing/t",
    "iotHost":"h"},"runtime":{"cgroup":{"useSystemd":"maybe"}}})";

  EXPECT_THAT(refusal(text), HasSubstr("runtime.cgroup.useSystemd"));
}

TEST(Config, UnknownMembersGetOneWarningEach) {
  auto config = parse(thing_with(R"(,"colour":"red")"));

  ASSERT_TRUE(config);
  EXPECT_THAT(config->warnings, ElementsAre(HasSubstr("coreThing.colour")));
}

TEST(Config, WriteAndPidDirectoriesMoveWhatIsWritten) {
  const std::string text =
      R"({"coreThing":{"caPath":"a","certPath":"b","keyPath":"c","thingArn":"arn:aws:iot:r:1:thing/t",
    "iotHost":"h"},"writeDirectory":"/var/gg","pidFileDirectory":"/run/gg","mqttMaxConnectionRetryInterval":5})";
  auto config = parse(text);

  ASSERT_TRUE(config);
  EXPECT_EQ(config->log_folder(), "/var/gg/ggc/var/log");
  EXPECT_EQ(config->pid_file(), "/run/gg/greengrassd.pid");
  EXPECT_EQ(config->reconnect_wait_max_s, 5u);
}

}  // namespace
}  // namespace croft::device
