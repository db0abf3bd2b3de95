#include "identity/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::identity {

namespace {

using testing::HasSubstr;

// The credentials of AWS's published examples.
const Credentials iam_example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const Credentials s3_example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

Timestamp at(const char* amz_date) {
  return *text::from_amz_date(amz_date);
}

std::string header_of(const net::Headers& headers, std::string_view name) {
  for (const auto& [other, value] : headers)
    if (other == name) return value;
  return "";
}

std::string path_line(const char* path, const char* service) {
  const net::HttpRequest request{"GET", path, "", {}, "", {}};
  const std::string canonical = canonical_request(request, {{}, "", service});
  return canonical.substr(4, canonical.find('\n', 4) - 4);
}

std::string query_line(const char* query, const char* service) {
  const net::HttpRequest request{"GET", "/", query, {}, "", {}};
  const std::string canonical = canonical_request(request, {{}, "", service});
  return canonical.substr(6, canonical.find('\n', 6) - 6);
}

}  // namespace

// IAM User Guide, "Create a signed AWS API request": the ListUsers example.
TEST(SigV4, HashesAndSignsTheListUsersExampleAsPublished) {
  const net::HttpRequest request{"GET",
                                 "/",
                                 "Action=ListUsers&Version=2010-05-08",
                                 {{"host", "iam.amazonaws.com"},
                                  {"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                                  {"x-amz-date", "20150830T123600Z"}},
                                 "",
                                 {}};
  const SignedParts parts{{"content-type", "host", "x-amz-date"}, text::hex(text::sha256("")), "iam"};
  const CredentialScope scope{"20150830", "us-east-1", "iam"};

  const std::string canonical = canonical_request(request, parts);
  const std::string key = signing_key(iam_example.secret_access_key, scope);

  EXPECT_EQ(text::hex(text::sha256(canonical)), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  EXPECT_EQ(text::hex(key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  EXPECT_EQ(signature_of(key, string_to_sign("20150830T123600Z", scope, canonical)),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

// S3 API Reference, "Authenticating Requests: Using the Authorization Header", example GET Object.
TEST(SigV4, SignsTheS3GetObjectExampleAsPublished) {
  const net::HttpRequest request{
      "GET", "/test.txt", "", {{"host", "examplebucket.s3.amazonaws.com"}, {"range", "bytes=0-9"}}, "", {}};

  const net::Headers added = sign(request, {s3_example, "us-east-1", "s3", at("20130524T000000Z")});

  EXPECT_EQ(header_of(added, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(header_of(added, "x-amz-content-sha256"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// S3 API Reference, "Authenticating Requests: Using Query Parameters", its example.
TEST(SigV4, PresignsTheS3ExampleAsPublished) {
  const net::HttpRequest request{"GET", "/test.txt", "", {{"host", "examplebucket.s3.amazonaws.com"}}, "", {}};

  const std::string query = presigned_query(request, {s3_example, "us-east-1", "s3", at("20130524T000000Z")}, 86400);

  EXPECT_THAT(query, HasSubstr("&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"));
  EXPECT_THAT(query,
              testing::EndsWith("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

TEST(SigV4, ASessionsTokenIsSentAndSigned) {
  Credentials session = iam_example;
  session.session_token = "token==";
  const net::HttpRequest request{"POST", "/", "", {{"host", "h"}}, "body", {}};

  const net::Headers added = sign(request, {session, "us-east-1", "sts", at("20150830T123600Z")});

  EXPECT_EQ(header_of(added, "x-amz-security-token"), "token==");
  EXPECT_THAT(header_of(added, "authorization"), HasSubstr("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
}

TEST(SigV4, PathsAreEncodedTwiceAndNormalised) {
  EXPECT_EQ(path_line("", "iot"), "/");
  EXPECT_EQ(path_line("/topics/a%2Fb", "iotdata"), "/topics/a%252Fb");
  EXPECT_EQ(path_line("/a//b/./c/../d/", "lambda"), "/a/b/d/");
  EXPECT_EQ(path_line("/../..", "lambda"), "/");
}

TEST(SigV4, PathsOfS3AreEncodedOnceAndKeptAsTheyAre) {
  EXPECT_EQ(path_line("", "s3"), "/");
  EXPECT_EQ(path_line("/b//a/../c", "s3"), "/b//a/../c");
  EXPECT_EQ(path_line("/b/a%20b%2Fc", "s3"), "/b/a%20b%2Fc");
  EXPECT_EQ(path_line("/b/a(b)", "s3"), "/b/a%28b%29");
}

TEST(SigV4, QueriesAreSortedByEncodedName) {
  EXPECT_EQ(query_line("b=2&a=1&a=0&c", "s3"), "a=0&a=1&b=2&c=");
  EXPECT_EQ(query_line("k=a%2fb%20c&X-Amz-Signature=x", "s3"), "k=a%2Fb%20c");
}

TEST(SigV4, OnlyTheDeviceGatewayLeavesTheTokenOut) {
  EXPECT_EQ(query_line("a=1&X-Amz-Security-Token=t", "iotdevicegateway"), "a=1");
  EXPECT_EQ(query_line("a=1&X-Amz-Security-Token=t", "sts"), "X-Amz-Security-Token=t&a=1");
}

TEST(SigV4, HeaderValuesAreTrimmedAndRepeatedOnesJoined) {
  const net::HttpRequest request{"GET", "/", "", {{"b", "  x \t y  "}, {"a", "1"}, {"a", " 2"}}, "", {}};

  const std::string canonical = canonical_request(request, {{"a", "b"}, "HASH", "sts"});

  EXPECT_EQ(canonical, "GET\n/\n\na:1,2\nb:x y\n\na;b\nHASH");
}

}  // namespace croft::identity
