#include "cfn/intrinsics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/errors.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::HasSubstr;

Scope scope() {
  Scope s;
  s.stack = {.instance = {.region = "eu-west-1", .account_id = "123456789012", .partition = "aws"},
             .stack_name = "app",
             .stack_id = "arn:stack",
             .notification_arns = {"arn:topic"}};
  s.parameters = {{"P", "value"}, {"N", "5"}, {"L", json::array{"a", "b"}}};
  s.mappings = document("M: {k: {a: x, l: [1, 2]}}\n");
  s.conditions = {{"Is", true}, {"Isnt", false}};
  s.ref = [](std::string_view id) -> Result<MaybeValue> {
    if (id == "Made") return MaybeValue(json::value("made-1"));
    return MaybeValue();
  };
  s.get_att = [](std::string_view id, std::string_view attribute) -> Result<MaybeValue> {
    if (id != "Made") return MaybeValue();
    if (attribute == "Nope") return validation_error("no such attribute");
    return MaybeValue(json::value("arn:" + std::string(attribute)));
  };
  s.import_value = [](std::string_view name) -> Result<json::value> {
    if (name == "e") return json::value("imported");
    return validation_error("No export named " + std::string(name) + " found.");
  };
  return s;
}

std::string resolved(std::string_view yaml) {
  auto v = resolve(yaml_value(yaml), scope());
  return v ? json::dump(*v) : v.error().message;
}

TEST(Intrinsics, RefYieldsParametersPseudoParametersAndResources) {
  EXPECT_EQ(resolved("[!Ref P, !Ref N, !Ref L, !Ref Made]"), R"(["value","5",["a","b"],"made-1"])");
  EXPECT_EQ(resolved("[!Ref AWS::Region, !Ref AWS::AccountId, !Ref AWS::Partition, !Ref AWS::StackName]"),
            R"(["eu-west-1","123456789012","aws","app"])");
  EXPECT_EQ(resolved("[!Ref AWS::StackId, !Ref AWS::URLSuffix, !Ref AWS::NotificationARNs]"),
            R"(["arn:stack","amazonaws.com",["arn:topic"]])");
}

TEST(Intrinsics, NoValueLeavesMembersAndElementsOut) {
  EXPECT_EQ(resolved("{a: !Ref AWS::NoValue, b: [1, !If [Is, !Ref AWS::NoValue, 2]]}"), R"({"b":[1]})");
  EXPECT_EQ(resolved("!Ref AWS::NoValue"), "null");
}

TEST(Intrinsics, GetAttTakesAllItsForms) {
  EXPECT_EQ(resolved("!GetAtt Made.Arn"), R"("arn:Arn")");
  EXPECT_EQ(resolved("{Fn::GetAtt: Made.Outputs.X}"), R"("arn:Outputs.X")");
  EXPECT_EQ(resolved("!GetAtt [Made, !Ref P]"), R"("arn:value")");
  EXPECT_EQ(resolved("!GetAtt Made.Nope"), "no such attribute");
  EXPECT_THAT(resolved("!GetAtt Made"), HasSubstr("every Fn::GetAtt object requires two non-empty parameters"));
}

TEST(Intrinsics, SubReplacesNamesAttributesAndVariables) {
  EXPECT_EQ(resolved("!Sub '${P}-${AWS::Region}-${Made}-${Made.Arn}-${N}'"), R"("value-eu-west-1-made-1-arn:Arn-5")");
  EXPECT_EQ(resolved("!Sub ['${x}/${P}', {x: !Join ['', [1, true]]}]"), R"("1true/value")");
  EXPECT_EQ(resolved("!Sub 'SELECT ${!topic(2)} $${P} ${unclosed'"), R"("SELECT ${topic(2)} $value ${unclosed")");
}

TEST(Intrinsics, SubRefusesOtherShapes) {
  EXPECT_THAT(resolved("!Sub '${a b}'"), HasSubstr("must contain only alphanumeric characters"));
  EXPECT_THAT(resolved("!Sub '${}'"), HasSubstr("must contain only alphanumeric characters"));
  EXPECT_THAT(resolved("!Sub [a]"), HasSubstr("don't specify expected arguments"));
  EXPECT_THAT(resolved("!Sub '${L}'"), HasSubstr("don't specify expected arguments"));
}

TEST(Intrinsics, JoinSelectAndSplit) {
  EXPECT_EQ(resolved("!Join ['-', [a, 1, !Ref P]]"), R"("a-1-value")");
  EXPECT_EQ(resolved("!Join [',', !Ref L]"), R"("a,b")");
  EXPECT_EQ(resolved("!Select [1, !Split ['/', 'a/b/c']]"), R"("b")");
  EXPECT_EQ(resolved("!Select ['0', !GetAZs '']"), R"("eu-west-1a")");
  EXPECT_THAT(resolved("!Select [9, !Ref L]"), HasSubstr("Fn::Select cannot select nonexistent value at index 9"));
  EXPECT_THAT(resolved("!Select [-1, !Ref L]"), HasSubstr("every Fn::Select object requires two parameters"));
  EXPECT_THAT(resolved("!Join ['-', a]"), HasSubstr("every Fn::Join object requires two parameters"));
  EXPECT_THAT(resolved("!Join ['-', [[a]]]"), HasSubstr("every Fn::Join object requires two parameters"));
  EXPECT_THAT(resolved("!Split ['', a]"), HasSubstr("every Fn::Split object requires two parameters"));
}

TEST(Intrinsics, IfEvaluatesOnlyTheBranchTaken) {
  EXPECT_EQ(resolved("!If [Is, a, !Select [9, []]]"), R"("a")");
  EXPECT_EQ(resolved("!If [Isnt, a, {b: !Ref P}]"), R"({"b":"value"})");
  EXPECT_THAT(resolved("!If [Nope, a, b]"), HasSubstr("undefined condition Nope"));
  EXPECT_THAT(resolved("!If [Is, a]"), HasSubstr("three parameters"));
}

TEST(Intrinsics, FindInMapBase64AndImportValue) {
  EXPECT_EQ(resolved("!FindInMap [M, k, a]"), R"("x")");
  EXPECT_EQ(resolved("!FindInMap [M, k, l]"), "[1,2]");
  EXPECT_EQ(resolved("!FindInMap [M, k, z]"), "Template error: Unable to get mapping for M::k::z");
  EXPECT_EQ(resolved("!FindInMap [Q, k, z]"), "Template error: Unable to get mapping for Q::k::z");
  EXPECT_EQ(resolved("!Base64 {Fn::Sub: 'a${P}'}"), R"("YXZhbHVl")");
  EXPECT_EQ(resolved("!ImportValue e"), R"("imported")");
  EXPECT_EQ(resolved("!ImportValue q"), "No export named q found.");
}

TEST(Intrinsics, RefusesFunctionsThatDoNotExistHere) {
  EXPECT_EQ(resolved("!Cidr [a, 1, 2]"), "Template error: Encountered unsupported function: Fn::Cidr");
  EXPECT_EQ(resolved("{Fn::Foo: 1}"), "Template error: Encountered unsupported function: Fn::Foo");
  EXPECT_THAT(resolved("!Equals [a, b]"), HasSubstr("only be used in the Conditions block"));
}

TEST(Intrinsics, LeaveAPolicysConditionAlone) {
  EXPECT_EQ(resolved("{Condition: C}"), R"({"Condition":"C"})");
  EXPECT_EQ(resolved("{Effect: Allow, Condition: {StringEquals: {a: b}}}"),
            R"({"Effect":"Allow","Condition":{"StringEquals":{"a":"b"}}})");
}

TEST(Intrinsics, KeepWhatHangsOnAnAbsentResource) {
  EXPECT_EQ(resolved("[!Ref Later, !GetAtt Later.Arn, x]"),
            R"([{"Ref":"Later"},{"Fn::GetAtt":["Later","Arn"]},"x"])");
  EXPECT_EQ(resolved("!Sub '${P}/${Later}/${Later.Arn}'"),
            R"({"Fn::Join":["",["value","/",{"Ref":"Later"},"/",{"Fn::GetAtt":["Later","Arn"]}]]})");
  EXPECT_EQ(resolved("!Join ['-', [!Ref P, !Ref Later]]"), R"({"Fn::Join":["-",["value",{"Ref":"Later"}]]})");
  EXPECT_EQ(resolved("!Select [0, !Split [',', !Ref Later]]"),
            R"({"Fn::Select":[0,{"Fn::Split":[",",{"Ref":"Later"}]}]})");
  EXPECT_EQ(resolved("!Select [1, [!Ref Later, !Ref P]]"), R"("value")");
  EXPECT_EQ(resolved("!Base64 {Ref: Later}"), R"({"Fn::Base64":{"Ref":"Later"}})");
  EXPECT_TRUE(has_intrinsics(yaml_value("{a: [!Ref X]}")));
  EXPECT_FALSE(has_intrinsics(yaml_value("{a: [{Ref: X, b: 1}]}")));
}

TEST(Intrinsics, BoundWhatFunctionsMultiply) {
  std::string text = "!Sub ['${a}${a}${a}${a}${a}${a}${a}${a}', {a: " + std::string(64, 'x') + "}]";
  for (int i = 0; i < 9; ++i) text = "!Sub ['${a}${a}${a}${a}${a}${a}${a}${a}', {a: " + text + "}]";

  EXPECT_EQ(resolved(text), "Template error: the values of the functions are too large");
}

std::string conditions(std::string_view yaml) {
  auto evaluated = evaluate_conditions(document(yaml), scope());
  if (!evaluated) return evaluated.error().message;
  std::string out;
  for (const auto& [name, truth] : *evaluated) out += name + (truth ? "+" : "-");
  return out;
}

TEST(Conditions, AreEvaluatedInOrderOfNeed) {
  EXPECT_EQ(conditions("A: !Not [!Condition B]\nB: !Equals [!Ref P, value]\n"), "A-B+");
  EXPECT_EQ(conditions("A: !And [!Condition B, !Equals [1, '1']]\nB: !Or [!Equals [a, b], !Equals [c, c]]\n"),
            "A+B+");
  EXPECT_EQ(conditions("A: !Equals [!Join [',', !Ref L], 'a,b']\nB: {Condition: A}\n"), "A+B+");
  EXPECT_EQ(conditions("A: !Equals [!FindInMap [M, k, a], x]\n"), "A+");
}

TEST(Conditions, RefuseWhatIsNotACondition) {
  EXPECT_THAT(conditions("A: true\n"), HasSubstr("Conditions can only be boolean operations"));
  EXPECT_THAT(conditions("A: !Ref P\n"), HasSubstr("Conditions can only be boolean operations"));
  EXPECT_THAT(conditions("A: !Equals [a]\n"), HasSubstr("every Fn::Equals object requires a list of 2"));
  EXPECT_THAT(conditions("A: !Not [{Condition: Q}]\n"), HasSubstr("Unresolved condition dependency Q"));
  EXPECT_THAT(conditions("A: !And [{Condition: Q}]\n"), HasSubstr("at least 2 and at most 10"));
  EXPECT_THAT(conditions("A: !Not [{Condition: B}]\nB: {Condition: A}\n"),
              HasSubstr("circular condition dependency"));
}

TEST(Conditions, MayFormALongChain) {
  std::string text = "C0: !Equals [a, a]\n";
  for (int i = 1; i < 5000; ++i) text += "C" + std::to_string(i) + ": {Condition: C" + std::to_string(i - 1) + "}\n";

  auto evaluated = evaluate_conditions(document(text), scope());

  ASSERT_TRUE(evaluated);
  EXPECT_TRUE(evaluated->at("C4999"));
}

}  // namespace
}  // namespace croft::cfn
