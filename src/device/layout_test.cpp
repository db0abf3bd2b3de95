#include "device/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "device/config.h"

namespace croft::device {
namespace {

class LayoutTest : public testing::Test {
 protected:
  LayoutTest() {
    char folder[] = "/tmp/croft-layout-XXXXXX";
    root_ = ::mkdtemp(folder);
  }
  ~LayoutTest() override { std::filesystem::remove_all(root_); }

  Install install() const {
    return {.root = root_,
            .thing_arn = "arn:aws:iot:us-east-1:1:thing/pump",
            .certificate_id = std::string(64, 'a'),
            .certificate_pem = "cert",
            .private_key_pem = "key",
            .public_key_pem = "public",
            .ca_pem = "ca",
            .host = "localhost",
            .port = 8884,
            .program = "/opt/it's/croft"};
  }
  mode_t mode(const std::string& path) const {
    struct stat status {};
    return ::stat((root_ + path).c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }

  std::string root_;
};

TEST_F(LayoutTest, TheDaemonCanReadWhatWasWritten) {
  ASSERT_TRUE(write_install(install()));

  auto config = read_config(root_);

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->client_id, "pump");
  EXPECT_EQ(config->host, "localhost");
  EXPECT_EQ(config->port, 8884);
  EXPECT_EQ(config->keep_alive_s, 600);
  EXPECT_EQ(config->key_path, root_ + "/certs/aaaaaaaaaa.private.key");
  EXPECT_EQ(config->pid_file(), root_ + "/ggc/var/run/greengrassd.pid");
  EXPECT_THAT(config->warnings, testing::IsEmpty());
}

TEST_F(LayoutTest, OnlyTheOwnerReadsTheKeyAndTheScriptIsExecutable) {
  ASSERT_TRUE(write_install(install()));

  EXPECT_EQ(mode("/certs/aaaaaaaaaa.private.key"), 0600u);
  EXPECT_EQ(mode("/ggc/core/greengrassd") & 0111, 0111u);
  EXPECT_EQ(*read_file(root_ + "/certs/root.ca.pem", 100), "ca\n");
}

TEST_F(LayoutTest, ASecondDeviceIsRefusedInTheSameFolder) {
  ASSERT_TRUE(write_install(install()));

  auto again = write_install(install());

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "InstallExists");
}

TEST_F(LayoutTest, TheProgramIsQuotedForTheShell) {
  ASSERT_TRUE(write_install(install()));

  EXPECT_THAT(*read_file(root_ + "/ggc/core/greengrassd", 10000),
              testing::HasSubstr("croft='/opt/it'\\''s/croft'\n"));
}

}  // namespace
}  // namespace croft::device
