#include "console/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/limits.h"

namespace croft::console {
namespace {

using testing::ElementsAre;
using testing::Field;

std::unique_ptr<Store> memory() { return Store::open("", Store::Durability::memory).value(); }
User anna() { return {.name = "anna", .role = Role::admin, .password_hash = "hash", .created = {1'000}, .changed = {1'000}}; }

TEST(Users, AreReadAgainFromTheStore) {
  const auto store = memory();
  {
    Users users(*store);
    EXPECT_TRUE(users.empty());
    users.add(anna()).value();
    users.add({.name = "ben", .role = Role::read_only, .password_hash = "other"}).value();
    users.add({.name = "carl", .role = Role::admin}).value();
    users.set_role("ben", Role::admin).value();
    users.set_password_hash("anna", "new", {2'000}).value();
    users.remove("carl").value();
  }

  const Users again(*store);

  EXPECT_THAT(again.all(), ElementsAre(Field(&User::name, "anna"), Field(&User::name, "ben")));
  const User read = again.find("anna").value();
  EXPECT_EQ(read.password_hash, "new");
  EXPECT_EQ(read.created.ms, 1'000);
  EXPECT_EQ(read.changed.ms, 2'000);
  EXPECT_EQ(again.find("ben")->role, Role::admin);
}

TEST(Users, RefuseWhatIsThereAndWhatIsNot) {
  const auto store = memory();
  Users users(*store);
  users.add(anna()).value();

  EXPECT_EQ(users.add(anna()).error().code, "UserExists");
  EXPECT_EQ(users.remove("ben").error().code, "NoSuchUser");
  EXPECT_EQ(users.set_role("ben", Role::admin).error().code, "NoSuchUser");
  EXPECT_EQ(users.set_password_hash("ben", "x", {}).error().code, "NoSuchUser");
}

TEST(Users, AreAThousandAtMost) {
  const auto store = memory();
  Users users(*store);
  for (std::size_t n = 0; n < limits::users_max; ++n) users.add({.name = "u" + std::to_string(n), .role = Role::admin}).value();

  EXPECT_EQ(users.add(anna()).error().code, "LimitExceeded");
}

TEST(Users, NamesAreStrict) {
  for (const char* name : {"a", "anna", "a.b_c-d", "0", "abcdefghijklmnopqrstuvwxyz012345"})
    EXPECT_TRUE(check_user_name(name)) << name;
  for (const char* name :
       {"", "Anna", "-a", ".a", "_a", "a b", "a/b", "a@b", "loopback", "jürgen", "abcdefghijklmnopqrstuvwxyz0123456"})
    EXPECT_EQ(check_user_name(name).error().code, "InvalidName") << name;
}

TEST(Users, PasswordsAreLongAndPlainText) {
  EXPECT_TRUE(check_password("anna", "twelve chars"));
  EXPECT_TRUE(check_password("anna", "長いパスワード"));
  EXPECT_FALSE(check_password("anna", "eleven char"));
  EXPECT_FALSE(check_password("abcdefghijklmn", "abcdefghijklmn"));
  EXPECT_FALSE(check_password("anna", "twelve\nchars"));
  EXPECT_FALSE(check_password("anna", "twelve chars\xff"));
  EXPECT_FALSE(check_password("anna", std::string(1'025, 'x')));
}

}  // namespace
}  // namespace croft::console
