#include "app/authorizer_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/encoding.h"

namespace croft::app {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

constexpr const char* allow = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*"}})";

json::object answer() {
  return {{"isAuthenticated", true}, {"principalId", "alice1"}, {"policyDocuments", json::array{json::parse(allow).value()}}};
}

json::object with(std::string_view member, json::value value) {
  json::object changed = answer();
  changed[member] = std::move(value);
  return changed;
}

std::string refusal(const json::value& given) {
  const auto grant = grant_from(json::dump(given));
  return grant ? "" : grant.error().code;
}

json::array documents(std::size_t count, const std::string& text) {
  json::array list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(json::value(text));
  return list;
}

std::string allowing(std::size_t characters) {
  std::string document = allow;
  document.insert(1, characters - document.size(), ' ');
  return document;
}

}  // namespace

TEST(UserNameParameters, AreThoseBehindTheQuestionMark) {
  EXPECT_THAT(user_name_parameters("alice?x-amz-customauthorizer-name=A&token=a%20b%2B+&empty=&flag&a=b=c"),
              ElementsAre(Pair("x-amz-customauthorizer-name", "A"), Pair("token", "a b++"), Pair("empty", ""), Pair("flag", ""),
                          Pair("a", "b=c")));
  EXPECT_THAT(user_name_parameters("?a=1?b=2"), ElementsAre(Pair("a", "1?b=2")));
}

TEST(UserNameParameters, AreNoneWithoutOne) {
  for (const char* name : {"", "alice", "x-amz-customauthorizer-name=A", "?", "?&&&"})
    EXPECT_THAT(user_name_parameters(name), IsEmpty()) << name;
}

TEST(UserNameParameters, HaveABound) {
  std::string many = "?";
  for (int i = 0; i < 10'000; ++i) many += "a&";

  EXPECT_EQ(user_name_parameters(many).size(), authorizer_parameters_max);
}

TEST(Find, TakesTheFirstWithoutRegardToCase) {
  const Parameters parameters{{"Token", "1"}, {"token", "2"}};

  EXPECT_EQ(find(parameters, "TOKEN"), "1");
  EXPECT_EQ(find(parameters, "tok"), "");
  EXPECT_EQ(find(parameters, ""), "");
}

TEST(Offer, OfMqttOverTlsHasNoHttp) {
  net::Peer peer{.tls = true, .server_name = "localhost", .alpn = "mqtt"};
  mqtt::Connect connect;
  connect.client_id = "c";
  connect.user_name = "alice?token=t";
  connect.password = std::string("\0\xff", 2);

  const Offer offer = offer_of(peer, connect);

  EXPECT_EQ(json::dump(offer.protocols), R"(["tls","mqtt"])");
  EXPECT_EQ(json::dump(offer.protocol_data),
            R"({"tls":{"serverName":"localhost"},"mqtt":{"clientId":"c","username":"alice?token=t","password":"AP8="}})");
}

TEST(Offer, TheUserNameCountsBeforeHeadersAndTheseBeforeTheQuery) {
  net::UpgradeRequest request{.headers = {{"token", "header"}, {"other", "header"}},
                              .query = "token=query&other=query&third=query"};
  net::Peer peer{.tls = true, .websocket = true, .upgrade = std::make_shared<const net::UpgradeRequest>(request)};
  mqtt::Connect connect;
  connect.user_name = "?token=user";

  const Offer offer = offer_of(peer, connect);

  EXPECT_EQ(find(offer.parameters, "token"), "user");
  EXPECT_EQ(find(offer.parameters, "other"), "header");
  EXPECT_EQ(find(offer.parameters, "third"), "query");
  EXPECT_EQ(json::dump(offer.protocols), R"(["tls","http","mqtt"])");
  EXPECT_EQ(json::dump(offer.protocol_data.at("http")),
            R"({"headers":{"token":"header","other":"header"},"queryString":"?token=query&other=query&third=query"})");
}

TEST(Offer, LeavesOutHeadersThatAreTooLongOrNotText) {
  net::UpgradeRequest request{.headers = {{"a", "\xff"}, {"b", "1"}, {"c", std::string(9'000, 'x')}, {"d", "2"}}, .query = {}};
  net::Peer peer{.websocket = true, .upgrade = std::make_shared<const net::UpgradeRequest>(request)};

  EXPECT_EQ(json::dump(offer_of(peer, {}).protocol_data.at("http")), R"({"headers":{"b":"1"}})");
}

TEST(Event, WithoutASignatureIsMadeWhenSigningIsDisabled) {
  const things::Authorizer authorizer{.name = "a", .token_key_name = "token", .signing_disabled = true};

  const auto event = event_for(authorizer, {}, "t", "");

  ASSERT_TRUE(event);
  const json::object members = json::parse(*event)->get_object();
  EXPECT_EQ(members.at("token"), "t");
  EXPECT_EQ(members.at("signatureVerified"), false);
  EXPECT_EQ(members.at("connectionMetadata").get_object().at("id").get_string().size(), 36u);
  EXPECT_FALSE(json::parse(event_for(authorizer, {}, "", "").value())->get_object().contains("token"));
}

TEST(Event, WithoutTokenOrSignatureIsNotMadeWhenSigningIsOn) {
  const things::Authorizer authorizer{.name = "a", .token_key_name = "token", .token_signing_keys = {{"k", "no key"}}};

  EXPECT_THAT(event_for(authorizer, {}, "", "c2ln").error().message, HasSubstr("no token came"));
  EXPECT_THAT(event_for(authorizer, {}, "t", "").error().message, HasSubstr("no signature"));
  EXPECT_EQ(event_for(authorizer, {}, "t", "c2ln").error().message, "no key of authorizer a verifies the token's signature");
}

TEST(Event, NeverTakesAHugeOrBrokenToken) {
  const things::Authorizer authorizer{.name = "a", .token_key_name = "token", .signing_disabled = true};

  EXPECT_FALSE(event_for(authorizer, {}, std::string(authorizer_token_bytes_max + 1, 't'), ""));
  EXPECT_FALSE(event_for(authorizer, {}, "\xff", ""));
}

TEST(Grant, HasPrincipalPoliciesAndTimes) {
  json::object given = answer();
  given["policyDocuments"] = json::array{json::parse(allow).value(), allow};
  given["disconnectAfterInSeconds"] = 300;
  given["refreshAfterInSeconds"] = 86'400;

  const auto grant = grant_from(json::dump(given));

  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->principal_id, "alice1");
  EXPECT_THAT(grant->documents, ElementsAre(allow, allow));
  EXPECT_TRUE(grant->policies->decide({"iot:Connect", "arn:aws:iot:us-east-1:0:client/c", {}}).allowed());
  EXPECT_EQ(grant->disconnect_after_s, 300u);
  EXPECT_EQ(grant->refresh_after_s, 86'400u);
}

TEST(Grant, WithoutTimesLastsADayAndIsNotRefreshed) {
  const Grant grant = grant_from(json::dump(answer())).value();

  EXPECT_EQ(grant.disconnect_after_s, 86'400u);
  EXPECT_EQ(grant.refresh_after_s, 0u);
}

TEST(Grant, WithoutDocumentsAllowsNothing) {
  const Grant grant = grant_from(json::dump(with("policyDocuments", json::array()))).value();

  EXPECT_FALSE(grant.policies->decide({"iot:Connect", "arn:aws:iot:us-east-1:0:client/c", {}}).allowed());
}

TEST(Grant, IsNoneWhenTheFunctionSaysSo) {
  EXPECT_EQ(refusal(with("isAuthenticated", false)), not_authenticated);
  EXPECT_EQ(refusal({{"isAuthenticated", false}}), not_authenticated) << "the rest is ignored";
}

TEST(Grant, IsNoneForAnythingElse) {
  const std::vector<json::value> bad = {
      nullptr,
      true,
      1,
      "yes",
      json::array(),
      json::parse(R"([{"isAuthenticated":true}])").value(),
      json::object(),
      with("isAuthenticated", "true"),
      with("isAuthenticated", 1),
      with("isAuthenticated", nullptr),
      with("principalId", ""),
      with("principalId", nullptr),
      with("principalId", 7),
      with("principalId", "a-b"),
      with("principalId", "a\n"),
      with("principalId", "\xc3\xa9"),
      with("principalId", json::string(129, 'a')),
      with("policyDocuments", nullptr),
      with("policyDocuments", allow),
      with("policyDocuments", json::object()),
      with("policyDocuments", json::parse("[1]").value()),
      with("policyDocuments", json::parse("[null]").value()),
      with("policyDocuments", documents(1, "{}")),
      with("policyDocuments", json::parse("[[]]").value()),
      with("policyDocuments", documents(1, "")),
      with("policyDocuments", documents(1, allowing(2'049))),
      with("policyDocuments", documents(11, allow)),
      with("policyDocuments", json::array{allow, R"({"Version":"2008-10-17","Statement":[]})"}),
      with("disconnectAfterInSeconds", 299),
      with("disconnectAfterInSeconds", 86'401),
      with("disconnectAfterInSeconds", "300"),
      with("disconnectAfterInSeconds", 300.5),
      with("disconnectAfterInSeconds", -300),
      with("disconnectAfterInSeconds", true),
      with("refreshAfterInSeconds", 0),
      with("refreshAfterInSeconds", 1e300),
      with("refreshAfterInSeconds", json::array()),
      with("refreshAfterInSeconds", std::uint64_t{1} << 63)};
  for (const json::value& given : bad) EXPECT_EQ(refusal(given), "InvalidResponseException") << json::dump(given);
}

TEST(Grant, IsNoneForWhatIsNoJsonOrTooLong) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("\xff"), std::string(200'000, ' '), std::string(100'000, '[')})
    EXPECT_EQ(grant_from(text).error().code, "InvalidResponseException");
}

TEST(Grant, TakesTenDocumentsOf2048Characters) {
  EXPECT_EQ(refusal(with("policyDocuments", documents(10, allowing(2'048)))), "");
}

}  // namespace croft::app
