#include "identity/token_signature.h"

#include <gtest/gtest.h>

#include <string>

#include "text/encoding.h"

namespace croft::identity {

namespace {

// Made with openssl: genrsa, rsa -pubout, dgst -sha256 -sign.
const std::string rsa_key = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApLO62P9dnRgVJH6Xe38J
EXvi6vqJz646XP5OmkoNKs9toa4GSQjpQR6INunY7bJhOxaf1KEUVWDA9SG01HMv
XBmwpwEoMtEQaSnvir3Dt4Ukvs9rtNw4Npxv8w6dmxi6UesffLfHhnaGJgQxqlNS
QB7nXDIk2sEqlJTXdon2Y/61YC8w7ytD9+BgcoOH3PbKGK7CUykAiHV3J2Yq5UL9
mcTVh31I+vHRbH6TI3MV3pZMXsA8sM/iB7RGOUv/3z1vphPQ6LiyQfqbT1369cSu
LUL3xv3i+EEmTFoY23zphCIm3CkDC/eCph17H4drwzW7j5qqjEaVOvcSI5CDIBjD
gQIDAQAB
-----END PUBLIC KEY-----
)";
const std::string signature =
    "GsOG3dY0rQJLTDAlnGYNPpurjS62ajIOxfKCt26jKqs/sJRFYhuP51za4c+x8+T1RgBHkP8/z3Mkaui3oSCI7zYyTd90w94vmzYf"
    "RTEEghdOH1rnpcgmOAQliwhhz/agpVC6klEJ2jkJ2XJXcz1Kw2mtP0AhKGQ04gbku6qyicNvje9dfh+6+6fBxlpRCczG88vhJoxC"
    "3SqQucL1SuywfmDfEwFA9hpyEnFzqkCv+mZWsVM2W63ZIRVbAtnzn0sG1GRV95LXl8GjdOznmUCYfx3Kpw1BMgcVnMe4ZWi6gLEF"
    "MB6ZHXS1UU4gRawsUEQeCVoGv3KNTligPwmF6sHU+w==";
const std::string sha1_signature =
    "bnvw1zxb99XU5RWQ8ozWiBONEb9dqwtlCYVfU+twXu2PhGhjiITgPiHRO+z4wfAUB4LGNYUiSNren6IUbFgBiqNSipmwITqxM7G1"
    "T39KJdnpVaJq/rSNLhqvSZg475DZa7BvIQKkg8KlrKS2YPouhcBANpOuKTnQGSuY4i+UAlwhHmmXdqRwGF5QaWNJs+I/u3K/pndM"
    "Rk66AgWzmnOtzVe1PK5RBDBnO9o8Vm/xVE0oMYleXHhWKJoNt7bRSWtLw9hRBnNO63W/UEeqjBUdOuigMV4bqtNZPz/KiSHXl5R9"
    "DEEdg0psVUbPQVT3GV5WHqoLr1qXVlVowUYZk7fwfw==";
const std::string elliptic_key = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQHdvLzLTlMhEtHQsyiKQYwIcwkKc
f9GA4hfeFtaJucDSwvwcXkY3fkwEwUeieAAdN9d0VPE97RcwD378MnMOaw==
-----END PUBLIC KEY-----
)";

}  // namespace

TEST(TokenSignature, OfTheKeysOwnerIsAccepted) {
  EXPECT_TRUE(verifies_token(rsa_key, "a token", signature));
}

TEST(TokenSignature, OfAnotherTextOrDigestIsRefused) {
  EXPECT_FALSE(verifies_token(rsa_key, "a token ", signature));
  EXPECT_FALSE(verifies_token(rsa_key, "", signature));
  EXPECT_FALSE(verifies_token(rsa_key, "a token", sha1_signature));
}

TEST(TokenSignature, ThatIsBrokenIsRefused) {
  std::string changed = *text::from_base64(signature);
  changed[7] = static_cast<char>(changed[7] ^ 1);
  for (const std::string& bad : {std::string(), std::string("="), std::string("not base64!"), text::base64("short"),
                                 text::base64(changed), signature + signature, signature.substr(0, 8)})
    EXPECT_FALSE(verifies_token(rsa_key, "a token", bad)) << bad;
}

TEST(TokenSignature, NeedsAnRsaPublicKey) {
  EXPECT_TRUE(is_token_signing_key(rsa_key));
  for (const std::string& bad : {std::string(), std::string("key"), elliptic_key, rsa_key.substr(0, 200)}) {
    EXPECT_FALSE(is_token_signing_key(bad)) << bad;
    EXPECT_FALSE(verifies_token(bad, "a token", signature)) << bad;
  }
}

}  // namespace croft::identity
