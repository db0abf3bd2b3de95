#include "cli/provisioning.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

TEST(DevicePolicy, AllowsTheDeviceAndItsOwnTopicsOnly) {
  const json::object policy = device_policy("us-east-1", "123456789012", "pump");

  const json::array& statements = policy.at("Statement").as_array();
  ASSERT_EQ(statements.size(), 3u);
  EXPECT_EQ(
      json::dump(statements[0].at("Resource")),
      R"(["arn:aws:iot:us-east-1:123456789012:client/pump","arn:aws:iot:us-east-1:123456789012:client/pump-*"])");
  EXPECT_EQ(json::dump(statements[1].at("Action")), R"(["iot:Publish","iot:Receive"])");
  EXPECT_EQ(json::dump(statements[2].at("Resource")),
            R"(["arn:aws:iot:us-east-1:123456789012:topicfilter/$aws/things/pump/*",)"
            R"("arn:aws:iot:us-east-1:123456789012:topicfilter/$aws/things/pump-*",)"
            R"("arn:aws:iot:us-east-1:123456789012:topicfilter/pump/*"])");
  for (const json::value& statement : statements) EXPECT_EQ(statement.at("Effect").as_string(), "Allow");
}

TEST(DevicePolicy, FitsIntoAnIotPolicyForTheLongestName) {
  constexpr std::size_t policy_bytes_max = 2048;  // AWS IoT Core quotas

  EXPECT_LE(json::dump(device_policy("ap-northeast-1", "123456789012", std::string(128, 'n'))).size(),
            policy_bytes_max);
}

}  // namespace
}  // namespace croft::cli
