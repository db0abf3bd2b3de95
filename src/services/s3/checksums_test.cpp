#include "services/s3/checksums.h"

#include <gtest/gtest.h>

namespace croft::services::s3 {

namespace {

std::string refusal(net::Headers headers) {
  const auto result = verified_checksums({"PUT", "/b/k", "", std::move(headers), "123456789", {}});
  return result ? "" : result.error().code;
}

}  // namespace

// The check values of the catalogue of CRC algorithms, for "123456789": cbf43926, e3069283, ae8b14860a799888.
TEST(Checksums, MatchTheCataloguesCheckValues) {
  EXPECT_EQ(checksum("crc32", "123456789"), "y/Q5Jg==");
  EXPECT_EQ(checksum("crc32c", "123456789"), "4waSgw==");
  EXPECT_EQ(checksum("crc64nvme", "123456789"), "rosUhgp5mIg=");
  EXPECT_EQ(checksum("sha256", ""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(checksum("sha1", ""), "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
  EXPECT_EQ(checksum("md4", "x"), "");
}

TEST(Checksums, TheOnesThatWereSentAreVerified) {
  const auto verified =
      verified_checksums({"PUT", "/b/k", "", {{"x-amz-checksum-crc32", "y/Q5Jg=="}}, "123456789", {}});

  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->at("crc32"), "y/Q5Jg==");
  EXPECT_EQ(refusal({{"content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="}}), "");
  EXPECT_EQ(refusal({{"x-amz-checksum-crc32c", "y/Q5Jg=="}}), "BadDigest");
  EXPECT_EQ(refusal({{"x-amz-checksum-sha256", "!"}}), "InvalidRequest");
  EXPECT_EQ(refusal({{"content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="}}), "BadDigest");
  EXPECT_EQ(refusal({{"content-md5", "AAAA"}}), "InvalidDigest");
}

TEST(Checksums, ThoseOfPartsAreJoined) {
  Part first, second;
  first.checksums["crc32"] = checksum("crc32", "a");
  second.checksums["crc32"] = checksum("crc32", "b");

  const std::string joined = composite_checksum("crc32", {first, second});

  // The CRC-32 of the eight bytes of both digests.
  EXPECT_EQ(joined, checksum("crc32", std::string("\xE8\xB7\xBE\x43\x71\xBE\xEF\xF9", 8)) + "-2");
  EXPECT_EQ(composite_checksum("sha256", {first, second}), "");
}

}  // namespace croft::services::s3
