#include "identity/trust_policy.h"

#include <gtest/gtest.h>

namespace croft::identity {

static bool iot(std::string_view statements) {
  return trusts_service("{\"Version\":\"2012-10-17\",\"Statement\":" + std::string(statements) + "}", "iot.amazonaws.com");
}

TEST(TrustPolicy, AServiceThatAStatementAllowsIsTrusted) {
  EXPECT_TRUE(iot(R"({"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:AssumeRole"})"));
  EXPECT_TRUE(iot(R"([{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","iot.amazonaws.com"]},)"
                  R"("Action":["sts:AssumeRole"]}])"));
  EXPECT_TRUE(iot(R"([{"Effect":"Allow","Principal":"*","Action":"sts:*"}])"));
}

TEST(TrustPolicy, AnyOtherIsNot) {
  EXPECT_FALSE(iot("[]"));
  EXPECT_FALSE(iot(R"([{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}])"));
  EXPECT_FALSE(iot(R"([{"Effect":"Allow","Principal":{"AWS":"iot.amazonaws.com"},"Action":"sts:AssumeRole"}])"));
  EXPECT_FALSE(iot(R"([{"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:TagSession"}])"));
  EXPECT_FALSE(iot(R"([{"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:AssumeRole"},
                       {"Effect":"Deny","Principal":"*","Action":"*"}])"));
  EXPECT_FALSE(iot(R"([7, {"Effect":"Allow"}])"));
  EXPECT_FALSE(trusts_service("no JSON", "iot.amazonaws.com"));
  EXPECT_FALSE(trusts_service("[]", "iot.amazonaws.com"));
}

}  // namespace croft::identity
