#include "console/page_principal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

using testing::MatchesRegex;

struct PagePrincipalTest : testing::Test {
  std::unique_ptr<Store> store = Store::open("", Store::Durability::memory).value();
  Instance instance;
  identity::AccessKeys keys{*store, instance};
};

TEST_F(PagePrincipalTest, TheKeysOfAPersonNameThemTheirRoleAndTheirSession) {
  const Asker ben{.role = Role::read_only, .name = "ben", .session = "0123456789abcdef"};

  const identity::Credentials made = page_credentials(keys, instance, ben, Timestamp::now());

  const std::string principal = keys.find(made.access_key_id)->principal.user_id;
  EXPECT_THAT(principal, MatchesRegex("AROA[A-Z2-7]+:ben@0123456789abcdef"));
  const auto page = page_principal(instance, principal);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->role, Role::read_only);
  EXPECT_EQ(page->session, "0123456789abcdef");
  EXPECT_FALSE(made.session_token.empty());
}

TEST_F(PagePrincipalTest, OnLoopbackThePageIsTheAccount) {
  const identity::Credentials made = page_credentials(keys, instance, {.role = Role::admin, .name = "loopback"}, Timestamp::now());

  EXPECT_EQ(made.access_key_id, keys.root().access_key_id);
  EXPECT_FALSE(page_principal(instance, keys.find(made.access_key_id)->principal.user_id));
}

TEST_F(PagePrincipalTest, OthersAreNotThePage) {
  for (const char* principal : {"", "anonymous", "AROAAAAAAAAAAAAAAAAA:f", "AROAAAAAAAAAAAAAAAAA:ben@0123", "@", ":@", "a@b:c"})
    EXPECT_FALSE(page_principal(instance, principal)) << principal;
}

}  // namespace
}  // namespace croft::console
