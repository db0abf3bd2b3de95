#include "identity/policy.h"

#include <gtest/gtest.h>

#include <array>

#include "identity/policy_errors.h"

namespace croft::identity {

namespace {

const std::string arn = "arn:aws:iot:us-east-1:123456789012:";

std::string document(std::string_view statements) {
  return R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}";
}

std::string allow(std::string_view action, std::string_view resource) {
  return R"({"Effect":"Allow","Action":")" + std::string(action) + R"(","Resource":")" + std::string(resource) +
         "\"}";
}

PolicyVariables client(std::string id) {
  PolicyVariables variables;
  variables.set("iot:ClientId", id);
  return variables;
}

Decision::Kind decide(std::string_view statements, std::string_view action, const std::string& resource,
                      const PolicyVariables& variables = {}) {
  static std::shared_ptr<const Policy> policy;  // the decision's views refer to it
  policy = std::make_shared<const Policy>(Policy::parse("p", document(statements)).value());
  return PolicySet({policy}).decide({action, resource, variables}).kind;
}

constexpr auto allowed = Decision::Kind::allowed;
constexpr auto denied = Decision::Kind::explicit_deny;
constexpr auto silent = Decision::Kind::implicit_deny;

struct ResourceCase {
  const char* pattern;
  const char* resource;
  const char* client_id;
  bool matches;
};

class PolicyResource : public testing::TestWithParam<ResourceCase> {};

}  // namespace

TEST_P(PolicyResource, MatchesAsDocumented) {
  const ResourceCase& c = GetParam();

  const auto kind =
      decide(allow("iot:Publish", arn + c.pattern), "iot:Publish", arn + c.resource, client(c.client_id));

  EXPECT_EQ(kind, c.matches ? allowed : silent) << c.pattern << " on " << c.resource << " as " << c.client_id;
}

INSTANTIATE_TEST_SUITE_P(
    Wildcards, PolicyResource,
    testing::Values(
        ResourceCase{"topic/a", "topic/a", "x", true}, ResourceCase{"topic/a", "topic/A", "x", false},
        ResourceCase{"topic/a", "topic/a/b", "x", false}, ResourceCase{"topic/*", "topic/a/b/c", "x", true},
        ResourceCase{"topic/*", "topic/", "x", true}, ResourceCase{"topic/*/c", "topic/a/b/c", "x", true},
        ResourceCase{"topic/*/c", "topic/a/b/d", "x", false}, ResourceCase{"topic/*a*b", "topic/aXbYab", "x", true},
        ResourceCase{"topic/*a*b", "topic/aXbYa", "x", false}, ResourceCase{"topic/a?c", "topic/abc", "x", true},
        ResourceCase{"topic/a?c", "topic/ac", "x", false},
        ResourceCase{"topic/a?c",
                     "topic/a\xc3\xa9"
                     "c",
                     "x", true},
        ResourceCase{"topic/a??c",
                     "topic/a\xc3\xa9"
                     "c",
                     "x", false},
        ResourceCase{"topic/*??", "topic/\xe2\x82\xac", "x", false},
        ResourceCase{"topic/$aws/things/*", "topic/$aws/things/t/shadow", "x", true}));

INSTANTIATE_TEST_SUITE_P(MqttWildcardsAreLiteral, PolicyResource,
                         testing::Values(ResourceCase{"topicfilter/a/*", "topicfilter/a/#", "x", true},
                                         ResourceCase{"topicfilter/a/#", "topicfilter/a/#", "x", true},
                                         ResourceCase{"topicfilter/a/#", "topicfilter/a/b", "x", false},
                                         ResourceCase{"topicfilter/+/b", "topicfilter/+/b", "x", true},
                                         ResourceCase{"topicfilter/+/b", "topicfilter/a/b", "x", false}));

INSTANTIATE_TEST_SUITE_P(Variables, PolicyResource,
                         testing::Values(ResourceCase{"client/${iot:ClientId}", "client/lamp", "lamp", true},
                                         ResourceCase{"client/${IOT:CLIENTID}", "client/lamp", "lamp", true},
                                         ResourceCase{"client/${iot:ClientId}", "client/other", "lamp", false},
                                         ResourceCase{"topic/${iot:ClientId}/*", "topic/lamp/a/b", "lamp", true},
                                         ResourceCase{"topic/${iot:ClientId}?", "topic/lamp1", "lamp", true},
                                         ResourceCase{"topic/${iot:Connection.Thing.ThingName}", "topic/lamp", "lamp",
                                                      false},
                                         ResourceCase{"topic/${}", "topic/", "lamp", false},
                                         ResourceCase{"topic/${iot:ClientId", "topic/${iot:ClientId", "lamp", true},
                                         ResourceCase{"topic/${*}", "topic/*", "x", true},
                                         ResourceCase{"topic/${*}", "topic/a", "x", false},
                                         ResourceCase{"topic/${?}", "topic/?", "x", true},
                                         ResourceCase{"topic/${?}", "topic/a", "x", false},
                                         ResourceCase{"topic/${$}{a}", "topic/${a}", "x", true}));

INSTANTIATE_TEST_SUITE_P(
    HostileClientIds, PolicyResource,
    testing::Values(ResourceCase{"topic/${iot:ClientId}/x", "topic/victim/x", "*", false},
                    ResourceCase{"topic/${iot:ClientId}/x", "topic/*/x", "*", true},
                    ResourceCase{"topic/${iot:ClientId}/x", "topic/v/x", "?", false},
                    ResourceCase{"topic/${iot:ClientId}", "topic/secret", "${*}", false},
                    ResourceCase{"topic/${iot:ClientId}", "topic/${iot:ClientId}", "${iot:ClientId}", true},
                    ResourceCase{"topicfilter/${iot:ClientId}/x", "topicfilter/+/x", "+", false},
                    ResourceCase{"topicfilter/${iot:ClientId}", "topicfilter/#", "#", false},
                    ResourceCase{"topicfilter/${iot:ClientId}/x", "topicfilter/a/+/x", "a/+", false},
                    // Greengrass numbers its connections with '#': harmless outside filters.
                    ResourceCase{"client/${iot:ClientId}", "client/core#2", "core#2", true}));

TEST(Policy, AnExplicitDenyWinsWhereverItStands) {
  const std::string deny = R"({"Sid":"no","Effect":"Deny","Action":"iot:*","Resource":"*"})";

  EXPECT_EQ(decide(allow("iot:Publish", "*") + "," + deny, "iot:Publish", arn + "topic/a"), denied);
  EXPECT_EQ(decide(deny + "," + allow("iot:Publish", "*"), "iot:Publish", arn + "topic/a"), denied);
}

TEST(Policy, TheDecisionNamesPolicyStatementAndSid) {
  const Policy policy =
      Policy::parse("lamp", document(allow("iot:Connect", "*") +
                                     R"(,{"Sid":"pub","Effect":"Allow","Action":"iot:Publish","Resource":"*"})"))
          .value();
  const PolicyVariables none;

  const Decision decision = policy.decide({"iot:Publish", arn + "topic/a", none});

  EXPECT_EQ(decision.kind, allowed);
  EXPECT_EQ(decision.policy, "lamp");
  EXPECT_EQ(decision.sid, "pub");
  EXPECT_EQ(decision.statement, 1u);
}

TEST(Policy, AnEmptySetDenies) {
  const PolicyVariables none;

  EXPECT_EQ(PolicySet().decide({"iot:Connect", arn + "client/a", none}).kind, silent);
}

TEST(Policy, ADenyInOnePolicyBeatsAnAllowInAnother) {
  auto yes = std::make_shared<const Policy>(Policy::parse("yes", document(allow("*", "*"))).value());
  auto no = std::make_shared<const Policy>(
      Policy::parse("no", document(R"({"Effect":"Deny","Action":"iot:Receive","Resource":"*"})")).value());
  const PolicySet set({yes, no});
  const PolicyVariables none;

  EXPECT_EQ(set.decide({"iot:Receive", arn + "topic/a", none}).policy, "no");
  EXPECT_EQ(set.decide({"iot:Publish", arn + "topic/a", none}).policy, "yes");
}

TEST(Policy, ActionsIgnoreCaseAndTakeWildcards) {
  EXPECT_EQ(decide(allow("IOT:publish", "*"), "iot:Publish", arn + "topic/a"), allowed);
  EXPECT_EQ(decide(allow("iot:Pub*", "*"), "iot:Publish", arn + "topic/a"), allowed);
  EXPECT_EQ(decide(allow("iot:Publis?", "*"), "iot:Publish", arn + "topic/a"), allowed);
  EXPECT_EQ(decide(allow("greengrass:*", "*"), "iot:Publish", arn + "topic/a"), silent);
}

TEST(Policy, NotActionAndNotResourceInvert) {
  const std::string not_action = R"({"Effect":"Allow","NotAction":["iot:Publish"],"Resource":"*"})";
  const std::string not_resource =
      R"({"Effect":"Allow","Action":"*","NotResource":["arn:aws:iot:*:*:topic/secret/*"]})";

  EXPECT_EQ(decide(not_action, "iot:Publish", arn + "topic/a"), silent);
  EXPECT_EQ(decide(not_action, "iot:Receive", arn + "topic/a"), allowed);
  EXPECT_EQ(decide(not_resource, "iot:Publish", arn + "topic/secret/a"), silent);
  EXPECT_EQ(decide(not_resource, "iot:Publish", arn + "topic/a"), allowed);
}

TEST(Policy, AnUnresolvedVariableInNotResourceGrantsNothing) {
  const std::string statement =
      R"({"Effect":"Allow","Action":"*","NotResource":"arn:aws:iot:*:*:topic/${iot:Connection.Thing.ThingName}"})";

  EXPECT_EQ(decide(statement, "iot:Publish", arn + "topic/a"), silent);
}

namespace {

struct ConditionCase {
  const char* condition;
  bool holds;
};

class PolicyConditions : public testing::TestWithParam<ConditionCase> {};

PolicyVariables connection() {
  PolicyVariables variables;
  variables.set("iot:ClientId", "lamp")
      .set("aws:SourceIp", "10.1.2.3")
      .set("n", "5")
      .set("now", "2026-11-22T20:00:00Z")
      .set("iot:Connection.Thing.IsAttached", "true")
      .set("iot:Connection.Thing.Attributes[Env]", "prod")
      .set("iot:LastWillTopic", arn + "topic/will/lamp")
      .set("iot:ConnectAttributes", std::array<std::string_view, 2>{"PersistentConnect", "LastWill"});
  return variables;
}

}  // namespace

TEST_P(PolicyConditions, HoldAsDocumented) {
  const ConditionCase& c = GetParam();
  const std::string statement =
      R"({"Effect":"Allow","Action":"iot:Connect","Resource":"*","Condition":)" + std::string(c.condition) + "}";

  EXPECT_EQ(decide(statement, "iot:Connect", arn + "client/lamp", connection()), c.holds ? allowed : silent)
      << c.condition;
}

INSTANTIATE_TEST_SUITE_P(
    Strings, PolicyConditions,
    testing::Values(ConditionCase{R"({"StringEquals":{"iot:ClientId":"lamp"}})", true},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":["a","lamp"]}})", true},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":"la*"}})", false},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":"LAMP"}})", false},
                    ConditionCase{R"({"StringEqualsIgnoreCase":{"iot:ClientId":"LAMP"}})", true},
                    ConditionCase{R"({"StringNotEquals":{"iot:ClientId":["a","lamp"]}})", false},
                    ConditionCase{R"({"StringNotEquals":{"iot:ClientId":["a","b"]}})", true},
                    ConditionCase{R"({"StringNotEquals":{"absent":"a"}})", true},
                    ConditionCase{R"({"StringLike":{"iot:ClientId":"l?m*"}})", true},
                    ConditionCase{R"({"StringNotLike":{"iot:ClientId":"l*"}})", false},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":"${iot:ClientId}"}})", true},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":"${absent}"}})", false},
                    ConditionCase{R"({"StringNotEquals":{"iot:ClientId":"${absent}"}})", false},
                    ConditionCase{R"({"StringEquals":{"iot:Connection.Thing.Attributes[Env]":"prod"}})", true},
                    ConditionCase{R"({"StringEquals":{"iot:Connection.Thing.Attributes[env]":"prod"}})", false},
                    ConditionCase{R"({"StringEquals":{"iot:ClientId":"lamp","absent":"x"}})", false}));

INSTANTIATE_TEST_SUITE_P(
    Others, PolicyConditions,
    testing::Values(ConditionCase{R"({"Bool":{"iot:Connection.Thing.IsAttached":"true"}})", true},
                    ConditionCase{R"({"Bool":{"iot:Connection.Thing.IsAttached":[false]}})", false},
                    ConditionCase{R"({"NumericEquals":{"n":5}})", true},
                    ConditionCase{R"({"NumericLessThan":{"n":"5"}})", false},
                    ConditionCase{R"({"NumericLessThanEquals":{"n":"5"}})", true},
                    ConditionCase{R"({"NumericGreaterThan":{"n":"4.5"}})", true},
                    ConditionCase{R"({"NumericGreaterThan":{"iot:ClientId":"4"}})", false},
                    ConditionCase{R"({"DateGreaterThan":{"now":"2026-01-01T00:00:00Z"}})", true},
                    ConditionCase{R"({"DateLessThan":{"now":"2026-01-01"}})", false},
                    ConditionCase{R"({"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}})", true},
                    ConditionCase{R"({"IpAddress":{"aws:SourceIp":["10.2.0.0/16","10.1.2.3"]}})", true},
                    ConditionCase{R"({"IpAddress":{"aws:SourceIp":"10.1.2.128/25"}})", false},
                    ConditionCase{R"({"NotIpAddress":{"aws:SourceIp":"10.1.0.0/16"}})", false},
                    ConditionCase{R"({"IpAddress":{"aws:SourceIp":"::/0"}})", false},
                    ConditionCase{R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", true},
                    ConditionCase{R"({"Null":{"absent":"true"}})", true},
                    ConditionCase{R"({"Null":{"iot:ClientId":"true"}})", false},
                    ConditionCase{
                        R"({"ArnEquals":{"iot:LastWillTopic":"arn:aws:iot:*:*:topic/will/${iot:ClientId}"}})", true},
                    ConditionCase{R"({"ArnLike":{"iot:LastWillTopic":"arn:aws:iot:*:topic/will/*"}})", false},
                    ConditionCase{R"({"ArnNotLike":{"iot:LastWillTopic":"arn:aws:iot:*:*:topic/x/*"}})", true}));

INSTANTIATE_TEST_SUITE_P(
    Quantifiers, PolicyConditions,
    testing::Values(
        ConditionCase{R"({"ForAnyValue:StringEquals":{"iot:ConnectAttributes":["LastWill"]}})", true},
        ConditionCase{R"({"ForAnyValue:StringEquals":{"iot:ConnectAttributes":["x"]}})", false},
        ConditionCase{R"({"ForAllValues:StringEquals":{"iot:ConnectAttributes":["LastWill"]}})", false},
        ConditionCase{R"({"ForAllValues:StringEquals":{"iot:ConnectAttributes":["LastWill","PersistentConnect"]}})",
                      true},
        ConditionCase{R"({"ForAllValues:StringEquals":{"absent":["x"]}})", true},
        ConditionCase{R"({"ForAnyValue:StringEquals":{"absent":["x"]}})", false},
        ConditionCase{R"({"ForAllValues:StringNotEquals":{"iot:ConnectAttributes":["LastWill"]}})", false},
        ConditionCase{R"({"ForAllValues:StringNotEquals":{"iot:ConnectAttributes":["x"]}})", true},
        ConditionCase{R"({"ForAnyValue:StringNotEquals":{"iot:ConnectAttributes":["LastWill"]}})", true},
        ConditionCase{R"({"StringEqualsIfExists":{"absent":"x"}})", true},
        ConditionCase{R"({"StringEqualsIfExists":{"iot:ClientId":"x"}})", false},
        ConditionCase{R"({"StringEquals":{"absent":"x"}})", false}));

namespace {

struct MalformedCase {
  std::string document;
  std::string reason;
};

class MalformedPolicy : public testing::TestWithParam<MalformedCase> {};

}  // namespace

TEST_P(MalformedPolicy, IsRefused) {
  const auto policy = Policy::parse("p", GetParam().document);

  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error(), malformed_policy(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Documents, MalformedPolicy,
    testing::Values(
        MalformedCase{"", ""}, MalformedCase{"./policy.json", ""}, MalformedCase{"[]", ""},
        MalformedCase{"{}", "Invalid policy syntax."},
        MalformedCase{R"({"Version":"2008-10-17","Statement":[]})", "Invalid policy syntax."},
        MalformedCase{document(""), "Invalid policy syntax."}, MalformedCase{document("5"), "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"allow","Action":"*","Resource":"*"})"), "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"Allow","Resource":"*"})"), "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"Allow","Action":"*"})"), "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"Allow","Action":[],"Resource":"*"})"), "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"})"),
                      "Invalid policy syntax."},
        MalformedCase{document(R"({"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"})"),
                      "Invalid policy syntax."},
        MalformedCase{document(allow("publish", "*")), "The following actions are invalid : publish"},
        MalformedCase{document(allow("iot: *", "*")), "The following actions are invalid : iot: *"},
        MalformedCase{document(allow("iot:*", "topic/a")), "The following resources are invalid : topic/a"},
        MalformedCase{document(R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Foo":{"a":"b"}}})"),
                      "Invalid Condition type : Foo"},
        MalformedCase{
            document(
                R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"a":"10.0.0.0/40"}}})"),
            "Invalid value for Condition IpAddress : 10.0.0.0/40"},
        MalformedCase{std::string(5000, '['),
                      "Policy document exceeds the limit of 2048 characters, not counting white space."},
        MalformedCase{std::string(2000, '['), ""}));

TEST(Policy, WhiteSpaceDoesNotCountTowardsTheLimit) {
  std::string padded = document(allow("iot:*", "*"));
  padded.insert(1, std::string(5000, ' '));

  EXPECT_TRUE(Policy::parse("p", padded));
}

TEST(Policy, OneCharacterOverTheLimitIsRefused) {
  const std::string frame = document(allow("iot:*", "arn:"));
  const std::string exact = document(allow("iot:*", "arn:" + std::string(2048 - frame.size(), 'x')));
  const std::string over = document(allow("iot:*", "arn:" + std::string(2049 - frame.size(), 'x')));

  EXPECT_TRUE(Policy::parse("p", exact));
  EXPECT_FALSE(Policy::parse("p", over));
}

TEST(Policy, AStatementMayBeASingleObject) {
  EXPECT_TRUE(Policy::parse("p", R"({"Version":"2012-10-17","Statement":)" + allow("iot:*", "*") + "}"));
}

TEST(Policy, ManyStarsOverALongTopicStayCheap) {
  std::string stars;
  for (int i = 0; i < 150; ++i) stars += "*a";
  const std::string resource = arn + "topic/" + std::string(256, 'a') + "b";

  EXPECT_EQ(decide(allow("iot:Publish", arn + "topic/" + stars), "iot:Publish", resource), silent);
}

TEST(Policy, KnowsWhetherItNamesACertificateVariable) {
  const auto mentions = [](std::string_view statement) {
    return Policy::parse("p", document(statement)).value().mentions_certificate();
  };
  EXPECT_FALSE(mentions(allow("iot:*", "*")));
  EXPECT_TRUE(mentions(allow("iot:Connect", arn + "client/${IOT:certificate.Subject.CommonName}")));
  EXPECT_TRUE(mentions(allow("iot:Connect", arn + "client/${\\u0069ot:CertificateId}")));
  EXPECT_TRUE(mentions(
      R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"iot:Certificate.SerialNumber":"false"}}})"));
}

}  // namespace croft::identity
