#include "cli/place.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace croft::cli {
namespace {

class PlaceTest : public testing::Test {
 protected:
  PlaceTest() {
    char folder[] = "/tmp/croft-place-XXXXXX";
    data_ = ::mkdtemp(folder);
    for (const char* name : {"CROFT_ENDPOINT", "CROFT_DATA", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
                             "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"}) {
      ::unsetenv(name);
    }
    ::setenv("CROFT_DATA", data_.c_str(), 1);
  }
  ~PlaceTest() override { std::filesystem::remove_all(data_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(data_ + "/" + name) << text; }
  void write_running() {
    write("endpoints.json", R"({"gateway":"http://127.0.0.1:4566","mqtt":"127.0.0.1:1883","ca":"/ca","pid":1})");
    write("credentials",
          "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s=e/c\nregion = eu-north-1\n");
  }

  std::string data_;
};

TEST_F(PlaceTest, ARunningCroftIsFoundInItsFolder) {
  write_running();

  auto place = find_place({});

  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->gateway, "http://127.0.0.1:4566");
  EXPECT_EQ(place->endpoints.mqtt, "127.0.0.1:1883");
  EXPECT_EQ(place->credentials.access_key_id, "AKIAFILE");
  EXPECT_EQ(place->credentials.secret_access_key, "s=e/c");
  EXPECT_EQ(place->region, "eu-north-1");
}

TEST_F(PlaceTest, VariablesWinOverTheFolderThatWasNotNamed) {
  write_running();
  ::setenv("AWS_ENDPOINT_URL", "http://other:1/", 1);
  ::setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
  ::setenv("AWS_REGION", "us-west-2", 1);

  auto place = find_place({});

  ASSERT_TRUE(place);
  EXPECT_EQ(place->gateway, "http://other:1");
  EXPECT_EQ(place->credentials.access_key_id, "AKIAENV");
  EXPECT_EQ(place->region, "us-west-2");
  EXPECT_EQ(place->endpoints.mqtt, "") << "the folder describes another croft";
}

TEST_F(PlaceTest, AFolderThatWasNamedWinsOverVariables) {
  write_running();
  ::setenv("AWS_ENDPOINT_URL", "http://other:1/", 1);
  ::setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "x", 1);

  auto place = find_place({.data = data_});

  ASSERT_TRUE(place);
  EXPECT_EQ(place->gateway, "http://127.0.0.1:4566");
  EXPECT_EQ(place->credentials.access_key_id, "AKIAFILE");
}

TEST_F(PlaceTest, NothingRunningIsToldWithWhatToDo) {
  auto place = find_place({});

  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().code, "NotRunning");
}

TEST_F(PlaceTest, MissingKeysAreTold) {
  write("endpoints.json", R"({"gateway":"http://127.0.0.1:4566"})");

  EXPECT_EQ(find_place({}).error().code, "NoCredentials");
}

TEST(Place, CredentialsComeFromTheDefaultSectionOnly) {
  constexpr std::string_view file =
      "[other]\nk = wrong\n# [default]\n [default] \r\n  k=right \r\nnoise\n[more]\nk = wrong\n";

  EXPECT_EQ(credentials_value(file, "k"), "right");
  EXPECT_EQ(credentials_value(file, "none"), "");
  EXPECT_EQ(credentials_value("", "k"), "");
}

TEST(Place, HostAndPortAreTakenApart) {
  EXPECT_EQ(split_host_port("127.0.0.1:1883")->port, 1883);
  EXPECT_EQ(split_host_port("[::1]:8883")->host, "::1");
  for (const char* text : {"", ":1", "a", "a:", "a:0", "a:65536", "a:1x"})
    EXPECT_FALSE(split_host_port(text)) << text;
}

}  // namespace
}  // namespace croft::cli
