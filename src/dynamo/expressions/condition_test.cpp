#include "dynamo/expressions/condition.h"

#include <gmock/gmock.h>

#include "dynamo/testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT

namespace {

constexpr const char* values =
    "{':a':{'S':'a'},':b':{'S':'b'},':five':{'N':'5'},':nine':{'N':'9'},':t':{'BOOL':true},':nul':{'NULL':true},"
    "':bin':{'B':'AAE='},':list':{'L':[]},':ss':{'SS':['a']},':type':{'S':'SS'},':bad':{'S':'X'}}";

const Item item = item_of(
    "{'s':{'S':'abc'},'n':{'N':'5.0'},'t':{'BOOL':true},'nul':{'NULL':true},'bin':{'B':'AAEC'},"
    "'ss':{'SS':['a','z']},'ns':{'NS':['5','7']},'l':{'L':[{'S':'a'},{'N':'5'},{'M':{'deep':{'S':'b'}}}]},"
    "'m':{'M':{'ninth':{'N':'9'},'x.y':{'S':'a'}}},'bs':{'BS':['AAE=']},'same':{'N':'5'}}");

Placeholders known() { return placeholders("{'#s':'s','#xy':'x.y','#size':'size'}", values); }

bool holds(std::string_view text) {
  Placeholders p = known();
  return Condition::parse("ConditionExpression", text, p).value().matches(item);
}

std::string refusal(std::string_view text) {
  Placeholders p = known();
  const auto condition = Condition::parse("ConditionExpression", text, p);
  if (condition) return "accepted";
  const std::string prefix = "Invalid ConditionExpression: ";
  EXPECT_EQ(condition.error().message.substr(0, prefix.size()), prefix);
  return condition.error().message.substr(prefix.size());
}

}  // namespace

TEST(Condition, ComparesValuesOfOneType) {
  EXPECT_TRUE(holds("n = :five"));
  EXPECT_TRUE(holds("n <= :five AND n >= :five AND n < :nine AND :nine > n"));
  EXPECT_FALSE(holds("n <> :five"));
  EXPECT_TRUE(holds("s > :a"));
  EXPECT_FALSE(holds("s > :b"));
  EXPECT_TRUE(holds("bin > :bin"));
  EXPECT_TRUE(holds("t = :t AND nul = :nul"));
  EXPECT_TRUE(holds("n = same"));
}

TEST(Condition, OtherTypesAndMissingAttributesAreOnlyUnequal) {
  EXPECT_FALSE(holds("s = :five"));
  EXPECT_TRUE(holds("s <> :five"));
  EXPECT_FALSE(holds("s < :five"));
  EXPECT_FALSE(holds("absent = :a"));
  EXPECT_TRUE(holds("absent <> :a"));
  EXPECT_FALSE(holds("absent < :a"));
  EXPECT_FALSE(holds("absent BETWEEN :a AND :b"));
}

TEST(Condition, NotBindsTighterThanAndThanOr) {
  EXPECT_TRUE(holds("n = :five OR n = :nine AND n = :nine"));
  EXPECT_FALSE(holds("(n = :five OR n = :nine) AND n = :nine"));
  EXPECT_FALSE(holds("NOT n = :five AND n = :five"));
  EXPECT_TRUE(holds("NOT (n = :five AND n = :nine)"));
  EXPECT_TRUE(holds("not not n = :five"));
}

TEST(Condition, BetweenIncludesItsBounds) {
  EXPECT_TRUE(holds("n BETWEEN :five AND :nine"));
  EXPECT_TRUE(holds("m.ninth between :five and :nine"));
  EXPECT_FALSE(holds("s BETWEEN :b AND :b"));
  EXPECT_TRUE(holds("n BETWEEN :five AND :nine AND #s > :a OR t = :t"));
}

TEST(Condition, InLooksForAnEqualOperand) {
  EXPECT_TRUE(holds("n IN (:a, :five)"));
  EXPECT_TRUE(holds("n IN (same)"));
  EXPECT_FALSE(holds("n IN (:a, :b, absent)"));
}

TEST(Condition, FunctionsOfExistenceAndType) {
  EXPECT_TRUE(holds("attribute_exists(m.#xy) AND attribute_exists(l[2].deep)"));
  EXPECT_FALSE(holds("attribute_exists(l[3]) OR attribute_exists(m.nix) OR attribute_exists(s.x)"));
  EXPECT_TRUE(holds("attribute_not_exists(absent)"));
  EXPECT_TRUE(holds("attribute_type(ss, :type)"));
  EXPECT_FALSE(holds("attribute_type(s, :type) OR attribute_type(absent, :type)"));
}

TEST(Condition, BeginsWithAndContains) {
  EXPECT_TRUE(holds("begins_with(s, :a) AND begins_with(bin, :bin)"));
  EXPECT_FALSE(holds("begins_with(s, :b) OR begins_with(absent, :a)"));
  EXPECT_TRUE(holds(
      "contains(s, :b) AND contains(ss, :a) AND contains(ns, :five) AND contains(l, :a) AND contains(l, :five)"));
  EXPECT_TRUE(holds("contains(bs, :bin) AND contains(bin, :bin)"));
  EXPECT_FALSE(holds("contains(ns, :nine) OR contains(n, :five) OR contains(l, :b) OR contains(ss, :five)"));
}

TEST(Condition, SizeCountsWhatAValueHolds) {
  EXPECT_TRUE(holds("size(s) < :five"));
  EXPECT_FALSE(holds("size(l) = :five OR size(n) = :five OR size(absent) = :five"));
  EXPECT_TRUE(holds("size(ss) < size(l)"));
}

TEST(Condition, ParenthesesMayHoldOperands) {
  EXPECT_TRUE(holds("(n) = (:five)"));
  EXPECT_TRUE(holds("((n) = :five) AND (s > :a)"));
  EXPECT_TRUE(holds("(n) BETWEEN (:five) AND (:nine)"));
}

TEST(ConditionText, SyntaxErrorsNameTheTokenAndItsNeighbours) {
  EXPECT_EQ(refusal("a b c"), "Syntax error; token: \"b\", near: \"a b c\"");
  EXPECT_EQ(refusal("a = "), "Syntax error; token: \"<EOF>\", near: \"=\"");
  EXPECT_EQ(refusal("a = :a)"), "Syntax error; token: \")\", near: \":a)\"");
  EXPECT_EQ(refusal("= :a"), "Syntax error; token: \"=\", near: \"= :a\"");
  EXPECT_EQ(refusal("a == :a"), "Syntax error; token: \"=\", near: \"== :a\"");
  EXPECT_EQ(refusal("a = % b"), "Syntax error; token: \"%\", near: \"= % b\"");
  EXPECT_EQ(refusal("a"), "Syntax error; token: \"<EOF>\", near: \"a\"");
  EXPECT_EQ(refusal("(a = :a"), "Syntax error; token: \"<EOF>\", near: \":a\"");
  EXPECT_EQ(refusal("a = 5"), "Syntax error; token: \"5\", near: \"= 5\"");
  EXPECT_EQ(refusal("a IN ()"), "Syntax error; token: \")\", near: \"()\"");
  EXPECT_EQ(refusal("a = :a AND"), "Syntax error; token: \"<EOF>\", near: \"AND\"");
  EXPECT_EQ(refusal("a[x] = :a"), "Syntax error; token: \"x\", near: \"[x]\"");
  EXPECT_EQ(refusal("(s = :a) = :b"), "Syntax error; token: \"=\", near: \") = :b\"");
}

TEST(ConditionText, EmptyAndLongTextsAreRefused) {
  EXPECT_EQ(refusal(""), "The expression can not be empty;");
  EXPECT_EQ(refusal("  "), "The expression can not be empty;");
  EXPECT_EQ(refusal(std::string(4097, 'a')),
            "Expression size has exceeded the maximum allowed size; expression size: 4097");
  Placeholders p = known();
  EXPECT_EQ(Condition::parse("KeyConditionExpression", std::string(4097, 'a'), p).error().message,
            "Invalid KeyConditionExpression: Expression size has exceeded the maximum allowed size;");
}

TEST(ConditionText, MeaningIsCheckedAfterSyntax) {
  EXPECT_EQ(refusal("status = :undefined"), "Attribute name is a reserved keyword; reserved keyword: status");
  EXPECT_EQ(refusal("m.Size = :a"), "Attribute name is a reserved keyword; reserved keyword: Size");
  EXPECT_EQ(refusal("#none = :a"),
            "An expression attribute name used in the document path is not defined; attribute name: #none");
  EXPECT_EQ(refusal("s = :none"),
            "An expression attribute value used in expression is not defined; attribute value: :none");
  EXPECT_EQ(refusal("status = :a AND"), "Syntax error; token: \"<EOF>\", near: \"AND\"");
  EXPECT_EQ(refusal("((s = :a))"), "The expression has redundant parentheses;");
  EXPECT_EQ(refusal("((s)) = :a"), "The expression has redundant parentheses;");
  EXPECT_EQ(refusal("_s = :a"), "Syntax error; token: \"_\", near: \"_s\"");
}

// Observed order: parentheses, functions, reserved words; then what the first condition with a fault has.
TEST(ConditionText, FaultsOfAnEarlierConditionComeFirst) {
  EXPECT_EQ(refusal("foo(status) AND ((s = :a))"), "The expression has redundant parentheses;");
  EXPECT_EQ(refusal("contains(s, :a) = :t AND status = :none AND foo(s)"), "Invalid function name; function: foo");
  EXPECT_EQ(refusal("s < :t AND status = :none"), "Attribute name is a reserved keyword; reserved keyword: status");
  EXPECT_EQ(refusal("s < :t AND s = :none"),
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL");
  EXPECT_EQ(refusal("begins_with(s) AND s = :none"),
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of "
            "operands: 1");
  EXPECT_EQ(refusal("(begins_with(s, :none, :five)) OR s = s"),
            "An expression attribute value used in expression is not defined; attribute value: :none");
}

TEST(ConditionText, KeyConditionsMayHaveParenthesesToSpare) {
  Placeholders p = known();
  EXPECT_TRUE(Condition::parse("KeyConditionExpression", "((s = :a)) AND (((n = :five)))", p));
}

TEST(ConditionText, FunctionsAreChecked) {
  EXPECT_EQ(refusal("foo(s)"), "Invalid function name; function: foo");
  EXPECT_EQ(refusal("ATTRIBUTE_EXISTS(s)"), "Invalid function name; function: ATTRIBUTE_EXISTS");
  EXPECT_EQ(refusal("if_not_exists(s, :a) = :b"),
            "The function is not allowed in a condition expression; function: if_not_exists");
  EXPECT_EQ(refusal("begins_with(s)"), "Incorrect number of operands for operator or function; operator or function: "
                                       "begins_with, number of operands: 1");
  EXPECT_EQ(refusal("attribute_exists(:a)"),
            "Operator or function requires a document path; operator or function: attribute_exists");
  EXPECT_EQ(refusal("begins_with(s, :five)"),
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N");
  EXPECT_EQ(refusal("attribute_type(s, :five)"),
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N");
  EXPECT_EQ(refusal("attribute_type(s, :bad)"),
            "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  EXPECT_EQ(refusal("size(s)"), "The function is not allowed to be used this way in an expression; function: size");
  EXPECT_EQ(refusal("contains(s, :a) = :t"),
            "The function is not allowed to be used this way in an expression; function: contains");
  EXPECT_EQ(refusal("size(:five) = :five"),
            "Incorrect operand type for operator or function; operator or function: size, operand type: N");
  EXPECT_EQ(refusal("contains(s, s)"),
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: contains, first operand: [s]");
  EXPECT_EQ(refusal("l[0] = l[0]"),
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: =, first operand: [l, [0]]");
}

TEST(ConditionText, OperandsOfOrderHaveAnOrder) {
  EXPECT_EQ(refusal("s < :t"),
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL");
  EXPECT_EQ(
      refusal("s BETWEEN :a AND :five"),
      "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: "
      "{S:a}, upper bound operand: AttributeValue: {N:5}");
  EXPECT_EQ(
      refusal("s BETWEEN :b AND :a"),
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: "
      "AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}");
}

TEST(ConditionText, DepthAndWidthAreLimited) {
  std::string deep = "s = :a";
  for (int i = 0; i < 200; ++i) deep = "s = :a AND (" + deep + ")";
  EXPECT_EQ(refusal(deep), "The expression contains too many operators; operator count: 301");
  std::string fits = "s = :a";
  for (int i = 0; i < 149; ++i) fits = "s = :a OR (" + fits + ")";
  EXPECT_EQ(refusal(fits), "accepted");
  EXPECT_EQ(refusal(std::string(1000, '(') + "s = :a" + std::string(1000, ')')),
            "The expression has redundant parentheses;");
  std::string sizes = "s";
  for (int i = 0; i < 600; ++i) sizes = "size(" + sizes + ")";
  EXPECT_EQ(refusal("s = " + sizes),
            "The function is not allowed to be used this way in an expression; function: size");
  std::string nots;
  for (int i = 0; i < 500; ++i) nots += "NOT ";
  EXPECT_NE(refusal(nots + "s = :a"), "accepted");
  EXPECT_NE(refusal(std::string(4000, '(')), "accepted");
  std::string wide = "n IN (:a";
  for (int i = 0; i < 100; ++i) wide += ", :b";
  EXPECT_EQ(refusal(wide + ")"),
            "Too many operands for the operator or function; operator or function: IN, number of operands: 101");
  std::string many = "s = :a";
  for (int i = 0; i < 200; ++i) many += " OR s = :b";
  EXPECT_EQ(refusal(many), "The expression contains too many operators; operator count: 301");
  EXPECT_EQ(refusal("s[99999999999] = :a"), "List index is not within the allowable range; index: [99999999999]");
  std::string path = "s";
  for (int i = 0; i < 32; ++i) path += ".x";
  EXPECT_EQ(refusal(path + " = :a"), "The document path has too many nesting levels; nesting levels: 33");
}

TEST(Placeholders, UnusedAndMalformedOnesAreNamed) {
  Placeholders p = placeholders("{'#a':'x','#b':'y'}", "{':a':{'S':'a'},':b':{'S':'b'}}");
  p.value(":a");
  p.name("#a");
  p.name("#b");
  EXPECT_EQ(p.check_all_used().error().message,
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}");

  const auto message = [](const char* names, const char* values) {
    const json::value n = parsed(names), v = parsed(values);
    return Placeholders::read(n.is_null() ? nullptr : &n, v.is_null() ? nullptr : &v).error().message;
  };
  EXPECT_EQ(message("{}", "null"), "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(message("null", "{}"), "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(message(R"({"a":"x"})", "null"),
            "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
  EXPECT_EQ(message(R"({"#":"x"})", "null"), "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\"");
  const std::string long_key(255, 'a');
  EXPECT_EQ(message(("{\"#" + long_key + "-\":\"x\"}").c_str(), "null"),
            "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too "
            "long; size of key: 257");
  EXPECT_EQ(message("null", ("{\":" + long_key + "\":{\"S\":\"\"}}").c_str()),
            "ExpressionAttributeValues contains invalid key: The expression attribute map contains a key that is too "
            "long;");
  EXPECT_EQ(message(R"({"#a":""})", "null"),
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a");
  EXPECT_EQ(message(("{\"#a\":\"" + std::string(65536, 'x') + "\"}").c_str(), "null"),
            "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 "
            "bytes for key #a");
  EXPECT_EQ(message("null", R"({":a-b":{"S":""}})"),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \":a-b\"");
  EXPECT_EQ(message("null", R"({":a":{}})"),
            "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain "
            "exactly one of "
            "the supported datatypes for key :a");
}

}  // namespace croft::dynamo
