#include "identity/streamed_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/sigv4.h"

namespace croft::identity {

namespace {

net::HttpRequest streamed(const char* form, std::string body, std::size_t length) {
  return {"PUT",
          "/b/k",
          "",
          {{"x-amz-content-sha256", form},
           {"content-encoding", "aws-chunked"},
           {"x-amz-trailer", "x-amz-checksum-crc32"},
           {"x-amz-decoded-content-length", std::to_string(length)}},
          std::move(body),
          {}};
}

// S3 API Reference, "Transferring Payload in Multiple Chunks": 66,560 times 'a' in two chunks.
std::string published_body() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

ChunkSigning published_signing() {
  const CredentialScope scope{"20130524", "us-east-1", "s3"};
  return {signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope), "20130524T000000Z", scope.text(),
          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
}

std::string code_of(const char* form, std::string body, std::size_t length) {
  net::HttpRequest request = streamed(form, std::move(body), length);
  const auto result = unwrap_streamed_body(request, std::nullopt);
  return result ? "" : result.error().code;
}

constexpr const char* unsigned_form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
constexpr const char* signed_form = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

}  // namespace

TEST(StreamedBody, ThePublishedSignedChunksVerify) {
  net::HttpRequest request = streamed(signed_form, published_body(), 66560);

  const auto result = unwrap_streamed_body(request, published_signing());

  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(request.body, std::string(66560, 'a'));
  EXPECT_EQ(request.header("content-encoding"), nullptr);
}

TEST(StreamedBody, AChangedByteOfASignedChunkIsRefused) {
  std::string body = published_body();
  body[1000] = 'b';
  net::HttpRequest request = streamed(signed_form, body, 66560);

  const auto result = unwrap_streamed_body(request, published_signing());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "SignatureDoesNotMatch");
}

TEST(StreamedBody, AnAnnouncedTrailerBecomesAHeader) {
  net::HttpRequest request =
      streamed(unsigned_form, "3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:hYfUcA==\r\n\r\n", 5);

  const auto result = unwrap_streamed_body(request, std::nullopt);

  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(request.body, "abcde");
  ASSERT_NE(request.header("x-amz-checksum-crc32"), nullptr);
  EXPECT_EQ(*request.header("x-amz-checksum-crc32"), "hYfUcA==");
}

TEST(StreamedBody, ASecondEncodingStays) {
  net::HttpRequest request = streamed(unsigned_form, "1\r\na\r\n0\r\n\r\n", 1);
  request.headers[1].second = "aws-chunked, gzip";

  ASSERT_TRUE(unwrap_streamed_body(request, std::nullopt));

  EXPECT_EQ(*request.header("content-encoding"), "gzip");
}

TEST(StreamedBody, BrokenFramesAreRefused) {
  EXPECT_EQ(code_of(unsigned_form, "", 0), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "5\r\nabc", 3), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "3\r\nabcde\r\n0\r\n\r\n", 3), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "ffffffffffffffffff\r\nabc\r\n0\r\n\r\n", 3), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "-3\r\nabc\r\n0\r\n\r\n", 3), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "3;ext=1\r\nabc\r\n0\r\n\r\n", 3), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, std::string(300, '0') + "\r\n\r\n", 0), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "3\r\nabc\r\n0\r\n\r\n", 4), "IncompleteBody");
  EXPECT_EQ(code_of(unsigned_form, "0\r\nnot a header\r\n\r\n", 0), "MalformedTrailerError");
  EXPECT_EQ(code_of(unsigned_form, "0\r\nauthorization: x\r\n\r\n", 0), "MalformedTrailerError");
  EXPECT_EQ(code_of(unsigned_form, "0\r\n" + std::string(9000, 'x'), 0), "MalformedTrailerError");
  EXPECT_EQ(code_of("STREAMING-SOMETHING-ELSE", "0\r\n\r\n", 0), "InvalidRequest");
}

TEST(StreamedBody, EveryCutOfABodyIsRefused) {
  const std::string whole = "3\r\nabc\r\n0\r\n";

  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(code_of(unsigned_form, whole.substr(0, length), 3), "") << length;
  }
}

}  // namespace croft::identity
