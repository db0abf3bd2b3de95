#include "text/digest.h"

#include <gtest/gtest.h>

#include <set>

#include "text/encoding.h"

namespace croft::text {

TEST(Digest, IsThatOfTheStandards) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
}

// RFC 4231: a short key, one as long as a block and longer, and a long text.
TEST(HmacSha256, IsThatOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, 0x0b), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string long_key(131, static_cast<char>(0xaa));
  EXPECT_EQ(hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, AKeySignsManyTexts) {
  const HmacSha256Key key("Jefe");
  const std::string first = key.of("what do ya want for nothing?");
  EXPECT_EQ(hex(first), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(key.of("something else"), first);
  EXPECT_EQ(key.of("what do ya want for nothing?"), first);
}

TEST(RandomBytes, AreNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random_uuid();
    EXPECT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_TRUE(seen.insert(uuid).second);
    EXPECT_TRUE(seen.insert(random_bytes(16)).second);
    EXPECT_TRUE(seen.insert(random_bytes(64)).second);
    EXPECT_TRUE(seen.insert(random_bytes(65)).second);
  }
  EXPECT_EQ(random_bytes(100'000).size(), 100'000u);
}

}  // namespace croft::text
