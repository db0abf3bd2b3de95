#include "services/iot/iot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "identity/certificate.h"
#include "shard/shard.h"

namespace croft::services::iot {

using testing::HasSubstr;
using testing::StartsWith;

namespace {

const Instance instance{.region = "us-east-1", .account_id = "123456789012"};

Task<void> perform(const gateway::Handler& handler, gateway::Call& call, std::promise<Result<gateway::Reply>>& result) {
  std::optional<Error> refusal;
  try {
    gateway::Reply reply = co_await handler(call);
    result.set_value(std::move(reply));
  } catch (const ApiError& refused) {
    refusal = refused.error();
  }
  if (refusal) result.set_value(std::move(*refusal));
}

// The service as the gateway holds it, called by operation name with decoded input.
class IotServiceTest : public testing::Test {
 protected:
  IotServiceTest() { shard_.start(); }
  ~IotServiceTest() override { shard_.stop(); }

  json::object call(std::string_view operation, json::object input = {}, net::Headers headers = {}) {
    for (const gateway::Operation& row : service_.operations) {
      if (row.name != operation) continue;
      gateway::Call call{.input = std::move(input)};
      call.http.headers = std::move(headers);
      std::promise<Result<gateway::Reply>> result;
      shard_.spawn(perform(row.handler, call, result));
      Result<gateway::Reply> reply = result.get_future().get();
      if (!reply) throw ApiError(reply.error());
      return std::move(reply->output);
    }
    ADD_FAILURE() << "no operation " << operation;
    return {};
  }
  Error refusal(std::string_view operation, json::object input = {}, net::Headers headers = {}) {
    try {
      call(operation, std::move(input), std::move(headers));
    } catch (const ApiError& refused) {
      return refused.error();
    }
    ADD_FAILURE() << operation << " was not refused";
    return {};
  }
  static std::string text(const json::object& object, std::string_view name) {
    return std::string(json::string_or(object, name, "absent"));
  }
  static json::object policy(std::string_view name, std::string_view resource) {
    return {
        {"policyName", name},
        {"policyDocument", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":")" +
                               std::string(resource) + "\"}]}"}};
  }

  std::unique_ptr<Store> store_ = Store::open("", Store::Durability::os).value();
  std::unique_ptr<things::Registry> registry_ = things::Registry::open(*store_, instance).value();
  std::unique_ptr<identity::CertificateAuthority> authority_ = identity::CertificateAuthority::ephemeral("").value();
  Shard shard_{0, "api"};
  Pool pool_{1};  // posts to the shard
  Iot iot_{*registry_, *authority_, pool_, {.data = "croft.local", .credential_provider = "credentials.local"}};
  gateway::Service service_ = iot_service(iot_);
};

}  // namespace

TEST_F(IotServiceTest, ADeviceIsProvisionedAndCleanedUpInTheOrderOfTheGreengrassInstaller) {
  call("CreatePolicy", policy("gg", "*"));
  const json::object keys = call("CreateKeysAndCertificate", {{"setAsActive", "true"}});
  const std::string arn = text(keys, "certificateArn"), id = text(keys, "certificateId");
  call("AttachPolicy", {{"policyName", "gg"}, {"target", arn}});
  const json::object thing = call("CreateThing", {{"thingName", "core"}});
  call("AttachThingPrincipal", {{"thingName", "core"}}, {{"x-amzn-principal", arn}});

  EXPECT_EQ(arn, "arn:aws:iot:us-east-1:123456789012:cert/" + id);
  EXPECT_EQ(id, identity::read_certificate(text(keys, "certificatePem"))->id);
  EXPECT_THAT(text(keys.at("keyPair").get_object(), "PrivateKey"), StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_THAT(text(keys.at("keyPair").get_object(), "PublicKey"), StartsWith("-----BEGIN PUBLIC KEY-----"));
  EXPECT_EQ(text(thing, "thingArn"), "arn:aws:iot:us-east-1:123456789012:thing/core");
  EXPECT_EQ(json::dump(call("ListThingPrincipals", {{"thingName", "core"}})), R"({"principals":[")" + arn + "\"]}");
  EXPECT_EQ(json::dump(call("ListPrincipalThings", {}, {{"x-amzn-principal", arn}})), R"({"things":["core"]})");
  EXPECT_EQ(json::dump(call("ListPrincipalThingsV2", {}, {{"x-amzn-principal", arn}})),
            R"({"principalThingObjects":[{"thingName":"core","thingPrincipalType":"NON_EXCLUSIVE_THING"}]})");

  EXPECT_EQ(refusal("DeleteCertificate", {{"certificateId", id}}).code, "CertificateStateException");
  call("DetachThingPrincipal", {{"thingName", "core"}}, {{"x-amzn-principal", arn}});
  call("DeleteThing", {{"thingName", "core"}});
  call("UpdateCertificate", {{"certificateId", id}, {"newStatus", "INACTIVE"}});
  EXPECT_EQ(json::dump(call("ListAttachedPolicies", {{"target", arn}})),
            R"({"policies":[{"policyName":"gg","policyArn":"arn:aws:iot:us-east-1:123456789012:policy/gg"}]})");
  call("DetachPolicy", {{"policyName", "gg"}, {"target", arn}});
  call("DeletePolicy", {{"policyName", "gg"}});
  call("DeleteCertificate", {{"certificateId", id}, {"forceDelete", "true"}});
  EXPECT_EQ(refusal("DescribeCertificate", {{"certificateId", id}}).code, "ResourceNotFoundException");
}

TEST_F(IotServiceTest, DescribesAThing) {
  const std::string id =
      text(call("CreateThing", {{"thingName", "lamp"}, {"attributePayload", {{"attributes", {{"room", "hall"}}}}}}),
           "thingId");

  EXPECT_EQ(
      json::dump(call("DescribeThing", {{"thingName", "lamp"}})),
      R"({"defaultClientId":"lamp","thingName":"lamp","thingId":")" + id +
          R"(","thingArn":"arn:aws:iot:us-east-1:123456789012:thing/lamp","attributes":{"room":"hall"},"version":1})");
}

TEST_F(IotServiceTest, DescribesACertificate) {
  const json::object keys = call("CreateKeysAndCertificate");
  const std::string id = text(keys, "certificateId");

  const json::object reply = call("DescribeCertificate", {{"certificateId", id}});

  const json::object& description = reply.at("certificateDescription").get_object();
  EXPECT_EQ(text(description, "status"), "INACTIVE");
  EXPECT_EQ(text(description, "ownedBy"), "123456789012");
  EXPECT_EQ(text(description, "certificateMode"), "DEFAULT");
  EXPECT_EQ(text(description, "certificatePem"), text(keys, "certificatePem"));
  EXPECT_EQ(description.at("validity").get_object().at("notAfter").get_double(), 2524607999.0);
  EXPECT_NEAR(description.at("creationDate").get_double(), Timestamp::now().seconds(), 60);
}

TEST_F(IotServiceTest, RegistersForeignCertificatesOnlyWithTheirIssuerOrWithoutOne) {
  const auto other = identity::CertificateAuthority::ephemeral("").value();
  const std::string pem = other->issue_client("lamp", Timestamp::now()).certificate_pem;

  EXPECT_EQ(refusal("RegisterCertificate", {{"certificatePem", pem}}).code, "CertificateValidationException");
  EXPECT_EQ(refusal("RegisterCertificate", {{"certificatePem", "noise"}}).code, "CertificateValidationException");
  const std::string id =
      text(call("RegisterCertificate",
                {{"certificatePem", pem}, {"caCertificatePem", other->pem()}, {"setAsActive", "true"}}),
           "certificateId");
  EXPECT_EQ(registry_->certificate(id)->status, things::CertificateStatus::active);

  const Error again = refusal("RegisterCertificateWithoutCA", {{"certificatePem", pem}});
  EXPECT_EQ(again.code, "ResourceAlreadyExistsException");
  EXPECT_THAT(again.details, HasSubstr("cert/" + id));
}

TEST_F(IotServiceTest, ACertificateWithoutAnAuthorityIsSniOnly) {
  const auto other = identity::CertificateAuthority::ephemeral("").value();
  const std::string pem = other->issue_client("lamp", Timestamp::now()).certificate_pem;

  const std::string id =
      text(call("RegisterCertificateWithoutCA", {{"certificatePem", pem}, {"status", "ACTIVE"}}), "certificateId");

  const json::object reply = call("ListCertificates");
  const json::object& item = reply.at("certificates").get_array().at(0).get_object();
  EXPECT_EQ(text(item, "certificateId"), id);
  EXPECT_EQ(text(item, "certificateMode"), "SNI_ONLY");
  EXPECT_EQ(text(item, "status"), "ACTIVE");
}

TEST_F(IotServiceTest, PolicyVersionsComeAndGo) {
  call("CreatePolicy", policy("p", "*"));
  json::object second = policy("p", "arn:aws:iot:*");
  second["setAsDefault"] = "true";

  const json::object created = call("CreatePolicyVersion", second);
  call("SetDefaultPolicyVersion", {{"policyName", "p"}, {"policyVersionId", "1"}});
  const json::object versions = call("ListPolicyVersions", {{"policyName", "p"}});
  call("DeletePolicyVersion", {{"policyName", "p"}, {"policyVersionId", "2"}});

  EXPECT_EQ(text(created, "policyVersionId"), "2");
  EXPECT_TRUE(created.at("isDefaultVersion").get_bool());
  EXPECT_EQ(versions.at("policyVersions").get_array().size(), 2u);
  EXPECT_EQ(text(call("GetPolicy", {{"policyName", "p"}}), "defaultVersionId"), "1");
  EXPECT_EQ(refusal("GetPolicyVersion", {{"policyName", "p"}, {"policyVersionId", "2"}}).code,
            "ResourceNotFoundException");
  EXPECT_EQ(refusal("GetPolicyVersion", {{"policyName", "p"}, {"policyVersionId", "x"}}).code,
            "InvalidRequestException");
}

TEST_F(IotServiceTest, ListsArePagedByOpaqueTokens) {
  for (const char* name : {"a", "b", "c"}) call("CreateThing", {{"thingName", name}});

  const json::object first = call("ListThings", {{"maxResults", "2"}});
  const json::object second = call("ListThings", {{"maxResults", "2"}, {"nextToken", text(first, "nextToken")}});

  EXPECT_EQ(first.at("things").get_array().size(), 2u);
  EXPECT_EQ(second.at("things").get_array().size(), 1u);
  EXPECT_FALSE(second.contains("nextToken"));
  EXPECT_EQ(refusal("ListThings", {{"maxResults", "251"}}).code, "InvalidRequestException");
  EXPECT_EQ(refusal("ListThings", {{"maxResults", "0"}}).code, "InvalidRequestException");
  EXPECT_EQ(refusal("ListThings", {{"maxResults", "2x"}}).code, "InvalidRequestException");
  EXPECT_EQ(refusal("ListThings", {{"nextToken", "!"}}).code, "InvalidRequestException");
}

TEST_F(IotServiceTest, MissingAndMistypedMembersAreInvalidRequests) {
  EXPECT_EQ(
      refusal("CreatePolicy", {{"policyName", "p"}}),
      (Error{"InvalidRequestException",
             "1 validation error detected: Value null at 'policyDocument' failed to satisfy constraint: Member must "
             "not be null",
             400}));
  EXPECT_EQ(refusal("CreateThing", {{"thingName", 5}}).code, "InvalidRequestException");
  EXPECT_EQ(refusal("CreateThing", {{"thingName", "a"}, {"attributePayload", 5}}).code, "InvalidRequestException");
  EXPECT_EQ(refusal("CreateThing", {{"thingName", "a"}, {"attributePayload", {{"attributes", {{"a", 5}}}}}}).code,
            "InvalidRequestException");
  EXPECT_EQ(refusal("AttachThingPrincipal", {{"thingName", "a"}}).code, "InvalidRequestException");
  EXPECT_EQ(
      refusal("UpdateCertificate", {{"certificateId", std::string(64, 'a')}, {"newStatus", "PENDING_TRANSFER"}}).code,
      "InvalidRequestException");
}

TEST_F(IotServiceTest, EndpointsAreHostsWhateverTheCaseOfTheType) {
  EXPECT_EQ(text(call("DescribeEndpoint", {{"endpointType", "iot:Data-ATS"}}), "endpointAddress"), "croft.local");
  EXPECT_EQ(text(call("DescribeEndpoint", {{"endpointType", "IOT:Data-ATS"}}), "endpointAddress"), "croft.local");
  EXPECT_EQ(text(call("DescribeEndpoint"), "endpointAddress"), "croft.local");
  EXPECT_EQ(text(call("DescribeEndpoint", {{"endpointType", "iot:CredentialProvider"}}), "endpointAddress"),
            "credentials.local");
  EXPECT_EQ(text(call("DescribeEndpoint", {{"endpointType", "iot:Jobs"}}), "endpointAddress"), "croft.local");
  EXPECT_EQ(refusal("DescribeEndpoint", {{"endpointType", "x"}}).code, "InvalidRequestException");
}

TEST_F(IotServiceTest, EventConfigurationsAreOffUntilSwitchedOn) {
  const json::object before = call("DescribeEventConfigurations");
  call("UpdateEventConfigurations", {{"eventConfigurations", {{"THING", {{"Enabled", true}}}}}});
  const json::object after = call("DescribeEventConfigurations");

  EXPECT_EQ(json::dump(before.at("eventConfigurations").get_object().at("THING")), R"({"Enabled":false})");
  EXPECT_EQ(json::dump(after.at("eventConfigurations").get_object().at("THING")), R"({"Enabled":true})");
  EXPECT_EQ(after.at("eventConfigurations").get_object().size(), 11u);
  EXPECT_EQ(refusal("UpdateEventConfigurations", {{"eventConfigurations", {{"X", {{"Enabled", true}}}}}}).code,
            "InvalidRequestException");
}

TEST_F(IotServiceTest, TestAuthorizationSaysWhichPolicyDecides) {
  call("CreatePolicy", policy("clients", "arn:aws:iot:us-east-1:123456789012:client/${iot:ClientId}"));
  const std::string arn = text(call("CreateKeysAndCertificate", {{"setAsActive", "true"}}), "certificateArn");
  call("AttachPolicy", {{"policyName", "clients"}, {"target", arn}});
  const auto decision = [&](std::string_view client) {
    const json::object info{{"actionType", "CONNECT"},
                            {"resources", json::array{"arn:aws:iot:us-east-1:123456789012:client/lamp"}}};
    const json::object reply =
        call("TestAuthorization", {{"principal", arn}, {"clientId", client}, {"authInfos", json::array{info}}});
    return reply.at("authResults").get_array().at(0).get_object();
  };

  EXPECT_EQ(text(decision("lamp"), "authDecision"), "ALLOWED");
  EXPECT_THAT(json::dump(decision("lamp").at("allowed")), HasSubstr(R"("policyName":"clients")"));
  EXPECT_EQ(text(decision("other"), "authDecision"), "IMPLICIT_DENY");
}

TEST_F(IotServiceTest, ThingGroupsHoldThings) {
  call("CreateThingGroup", {{"thingGroupName", "plant"}});
  call("CreateThingGroup", {{"thingGroupName", "hall"}, {"parentGroupName", "plant"}});
  call("CreateThing", {{"thingName", "lamp"}});
  call("AddThingToThingGroup", {{"thingGroupName", "hall"}, {"thingName", "lamp"}});

  EXPECT_EQ(json::dump(call("ListThingsInThingGroup", {{"thingGroupName", "plant"}, {"recursive", "true"}})),
            R"({"things":["lamp"]})");
  EXPECT_EQ(
      json::dump(call("ListThingGroupsForThing", {{"thingName", "lamp"}})),
      R"({"thingGroups":[{"groupName":"hall","groupArn":"arn:aws:iot:us-east-1:123456789012:thinggroup/hall"}]})");
  EXPECT_EQ(text(call("DescribeThingGroup", {{"thingGroupName", "hall"}}).at("thingGroupMetadata").get_object(),
                 "parentGroupName"),
            "plant");
}

TEST_F(IotServiceTest, ThingTypesAreDescribed) {
  call("CreateThingType", {{"thingTypeName", "t"}, {"thingTypeProperties", {{"thingTypeDescription", "d"}}}});
  call("DeprecateThingType", {{"thingTypeName", "t"}});

  const json::object type = call("DescribeThingType", {{"thingTypeName", "t"}});

  EXPECT_EQ(text(type.at("thingTypeProperties").get_object(), "thingTypeDescription"), "d");
  EXPECT_TRUE(type.at("thingTypeMetadata").get_object().at("deprecated").get_bool());
}

}  // namespace croft::services::iot
