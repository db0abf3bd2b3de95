#include "cfn/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/limits.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::HasSubstr;
using Given = std::map<std::string, std::string, std::less<>>;

// What binding `given` to the declarations in `yaml` yields, as JSON, or the refusal.
std::string bound(std::string_view yaml, const Given& given) {
  auto declared = read_parameters(document(yaml));
  if (!declared) return declared.error().message;
  auto values = bind_parameters(*declared, given);
  if (!values) return values.error().message;
  json::object o;
  for (const auto& [name, v] : *values) o.emplace(name, v);
  return json::dump(json::value(o));
}

TEST(Parameters, TakeTheGivenValueOrTheDefault) {
  EXPECT_EQ(bound("A: {Type: String, Default: x}\nB: {Type: String, Default: y}\n", {{"A", "1"}}),
            R"({"A":"1","B":"y"})");
}

TEST(Parameters, KeepTheSpellingOfNumbers) {
  EXPECT_EQ(bound("A: {Type: Number}\nB: {Type: Number, Default: 5}\n", {{"A", "1.50"}}), R"({"A":"1.50","B":"5"})");
}

TEST(Parameters, SplitListsAtCommasAndTrim) {
  EXPECT_EQ(
      bound("A: {Type: CommaDelimitedList}\nB: {Type: List<Number>}\nC: {Type: CommaDelimitedList, Default: ''}\n",
            {{"A", "a, b,c"}, {"B", "1,2"}}),
      R"({"A":["a","b","c"],"B":["1","2"],"C":[]})");
}

TEST(Parameters, NamesThoseWithoutAValue) {
  EXPECT_EQ(bound("A: {Type: String}\nB: {Type: String}\nC: {Type: String, Default: ''}\n", {}),
            "Parameters: [A, B] must have values");
}

TEST(Parameters, NamesThoseThatAreNotDeclared) {
  EXPECT_EQ(bound("A: {Type: String, Default: x}\n", {{"C", "1"}, {"D", "2"}}),
            "Parameters: [C, D] do not exist in the template");
}

TEST(Parameters, HoldConstraints) {
  EXPECT_EQ(bound("A: {Type: String, AllowedValues: [x, y]}\n", {{"A", "z"}}),
            "Parameter 'A' must be one of AllowedValues");
  EXPECT_EQ(bound("A: {Type: String, AllowedPattern: '[a-z]+'}\n", {{"A", "ab1"}}),
            "Parameter 'A' must match pattern [a-z]+");
  EXPECT_EQ(bound("A: {Type: String, MinLength: 2}\n", {{"A", "a"}}),
            "Parameter 'A' must contain at least 2 characters");
  EXPECT_EQ(bound("A: {Type: String, MaxLength: 2}\n", {{"A", "abc"}}),
            "Parameter 'A' must contain at most 2 characters");
  EXPECT_EQ(bound("A: {Type: Number}\n", {{"A", "x"}}), "Parameter 'A' must be a number.");
  EXPECT_EQ(bound("A: {Type: Number, MinValue: 5}\n", {{"A", "4"}}),
            "Parameter 'A' must be a number not less than 5");
  EXPECT_EQ(bound("A: {Type: List<Number>, MaxValue: 5}\n", {{"A", "1,6"}}),
            "Parameter 'A' must be a number not greater than 5");
  EXPECT_EQ(bound("A: {Type: String, MinLength: 2, ConstraintDescription: be longer}\n", {{"A", "a"}}),
            "Parameter A failed to satisfy constraint: be longer");
}

TEST(Parameters, BoundTheLengthOfAValue) {
  const std::string longest(parameter_value_bytes_max, 'x');

  EXPECT_THAT(bound("A: {Type: String}\n", {{"A", longest}}), HasSubstr("xxx"));
  EXPECT_THAT(bound("A: {Type: String}\n", {{"A", longest + "x"}}), HasSubstr("at most 4096 characters"));
}

TEST(Parameters, RefusesUnknownTypesAndMembers) {
  EXPECT_EQ(bound("A: {Type: Sting}\n", {}), "Template format error: Unrecognized parameter type: Sting");
  EXPECT_THAT(bound("A: {Type: 'AWS::SSM::Parameter::Value<String>'}\n", {}),
              HasSubstr("Unrecognized parameter type"));
  EXPECT_EQ(bound("A: {Type: String, Foo: 1}\n", {}), "Invalid template parameter property 'Foo'");
  EXPECT_THAT(bound("A: {Default: x}\n", {}), HasSubstr("must contain a Type member."));
  EXPECT_THAT(bound("A-b: {Type: String}\n", {}), HasSubstr("Parameter name A-b is non alphanumeric."));
  EXPECT_THAT(bound("A: {Type: String, AllowedPattern: '('}\n", {{"A", "x"}}), HasSubstr("is not supported"));
}

TEST(Parameters, RememberNoEcho) {
  auto declared = read_parameters(document("A: {Type: String, NoEcho: true}\nB: {Type: String, NoEcho: 'false'}\n"));

  ASSERT_TRUE(declared);
  EXPECT_TRUE((*declared)[0].no_echo);
  EXPECT_FALSE((*declared)[1].no_echo);
}

}  // namespace
}  // namespace croft::cfn
