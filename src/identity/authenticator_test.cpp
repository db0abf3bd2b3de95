#include "identity/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::identity {

namespace {

constexpr Timestamp now{1'795'378'141'000};  // 2026-11-22T20:09:01Z
const SignatureScope dynamodb{ErrorFamily::json, {"dynamodb"}};
const SignatureScope iot{ErrorFamily::rest_json, {"iot", "execute-api"}};
const SignatureScope sts{ErrorFamily::query, {"sts"}, true};
const SignatureScope s3{ErrorFamily::s3, {"s3"}};

net::HttpRequest post(std::string body = "{}") {
  return {"POST", "/", "", {{"host", "localhost:4566"}, {"x-amz-target", "DynamoDB_20120810.ListTables"}}, body, {}};
}

// A croft in memory with one key, and requests signed by it.
class AuthenticatorTest : public testing::Test {
 protected:
  net::HttpRequest signed_by(const Credentials& credentials, net::HttpRequest request, const std::string& service,
                             Timestamp time = now, const std::string& region = "us-east-1") {
    for (auto& header : sign(request, {credentials, region, service, time})) request.headers.push_back(header);
    return request;
  }
  net::HttpRequest signed_post(const std::string& service, Timestamp time = now) {
    return signed_by(keys.root(), post(), service, time);
  }
  std::string refusal(net::HttpRequest request, const SignatureScope& scope, Timestamp at = now) {
    const auto result = authenticator.authenticate(request, scope, at);
    return result ? "" : result.error().code + ' ' + std::to_string(result.error().http_status);
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  AccessKeys keys{*store, Instance()};
  Authenticator authenticator{Instance(), keys};
};

}  // namespace

TEST_F(AuthenticatorTest, AGoodSignatureNamesItsPrincipal) {
  net::HttpRequest request = signed_post("dynamodb");

  const auto principal = authenticator.authenticate(request, dynamodb, now);

  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ(principal->access_key_id, keys.root().access_key_id);
  EXPECT_EQ(principal->arn, "arn:aws:iam::000000000000:root");
}

TEST_F(AuthenticatorTest, ASessionSignsWithItsToken) {
  const Session session =
      keys.issue_session({.role_arn = "arn:aws:iam::000000000000:role/r", .session_name = "s"}, now);
  net::HttpRequest request = signed_by(session.credentials, post(), "dynamodb");

  const auto principal = authenticator.authenticate(request, dynamodb, now);

  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ(principal->arn, "arn:aws:sts::000000000000:assumed-role/r/s");
}

TEST_F(AuthenticatorTest, NoSignatureIsRefusedInTheFamilysWords) {
  EXPECT_EQ(refusal(post(), dynamodb), "MissingAuthenticationTokenException 400");
  EXPECT_EQ(refusal(post(), iot), "MissingAuthenticationTokenException 403");
  EXPECT_EQ(refusal(post(), sts), "MissingAuthenticationToken 403");
  EXPECT_EQ(refusal(post(), s3), "AccessDenied 403");
}

TEST_F(AuthenticatorTest, AnUnknownKeyIsRefusedInTheFamilysWords) {
  const Credentials stranger{"AKIAUNKNOWN", "secret"};

  EXPECT_EQ(refusal(signed_by(stranger, post(), "dynamodb"), dynamodb), "UnrecognizedClientException 400");
  EXPECT_EQ(refusal(signed_by(stranger, post(), "iot"), iot), "UnrecognizedClientException 403");
  EXPECT_EQ(refusal(signed_by(stranger, post(), "sts"), sts), "InvalidClientTokenId 403");
  EXPECT_EQ(refusal(signed_by(stranger, post(), "s3"), s3), "InvalidAccessKeyId 403");
}

TEST_F(AuthenticatorTest, AnythingChangedAfterSigningIsRefused) {
  net::HttpRequest body = signed_post("dynamodb"), target = body, path = body, query = body, method = body;
  body.body = "{\"a\":1}";
  target.headers[1].second = "DynamoDB_20120810.DeleteTable";
  path.path = "/other";
  query.query = "a=1";
  method.method = "PUT";

  for (const net::HttpRequest& request : {body, target, path, query, method}) {
    EXPECT_EQ(refusal(request, dynamodb), "InvalidSignatureException 400");
  }
}

TEST_F(AuthenticatorTest, AWrongSecretIsRefusedInTheFamilysWords) {
  const Credentials wrong{keys.root().access_key_id, "not the secret"};

  EXPECT_EQ(refusal(signed_by(wrong, post(), "iot"), iot), "InvalidSignatureException 403");
  EXPECT_EQ(refusal(signed_by(wrong, post(), "sts"), sts), "SignatureDoesNotMatch 403");
  EXPECT_EQ(refusal(signed_by(wrong, post(), "s3"), s3), "SignatureDoesNotMatch 403");
}

TEST_F(AuthenticatorTest, TheClockMayDifferByFifteenMinutes) {
  const std::int64_t limit = 15 * 60 * 1000;

  EXPECT_EQ(refusal(signed_post("dynamodb", {now.ms - limit}), dynamodb), "");
  EXPECT_EQ(refusal(signed_post("dynamodb", {now.ms + limit}), dynamodb), "");
  EXPECT_EQ(refusal(signed_post("dynamodb", {now.ms - limit - 1000}), dynamodb), "InvalidSignatureException 400");
  EXPECT_EQ(refusal(signed_post("dynamodb", {now.ms + limit + 1000}), dynamodb), "InvalidSignatureException 400");
  EXPECT_EQ(refusal(signed_post("s3", {now.ms - limit - 1000}), s3), "RequestTimeTooSkewed 403");
}

TEST_F(AuthenticatorTest, AnExpiredSignatureSaysTheTimes) {
  net::HttpRequest request = signed_post("dynamodb", {now.ms - 20 * 60 * 1000});

  const auto result = authenticator.authenticate(request, dynamodb, now);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "Signature expired: 20261122T194901Z is now earlier than 20261122T195401Z (20261122T200901Z - 15 min.)");
}

TEST_F(AuthenticatorTest, TheScopeMustFitServiceAndRegion) {
  EXPECT_EQ(refusal(signed_post("sqs"), dynamodb), "InvalidSignatureException 400");
  EXPECT_EQ(refusal(signed_by(keys.root(), post(), "dynamodb", now, "eu-west-1"), dynamodb),
            "InvalidSignatureException 400");
  EXPECT_EQ(refusal(signed_by(keys.root(), post(), "s3", now, "eu-west-1"), s3), "AuthorizationHeaderMalformed 400");
  EXPECT_EQ(refusal(signed_post("execute-api"), iot), "");
}

TEST_F(AuthenticatorTest, GlobalServicesTakeUsEast1InAnyRegion) {
  Authenticator european({.region = "eu-central-1"}, keys);
  net::HttpRequest for_sts = signed_post("sts"), for_dynamodb = signed_post("dynamodb");

  EXPECT_TRUE(european.authenticate(for_sts, sts, now));
  EXPECT_FALSE(european.authenticate(for_dynamodb, dynamodb, now));
}

TEST_F(AuthenticatorTest, AnExpiredOrWrongTokenIsRefused) {
  const Session session = keys.issue_session(
      {.role_arn = "arn:aws:iam::000000000000:role/r", .session_name = "s", .lifetime = std::chrono::seconds(10)},
      now);
  Credentials other_token = session.credentials;
  other_token.session_token = "other";

  EXPECT_EQ(refusal(signed_by(session.credentials, post(), "sts"), sts, {now.ms + 10'000}), "ExpiredToken 403");
  EXPECT_EQ(refusal(signed_by(other_token, post(), "sts"), sts), "InvalidClientTokenId 403");
  EXPECT_EQ(refusal(signed_by(other_token, post(), "s3"), s3), "InvalidToken 400");
}

TEST_F(AuthenticatorTest, AnAmzHeaderAddedAfterSigningIsRefused) {
  net::HttpRequest request = signed_post("s3");
  request.headers.emplace_back("x-amz-acl", "public-read");

  EXPECT_EQ(refusal(request, s3), "AccessDenied 403");
}

TEST_F(AuthenticatorTest, S3ChecksTheBodyAgainstItsStatedHash) {
  net::HttpRequest request = signed_post("s3");
  request.body = "changed";

  EXPECT_EQ(refusal(request, s3), "XAmzContentSHA256Mismatch 400");
}

TEST_F(AuthenticatorTest, PresignedQueriesLastAsLongAsTheySay) {
  net::HttpRequest request{"GET", "/b/k", "versionId=1", {{"host", "localhost"}}, "", {}};
  request.query = presigned_query(request, {keys.root(), "us-east-1", "s3", now}, 60);

  EXPECT_EQ(refusal(request, s3), "");
  EXPECT_EQ(refusal(request, s3, {now.ms + 61'000}), "AccessDenied 403");
  request.path = "/b/other";
  EXPECT_EQ(refusal(request, s3), "SignatureDoesNotMatch 403");
}

TEST_F(AuthenticatorTest, AWebSocketsTokenIsSignedOrAppended) {
  const SignatureScope devices{ErrorFamily::rest_json, {"iotdevicegateway", "iotdata"}};
  const Session session = keys.issue_session({.role_arn = "arn:aws:iam::000000000000:role/r", .session_name = "s"}, now);
  const Signing signing{session.credentials, "us-east-1", "iotdevicegateway", now};
  net::HttpRequest appended{"GET", "/mqtt", "", {{"host", "localhost"}}, "", {}};
  appended.query = presigned_query(appended, signing, 60);

  net::HttpRequest within = appended;
  const CredentialScope scope{"20261122", "us-east-1", "iotdevicegateway"};
  const std::string text = canonical_request(within, {{"host"}, text::hex(text::sha256("")), scope.service, true});
  const std::string key = signing_key(session.credentials.secret_access_key, scope);
  within.query.resize(within.query.rfind('=') + 1);
  within.query += signature_of(key, string_to_sign(text::amz_date(now), scope, text));

  EXPECT_NE(within.query, appended.query);
  EXPECT_EQ(refusal(appended, devices), "");
  EXPECT_EQ(refusal(within, devices), "");
  EXPECT_EQ(refusal(appended, iot), "InvalidSignatureException 403") << "the scope of another service";
  appended.path = "/other";
  EXPECT_EQ(refusal(appended, devices), "InvalidSignatureException 403");
}

TEST_F(AuthenticatorTest, SignatureVersion2OfS3IsNamedAsUnsupported) {
  net::HttpRequest query{"GET", "/b/k", "AWSAccessKeyId=a&Signature=b&Expires=1", {}, "", {}};
  net::HttpRequest header{"GET", "/b/k", "", {{"authorization", "AWS a:b"}}, "", {}};

  EXPECT_EQ(refusal(query, s3), "InvalidRequest 400");
  EXPECT_EQ(refusal(header, s3), "InvalidRequest 400");
}

TEST_F(AuthenticatorTest, MalformedSignaturesAreRefusedAndNeverCrash) {
  const std::string whole = *signed_post("dynamodb").header("authorization");
  net::HttpRequest request = post();
  request.headers.emplace_back("x-amz-date", "20261122T200901Z");
  request.headers.emplace_back("authorization", "");

  for (std::size_t length = 0; length < whole.size(); ++length) {
    request.headers.back().second = whole.substr(0, length);
    EXPECT_NE(refusal(request, dynamodb), "") << length;
  }
  for (const char* text :
       {"AWS AKID:sig", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g,SignedHeaders=;,Signature=x",
        "AWS4-HMAC-SHA256 Credential=////,SignedHeaders=host,Signature=x"}) {
    request.headers.back().second = text;
    EXPECT_EQ(refusal(request, dynamodb), "IncompleteSignatureException 400") << text;
  }
}

TEST_F(AuthenticatorTest, WithoutEnforcementAnyoneIsTheAccount) {
  net::HttpRequest anonymous = post();
  net::HttpRequest stranger = signed_by({"test", "test"}, post(), "s3");
  const Session session =
      keys.issue_session({.role_arn = "arn:aws:iam::000000000000:role/r", .session_name = "s"}, now);
  net::HttpRequest worker = signed_by(session.credentials, post(), "dynamodb");

  EXPECT_EQ(authenticator.trust(anonymous).value().access_key_id, "");
  EXPECT_EQ(authenticator.trust(anonymous).value().arn, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(authenticator.trust(stranger).value().access_key_id, "test");
  EXPECT_EQ(authenticator.trust(worker).value().arn, "arn:aws:sts::000000000000:assumed-role/r/s");
}

}  // namespace croft::identity
