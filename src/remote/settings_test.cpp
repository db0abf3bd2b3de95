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
    constexpr std::string_view tables = "tables.";
    const bool is_of_tables = name.starts_with(tables);
    auto set = is_of_tables ? settings.set_tables(name.substr(tables.size()), value) : settings.set(name, value);
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

TEST(RemoteSettings, TablesHaveATableOfTheirOwn) {
  const auto settings = resolved({{"default.region", "eu-west-1"},
                                  {"tables.endpoint", "https://dynamodb.eu-west-1.amazonaws.com"},
                                  {"tables.connections", "8"},
                                  {"tables.patience-s", "60"},
                                  {"sns.endpoint", "https://h"}},
                                 in_environment);

  ASSERT_TRUE(settings) << settings.error().message;
  const ServiceSettings& tables = settings->services.at("dynamodb");
  EXPECT_EQ(tables.endpoint, "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(tables.streams_endpoint, "https://streams.dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(tables.signing_name, "dynamodb");
  EXPECT_EQ(tables.region, "eu-west-1");
  EXPECT_EQ(tables.credentials.access_key_id, "AKIAENV");
  EXPECT_EQ(tables.connections, 8u);
  EXPECT_EQ(tables.patience, std::chrono::seconds(60));
  EXPECT_EQ(tables.answer_bytes_max, 128u * 1024 * 1024);
  EXPECT_EQ(settings->services.at("sns").connections, 64u);
  EXPECT_EQ(settings->services.at("sns").answer_bytes_max, 1024u * 1024);
}

TEST(RemoteSettings, StreamsOfOtherTablesAreAtTheSamePlaceUnlessTheirsIsNamed) {
  const auto streams = [](const std::vector<std::pair<std::string, std::string>>& written) {
    return resolved(written, in_environment)->services.at("dynamodb").streams_endpoint;
  };

  EXPECT_EQ(streams({{"tables.endpoint", "http://127.0.0.1:8000"}}), "http://127.0.0.1:8000");
  EXPECT_EQ(streams({{"tables.endpoint", "https://dynamodb.example.com"}}), "https://dynamodb.example.com");
  EXPECT_EQ(streams({{"tables.endpoint", "http://h:1"}, {"tables.streams-endpoint", "http://h:2/"}}), "http://h:2");
  EXPECT_EQ(resolved({{"tables.endpoint", "http://h:1"}}, in_environment)->services.at("dynamodb").patience,
            std::chrono::hours(6));
}

TEST(RemoteSettings, SaysWhatIsWrongWithTables) {
  EXPECT_EQ(refusal({{"dynamodb.endpoint", "https://h"}}), "where tables are is told in [tables]: tables.endpoint");
  EXPECT_EQ(refusal({{"tables.endpont", "https://h"}}), "tables have no setting 'endpont'");
  EXPECT_EQ(refusal({{"sns.patience-s", "1"}}), "a service has no setting 'patience-s'");
  EXPECT_EQ(refusal({{"tables.endpoint", ""}}), "the value is empty");
  EXPECT_EQ(refusal({{"tables.region", "eu"}}), "tables.endpoint: '' is not a URL of the form https://host:port/path");
  EXPECT_EQ(refusal({{"tables.endpoint", "https://h"}, {"tables.streams-endpoint", "https://h/x"}}, in_environment),
            "tables.streams-endpoint: an endpoint has no path: https://host:port");
  EXPECT_EQ(refusal({{"tables.endpoint", "https://h"}, {"tables.patience-s", "-1"}}, in_environment),
            "tables.patience-s: '-1' is not a number from 0 to 1209600");
  EXPECT_EQ(refusal({{"tables.endpoint", "https://h"}, {"tables.connections", "0"}}, in_environment),
            "tables.connections: '0' is not a number from 1 to 1024");
  EXPECT_TRUE(refusal({{"tables.endpoint", "https://h"}}).starts_with("tables: no credentials: give access-key-id"));
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
