#include "gateway/protocols/form.h"

#include <gtest/gtest.h>

#include "gateway/limits.h"

namespace croft::gateway {

namespace {

std::string read(std::string_view form) {
  const auto members = read_form(form);
  return members ? json::dump(json::value(*members)) : members.error().code;
}

}  // namespace

TEST(Form, ValuesAreDecodedStrings) {
  EXPECT_EQ(read("Action=CreateRole&Name=a+b%26c&Empty="), R"({"Action":"CreateRole","Empty":"","Name":"a b&c"})");
  EXPECT_EQ(read(""), "{}");
  EXPECT_EQ(read("&&A&B=1=2"), R"({"A":"","B":"1=2"})");
}

TEST(Form, ListsComeInTheOrderOfTheirNumbers) {
  EXPECT_EQ(read("T.member.10.Key=j&T.member.2.Key=b&T.member.2.Value=v"),
            R"({"T":[{"Key":"b","Value":"v"},{"Key":"j"}]})");
  EXPECT_EQ(read("C.member.1=x&C.member.2=y"), R"({"C":["x","y"]})");
  EXPECT_EQ(read("A.1.Name=n&A.2.Name=m"), R"({"A":[{"Name":"n"},{"Name":"m"}]})");
  EXPECT_EQ(read("M.entry.1.key=k&M.entry.1.value=v"), R"({"M":[{"key":"k","value":"v"}]})");
}

TEST(Form, StructuresNest) {
  EXPECT_EQ(read("A.B.C=1&A.B.D=2"), R"({"A":{"B":{"C":"1","D":"2"}}})");
}

TEST(Form, AnEmptyListBesideMembersIsNoContradiction) {
  EXPECT_EQ(read("A=&A.member.1=x"), R"({"A":["x"]})");
  EXPECT_EQ(read("A.member.1=x&A="), R"({"A":["x"]})");
}

TEST(Form, ContradictionsAndExcessAreRefused) {
  std::string deep = "A", many;
  for (std::size_t i = 0; i <= form_name_depth_max; ++i) deep += ".A";
  for (std::size_t i = 0; i <= form_members_max; ++i) many += "A" + std::to_string(i) + "=&";

  EXPECT_EQ(read("A=1&A.B=2"), "MalformedQueryString");
  EXPECT_EQ(read("A.B=1&A=2"), "MalformedQueryString");
  EXPECT_EQ(read(deep + "=1"), "MalformedQueryString");
  EXPECT_EQ(read(many), "MalformedQueryString");
  EXPECT_EQ(read("A=%FF"), "MalformedQueryString");
}

}  // namespace croft::gateway
