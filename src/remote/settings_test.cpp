#include "remote/settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace croft::remote {

namespace {

using Variables = std::map<std::string, std::string>;

Result<Settings> resolved(const std::vector<std::pair<std::string, std::string>>& written, const Variables& variables = {}) {
  WrittenSettings settings;
  for (const auto& [name, value] : written) {
    auto set = settings.set(name, value);
    if (!set) return set.error();
  }
  return settings.resolve(Instance{}, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string refusal(const std::vector<std::pair<std::string, std::string>>& written, const Variables& variables = {}) {
  const auto settings = resolved(written, variables);
  return settings ? "" : settings.error().message;
}

struct SecretFile {
  explicit SecretFile(const std::string& text) { std::ofstream(path) << text; }
  ~SecretFile() { std::filesystem::remove(path); }
  const std::string path = std::filesystem::temp_directory_path() / ("croft-secret-" + std::to_string(getpid()));
};

const Variables in_environment{{"AWS_ACCESS_KEY_ID", "AKIAENV"},
                               {"AWS_SECRET_ACCESS_KEY", "env-secret"},
                               {"AWS_SESSION_TOKEN", "env-token"},
                               {"AWS_DEFAULT_REGION", "eu-west-2"}};

}  // namespace

TEST(RemoteSettings, ATableOfItsOwnComesBeforeTheDefaultOne) {
  const SecretFile secret("  the-secret\n");
  const auto settings = resolved({{"default.region", "eu-west-1"},
                                  {"default.access-key-id", "AKIADEFAULT"},
                                  {"default.secret-access-key-file", secret.path},
                                  {"sns.endpoint", "https://SNS.eu-west-1.amazonaws.com/"},
                                  {"location.endpoint", "http://127.0.0.1:9000"},
                                  {"location.region", "us-west-2"},
                                  {"location.account-id", "123456789012"},
                                  {"location.access-key-id", "AKIALOCATION"},
                                  {"location.timeout-ms", "250"}},
                                 in_environment);

  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->services.size(), 2u);
  const ServiceSettings& sns = settings->services.at("sns");
  EXPECT_EQ(sns.endpoint, "https://sns.eu-west-1.amazonaws.com");
  EXPECT_EQ(sns.region, "eu-west-1");
  EXPECT_EQ(sns.account_id, "000000000000");
  EXPECT_EQ(sns.credentials.access_key_id, "AKIADEFAULT");
  EXPECT_EQ(sns.credentials.secret_access_key, "the-secret");
  EXPECT_EQ(sns.credentials.session_token, "") << "a token of the environment belongs to its own key";
  EXPECT_EQ(sns.timeout, std::chrono::seconds(5));
  const ServiceSettings& location = settings->services.at("location");
  EXPECT_EQ(location.endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(location.signing_name, "geo");
  EXPECT_EQ(location.region, "us-west-2");
  EXPECT_EQ(location.account_id, "123456789012");
  EXPECT_EQ(location.credentials.access_key_id, "AKIALOCATION");
  EXPECT_EQ(location.timeout, std::chrono::milliseconds(250));
}

TEST(RemoteSettings, TheEnvironmentGivesWhatNoTableNames) {
  const auto settings = resolved({{"sns.endpoint", "https://h"}}, in_environment);

  ASSERT_TRUE(settings) << settings.error().message;
  const ServiceSettings& sns = settings->services.at("sns");
  EXPECT_EQ(sns.credentials.access_key_id, "AKIAENV");
  EXPECT_EQ(sns.credentials.secret_access_key, "env-secret");
  EXPECT_EQ(sns.credentials.session_token, "env-token");
  EXPECT_EQ(sns.region, "eu-west-2");
}

TEST(RemoteSettings, NothingIsThereUnlessATableNamesIt) {
  EXPECT_TRUE(resolved({})->services.empty());
  EXPECT_TRUE(resolved({{"default.region", "eu-west-1"}})->services.empty());
}

TEST(RemoteSettings, SaysWhatIsWrong) {
  EXPECT_TRUE(refusal({{"snss.endpoint", "https://h"}})
                  .starts_with("there is no service 'snss' that could be elsewhere; there are cloudwatch,"));
  EXPECT_EQ(refusal({{"sns.secret", "x"}}), "a service has no setting 'secret'");
  EXPECT_EQ(refusal({{"sns", "x"}}), "a service has no setting ''");
  EXPECT_EQ(refusal({{"default.endpoint", "https://h"}}), "each service has an endpoint of its own");
  EXPECT_EQ(refusal({{"sns.endpoint", ""}}), "the value is empty");
  EXPECT_EQ(refusal({{"sns.endpoint", "h"}}), "services.sns.endpoint: 'h' is not a URL of the form https://host:port/path");
  EXPECT_EQ(refusal({{"sns.region", "eu"}}), "services.sns.endpoint: '' is not a URL of the form https://host:port/path");
  EXPECT_EQ(refusal({{"sns.endpoint", "https://h/x"}}), "services.sns.endpoint: an endpoint has no path: https://host:port");
  EXPECT_EQ(refusal({{"sns.endpoint", "https://h"}, {"sns.region", "EU 1"}}), "services.sns.region: 'EU 1' is not a region name");
  EXPECT_EQ(refusal({{"sns.endpoint", "https://h"}, {"sns.account-id", "1"}}),
            "services.sns.account-id: '1' is not an account id of 12 digits");
  EXPECT_EQ(refusal({{"sns.endpoint", "https://h"}, {"sns.timeout-ms", "0"}}),
            "services.sns.timeout-ms: '0' is not a number from 1 to 60000");
  EXPECT_TRUE(refusal({{"sns.endpoint", "https://h"}}).starts_with("services.sns: no credentials: give access-key-id"));
  EXPECT_EQ(refusal({{"sns.endpoint", "https://h"}, {"sns.access-key-id", "k"}}, in_environment),
            "services.sns: access-key-id and secret-access-key-file are given together");
  const SecretFile empty("\n");
  for (const std::string& path : {empty.path, std::string("/nonexistent")})
    EXPECT_EQ(refusal({{"sns.endpoint", "https://h"}, {"sns.access-key-id", "k"}, {"sns.secret-access-key-file", path}}),
              "services.sns.secret-access-key-file: the file " + path + " cannot be read, or holds no secret");
}

}  // namespace croft::remote
