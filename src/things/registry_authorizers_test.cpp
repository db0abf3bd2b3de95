#include "things/registry_fixture.h"

namespace croft::things {

namespace {

constexpr const char* function = "arn:aws:lambda:us-east-1:123456789012:function:f";

// RSA, 512 bits: enough to be one.
constexpr const char* rsa_key = R"(-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANTaur2jVJ5LRKYIHlEJV1Nmr41X7LUq
/LNpY4NzUovzQGhQ2URbZMgSGvRCtHNsjbNZvvHcYN6z4C0vb5a0opsCAwEAAQ==
-----END PUBLIC KEY-----
)";

Authorizer unsigned_one(const std::string& name, bool active = true) {
  return {.name = name, .function_arn = function, .active = active, .signing_disabled = true};
}

}  // namespace

class AuthorizersTest : public RegistryTest {};

TEST_F(AuthorizersTest, AreKept) {
  Authorizer wanted{.name = "own",
                    .function_arn = function,
                    .token_key_name = "token",
                    .token_signing_keys = {{"k1", rsa_key}},
                    .active = false,
                    .caching_for_http = true};
  const Authorizer made = registry_->create_authorizer(wanted).value();
  registry_->set_default_authorizer("own").value();

  reopen();

  const Authorizer kept = registry_->authorizer("own").value();
  EXPECT_EQ(kept.function_arn, function);
  EXPECT_EQ(kept.token_key_name, "token");
  EXPECT_EQ(kept.token_signing_keys, wanted.token_signing_keys);
  EXPECT_FALSE(kept.active);
  EXPECT_FALSE(kept.signing_disabled);
  EXPECT_TRUE(kept.caching_for_http);
  EXPECT_EQ(kept.created, made.created);
  EXPECT_EQ(registry_->default_authorizer()->name, "own");
  EXPECT_EQ(registry_->authorizer_arn("own"), "arn:aws:iot:us-east-1:123456789012:authorizer/own");
}

TEST_F(AuthorizersTest, ARemovedOneStaysAway) {
  registry_->create_authorizer(unsigned_one("own")).value();
  EXPECT_EQ(code(registry_->delete_authorizer("own")), "DeleteConflictException");
  registry_->update_authorizer("own", {.active = false}).value();
  registry_->set_default_authorizer("own").value();
  EXPECT_EQ(code(registry_->delete_authorizer("own")), "DeleteConflictException");
  registry_->clear_default_authorizer().value();
  registry_->delete_authorizer("own").value();

  reopen();

  EXPECT_EQ(code(registry_->authorizer("own")), "ResourceNotFoundException");
  EXPECT_EQ(code(registry_->default_authorizer()), "ResourceNotFoundException");
  EXPECT_EQ(code(registry_->clear_default_authorizer()), "ResourceNotFoundException");
}

TEST_F(AuthorizersTest, SignedOnesNeedAKeyAndItsName) {
  Authorizer wanted{.name = "own", .function_arn = function};
  EXPECT_EQ(code(registry_->create_authorizer(wanted)), "InvalidRequestException");
  wanted.token_key_name = "token";
  EXPECT_EQ(code(registry_->create_authorizer(wanted)), "InvalidRequestException");
  wanted.token_signing_keys = {{"k", "no key"}};
  EXPECT_EQ(code(registry_->create_authorizer(wanted)), "InvalidRequestException");
  wanted.token_signing_keys = {{"k", rsa_key}};
  EXPECT_EQ(code(registry_->create_authorizer(wanted)), "");
  EXPECT_EQ(code(registry_->update_authorizer("own", {.token_signing_keys = std::map<std::string, std::string>()})),
            "InvalidRequestException");
  EXPECT_EQ(code(registry_->update_authorizer("own", {.function_arn = "f"})), "InvalidRequestException");
  EXPECT_EQ(registry_->authorizer("own")->token_signing_keys.size(), 1u);
}

TEST_F(AuthorizersTest, ThereAreAHundredAndThirtyTwoOfThemActive) {
  for (int i = 0; i < 32; ++i) registry_->create_authorizer(unsigned_one("a" + std::to_string(i))).value();
  EXPECT_EQ(code(registry_->create_authorizer(unsigned_one("b0"))), "LimitExceededException");
  for (int i = 0; i < 68; ++i) registry_->create_authorizer(unsigned_one("b" + std::to_string(i), false)).value();
  EXPECT_EQ(code(registry_->create_authorizer(unsigned_one("c", false))), "LimitExceededException");
  EXPECT_EQ(code(registry_->update_authorizer("b0", {.active = true})), "LimitExceededException");
  EXPECT_EQ(code(registry_->update_authorizer("a0", {.active = true})), "");
  registry_->update_authorizer("a0", {.active = false}).value();
  EXPECT_EQ(code(registry_->update_authorizer("b0", {.active = true})), "");
}

TEST_F(AuthorizersTest, AreListedInBothOrders) {
  for (const char* name : {"a", "b", "c"}) registry_->create_authorizer(unsigned_one(name, std::string(name) != "b")).value();
  const auto names = [&](std::optional<bool> active, PageRequest request) {
    std::string out;
    for (const Authorizer& one : registry_->authorizers(active, request).items) out += one.name;
    return out;
  };

  EXPECT_EQ(names(std::nullopt, {.limit = 10}), "abc");
  EXPECT_EQ(names(true, {.limit = 10, .ascending = false}), "ca");
  EXPECT_EQ(names(false, {.limit = 10}), "b");
  const auto page = registry_->authorizers(std::nullopt, {.limit = 2, .ascending = false});
  EXPECT_EQ(page.next, "b");
  EXPECT_EQ(names(std::nullopt, {.limit = 2, .after = page.next, .ascending = false}), "a");
}

TEST_F(AuthorizersTest, AnotherDefaultMustBeClearedFirst) {
  for (const char* name : {"a", "b"}) registry_->create_authorizer(unsigned_one(name)).value();
  registry_->set_default_authorizer("a").value();
  EXPECT_EQ(code(registry_->set_default_authorizer("a")), "");
  EXPECT_EQ(code(registry_->set_default_authorizer("b")), "ResourceAlreadyExistsException");
  EXPECT_EQ(code(registry_->set_default_authorizer("c")), "ResourceNotFoundException");
}

}  // namespace croft::things
