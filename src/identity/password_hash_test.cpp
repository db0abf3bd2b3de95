#include "identity/password_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/encoding.h"

namespace croft::identity {
namespace {

using testing::MatchesRegex;

constexpr ScryptCost cheap{.log_n = 4, .r = 1, .p = 1};

// Source: RFC 7914, section 12; its fourth takes a gigabyte.
TEST(PasswordHash, IsScryptAsTheStandardHasIt) {
  EXPECT_EQ(text::hex(scrypt("", "", {4, 1, 1}, 64)),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf"
            "35e20c38d18906");
  EXPECT_EQ(text::hex(scrypt("password", "NaCl", {10, 8, 16}, 64)),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d83"
            "60cbdfa2cc0640");
  EXPECT_EQ(text::hex(scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64)),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40df"
            "cf017b45575887");
}

TEST(PasswordHash, OnlyThePasswordItselfFits) {
  const std::string stored = hash_password("correct horse battery", cheap);

  EXPECT_TRUE(is_password("correct horse battery", stored));
  EXPECT_FALSE(is_password("correct horse battery ", stored));
  EXPECT_FALSE(is_password("Correct horse battery", stored));
  EXPECT_FALSE(is_password("", stored));
  EXPECT_NE(hash_password("correct horse battery", cheap), stored) << "each has its own salt";
}

TEST(PasswordHash, NewOnesKeepTheirCostBesideThem) {
  EXPECT_THAT(hash_password("twelve letters"), MatchesRegex("scrypt\\$16\\$8\\$2\\$[A-Za-z0-9+/]{22}==\\$[A-Za-z0-9+/]{43}="));
}

TEST(PasswordHash, NobodysTakesAsLongToTry) {
  EXPECT_THAT(hash_of_nobody(), MatchesRegex("scrypt\\$16\\$8\\$2\\$[A-Za-z0-9+/]{22}==\\$[A-Za-z0-9+/]{43}="));
  EXPECT_FALSE(is_password("", hash_of_nobody()));
}

TEST(PasswordHash, DamagedOnesFitNothing) {
  const std::string stored = hash_password("pass", cheap);
  for (const std::string& damaged : {std::string(), std::string("pass"), stored.substr(0, stored.size() - 1), stored + "$",
                                     "x" + stored, std::string("scrypt$63$8$1$AAAA$AAAAAAAAAAAAAAAAAAAAAA=="),
                                     std::string("scrypt$4$1$1$$"), std::string("scrypt$-4$1$1$AAAA$AAAAAAAAAAAAAAAAAAAAAA==")})
    EXPECT_FALSE(is_password("pass", damaged)) << damaged;
}

}  // namespace
}  // namespace croft::identity
