#include "dynamo/expressions/update.h"

#include <gmock/gmock.h>

#include "dynamo/expressions/projection.h"
#include "dynamo/testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT

namespace {

constexpr const char* values =
    "{':a':{'S':'a'},':one':{'N':'1'},':list':{'L':[{'S':'x'}]},':ss':{'SS':['a','b']},':ns':{'NS':['1']},':map':{'M'"
    ":{}},"
    "':t':{'BOOL':true}}";

constexpr const char* before =
    "{'l':{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]},'m':{'M':{'x':{'N':'5'},'y':{'L':[{'S':'q'}]}}},'n':{'N':'"
    "5'},"
    "'s':{'S':'text'},'ss':{'SS':['b','c']}}";

Result<Update> parse(std::string_view text) {
  Placeholders p = placeholders("{'#n':'n','#status':'status'}", values);
  return Update::parse(text, p);
}

Result<Item> updated(std::string_view text) { return parse(text).value().apply(item_of(before)); }

// The one attribute afterwards; "-" when it is gone.
std::string after(std::string_view text, std::string_view attribute) {
  const Item item = updated(text).value();
  const AttributeValue* value = item.find(attribute);
  if (!value) return "-";
  const std::string whole = text_of(Item{{std::string("v"), *value}});
  return whole.substr(5, whole.size() - 6);
}

std::string refusal(std::string_view text) {
  const auto update = parse(text);
  const std::string prefix = "Invalid UpdateExpression: ";
  return update ? "accepted" : update.error().message.substr(prefix.size());
}

std::string failure(std::string_view text) {
  const auto item = updated(text);
  return item ? "applied" : item.error().message;
}

}  // namespace

TEST(Update, SetAssignsValuesPathsAndSums) {
  EXPECT_EQ(after("SET s = :a", "s"), "{'S':'a'}");
  EXPECT_EQ(after("set z = s", "z"), "{'S':'text'}");
  EXPECT_EQ(after("SET n = n + :one", "n"), "{'N':'6'}");
  EXPECT_EQ(after("SET n = :one - #n", "n"), "{'N':'-4'}");
  EXPECT_EQ(after("SET m.x = (m.x) - :one", "m"), "{'M':{'x':{'N':'4'},'y':{'L':[{'S':'q'}]}}}");
  EXPECT_EQ(after("SET m.z = :a", "m"), "{'M':{'x':{'N':'5'},'y':{'L':[{'S':'q'}]},'z':{'S':'a'}}}");
  EXPECT_EQ(after("SET m.y[0] = :one", "m"), "{'M':{'x':{'N':'5'},'y':{'L':[{'N':'1'}]}}}");
  EXPECT_EQ(after("SET #status = :t", "status"), "{'BOOL':true}");
}

TEST(Update, OperandsAreReadFromTheItemBefore) {
  const Item item = updated("SET s = n, n = s").value();
  EXPECT_EQ(text_of(Item{{"n", *item.find("n")}, {"s", *item.find("s")}}), "{'n':{'S':'text'},'s':{'N':'5'}}");
}

TEST(Update, IfNotExistsKeepsWhatIsThere) {
  EXPECT_EQ(after("SET n = if_not_exists(n, :one)", "n"), "{'N':'5'}");
  EXPECT_EQ(after("SET z = if_not_exists(z, :one)", "z"), "{'N':'1'}");
  EXPECT_EQ(after("SET z = if_not_exists(z, :one) + :one", "z"), "{'N':'2'}");
}

TEST(Update, ListAppendJoinsInOrder) {
  EXPECT_EQ(after("SET m.y = list_append(m.y, :list)", "m"), "{'M':{'x':{'N':'5'},'y':{'L':[{'S':'q'},{'S':'x'}]}}}");
  EXPECT_EQ(after("SET z = list_append(:list, if_not_exists(z, :list))", "z"), "{'L':[{'S':'x'},{'S':'x'}]}");
}

TEST(Update, ElementsBeyondTheEndAreAppendedInTheOrderOfTheirIndexes) {
  EXPECT_EQ(after("SET m.y[20] = :one, m.y[10] = :a", "m"),
            "{'M':{'x':{'N':'5'},'y':{'L':[{'S':'q'},{'S':'a'},{'N':'1'}]}}}");
}

TEST(Update, RemoveNamesElementsByTheirOldPlaces) {
  EXPECT_EQ(after("REMOVE l[1], l[2]", "l"), "{'L':[{'N':'0'},{'N':'3'}]}");
  EXPECT_EQ(after("REMOVE l[0] SET l[3] = :a", "l"), "{'L':[{'N':'1'},{'N':'2'},{'S':'a'}]}");
  EXPECT_EQ(after("REMOVE l[9], absent, m.nix", "l"), "{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]}");
  EXPECT_EQ(after("REMOVE m.y[0], s", "m"), "{'M':{'x':{'N':'5'},'y':{'L':[]}}}");
  EXPECT_EQ(after("REMOVE s", "s"), "-");
}

TEST(Update, AddCountsAndUnites) {
  EXPECT_EQ(after("ADD n :one", "n"), "{'N':'6'}");
  EXPECT_EQ(after("ADD z :one", "z"), "{'N':'1'}");
  EXPECT_EQ(after("ADD ss :ss", "ss"), "{'SS':['a','b','c']}");
  EXPECT_EQ(after("ADD z :ss", "z"), "{'SS':['a','b']}");
  EXPECT_EQ(after("ADD m.x :one", "m"), "{'M':{'x':{'N':'6'},'y':{'L':[{'S':'q'}]}}}");
}

TEST(Update, DeleteTakesMembersAndAnEmptySetIsRemoved) {
  EXPECT_EQ(after("DELETE ss :ss", "ss"), "{'SS':['c']}");
  EXPECT_EQ(parse("ADD z :ss DELETE ss :ss").value().creates_item(), true);
  const Item item = parse("DELETE ss :ss").value().apply(item_of("{'ss':{'SS':['a']}}")).value();
  EXPECT_TRUE(item.empty());
  EXPECT_EQ(after("DELETE absent :ss", "absent"), "-");
}

TEST(Update, OnlySetAndAddMakeNewItems) {
  EXPECT_TRUE(parse("SET a = :a").value().creates_item());
  EXPECT_FALSE(parse("REMOVE a DELETE b :ss").value().creates_item());
}

TEST(Update, FailsWithAwsTextsOnItemsThatDoNotFit) {
  const std::string type = "An operand in the update expression has an incorrect data type";
  const std::string path = "The document path provided in the update expression is invalid for update";
  const std::string nothing = "The provided expression refers to an attribute that does not exist in the item";
  EXPECT_EQ(failure("SET n = s + :one"), type);
  EXPECT_EQ(failure("SET z = list_append(s, :list)"), type);
  EXPECT_EQ(failure("ADD s :one"), type);
  EXPECT_EQ(failure("ADD ss :ns"), type);
  EXPECT_EQ(failure("DELETE ss :ns"), type);
  EXPECT_EQ(failure("SET z = absent"), nothing);
  EXPECT_EQ(failure("SET n = absent + :one"), nothing);
  EXPECT_EQ(failure("SET absent.a = :a"), path);
  EXPECT_EQ(failure("SET s[0] = :a"), path);
  EXPECT_EQ(failure("SET l.x = :a"), path);
  EXPECT_EQ(failure("SET l[9].x = :a"), path);
  EXPECT_EQ(failure("REMOVE absent.a"), path);
}

TEST(Update, GrowthIsStoppedBeforeItIsBuilt) {
  std::string values = "{':big':{'S':'" + std::string(300 * 1024, 'x') + "'}}";
  Placeholders p = placeholders("", values);
  const Update update = Update::parse("SET a = :big, b = :big", p).value();

  EXPECT_EQ(update.apply({}).error().message, "Item size to update has exceeded the maximum allowed size");
}

TEST(UpdateText, SyntaxErrorsNameTheTokenAndItsNeighbours) {
  EXPECT_EQ(refusal(""), "The expression can not be empty;");
  EXPECT_EQ(refusal("a x b"), "Syntax error; token: \"a\", near: \"a x\"");
  EXPECT_EQ(refusal("SET a x b"), "Syntax error; token: \"x\", near: \"a x b\"");
  EXPECT_EQ(refusal("SET a = 1"), "Syntax error; token: \"1\", near: \"= 1\"");
  EXPECT_EQ(refusal("SET a = :a,"), "Syntax error; token: \"<EOF>\", near: \",\"");
  EXPECT_EQ(refusal("SET a = :a, REMOVE b"), "Syntax error; token: \"REMOVE\", near: \", REMOVE b\"");
  EXPECT_EQ(refusal("SET :a = :one"), "Syntax error; token: \":a\", near: \"SET :a =\"");
  EXPECT_EQ(refusal("ADD n 1"), "Syntax error; token: \"1\", near: \"n 1\"");
  EXPECT_EQ(refusal("DELETE ss"), "Syntax error; token: \"<EOF>\", near: \"ss\"");
  EXPECT_EQ(refusal("SET a = :a b"), "Syntax error; token: \"b\", near: \":a b\"");
  EXPECT_EQ(refusal("SET a = :one + :one + :one"), "Syntax error; token: \"+\", near: \":one + :one\"");
}

TEST(UpdateText, SectionsComeOnceAndPathsDoNotOverlap) {
  EXPECT_EQ(refusal("SET a = :a SET b = :a"), "The \"SET\" section can only be used once in an update expression;");
  EXPECT_EQ(refusal("SET a = :a REMOVE b SET c = :a"),
            "The \"SET\" section can only be used once in an update expression;");
  const std::string overlap =
      "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: ";
  EXPECT_EQ(refusal("SET a = :a, a = :one"), overlap + "[a], path two: [a]");
  EXPECT_EQ(refusal("SET a.b = :a REMOVE a"), overlap + "[a, b], path two: [a]");
  EXPECT_EQ(refusal("SET l[0] = :a, l[0].x = :a"), overlap + "[l, [0]], path two: [l, [0], x]");
  EXPECT_EQ(refusal("SET a.b = :a, a[1] = :a"),
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, "
            "b], path "
            "two: [a, [1]]");
}

TEST(UpdateText, OperandsAndNamesAreChecked) {
  EXPECT_EQ(refusal("SET status = :a"), "Attribute name is a reserved keyword; reserved keyword: status");
  EXPECT_EQ(refusal("SET #none = :a"),
            "An expression attribute name used in the document path is not defined; attribute name: #none");
  EXPECT_EQ(refusal("SET a = :none"),
            "An expression attribute value used in expression is not defined; attribute value: :none");
  EXPECT_EQ(refusal("SET a = foo(a)"), "Invalid function name; function: foo");
  EXPECT_EQ(refusal("SET a = size(a)"), "The function is not allowed in an update expression; function: size");
  EXPECT_EQ(refusal("SET a = if_not_exists(a)"), "Incorrect number of operands for operator or function; operator or "
                                                 "function: if_not_exists, number of operands: 1");
  EXPECT_EQ(refusal("SET a = if_not_exists(:a, :one)"),
            "Operator or function requires a document path; operator or function: if_not_exists");
  EXPECT_EQ(refusal("SET a = list_append(a, :a)"),
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: S");
  EXPECT_EQ(refusal("SET a = a + :a"),
            "Incorrect operand type for operator or function; operator or function: +, operand type: S");
  EXPECT_EQ(refusal("ADD a :a"),
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            "typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(refusal("DELETE a :one"),
            "Incorrect operand type for operator or function; operator: DELETE, operand type: "
            "NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND");
  EXPECT_EQ(refusal("SET a = list_append(list_append(a, :list), :list)"),
            "The function is not allowed to be used this way in an expression; function: list_append");
  EXPECT_EQ(refusal("SET a = _f(a)"), "Syntax error; token: \"_\", near: \"= _f\"");
}

// Observed order: reserved words, functions, sections, names, values, overlaps, conflicts, types of ADD and DELETE, others.
TEST(UpdateText, FaultsAreToldInAwsOrder) {
  EXPECT_EQ(refusal("SET #none = :none SET status = foo(a)"),
            "Attribute name is a reserved keyword; reserved keyword: status");
  EXPECT_EQ(refusal("SET #none = foo(:none) SET c = d"), "Invalid function name; function: foo");
  EXPECT_EQ(refusal("SET a = #none SET b = :none"), "The \"SET\" section can only be used once in an update expression;");
  EXPECT_EQ(refusal("SET a = :none, b = #none"),
            "An expression attribute name used in the document path is not defined; attribute name: #none");
  EXPECT_EQ(refusal("SET a = if_not_exists(:none)"),
            "An expression attribute value used in expression is not defined; attribute value: :none");
  const std::string rewrite = " with each other; must remove or rewrite one of these paths; path one: ";
  EXPECT_EQ(refusal("SET d[1] = a, d.b = a, c[1].a = a, c = if_not_exists(a)"),
            "Two document paths overlap" + rewrite + "[c, [1], a], path two: [c]");
  EXPECT_EQ(refusal("REMOVE a.c SET a[1] = if_not_exists(a)"),
            "Two document paths conflict" + rewrite + "[a, c], path two: [a, [1]]");
  EXPECT_EQ(refusal("SET b = list_append(:a, a), c = if_not_exists(a) ADD d :a"),
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: "
            "ALLOWED_FOR_ADD_OPERAND");
}

TEST(UpdateText, ParenthesesHoldSumsAndOperands) {
  EXPECT_EQ(after("SET n = (n + :one)", "n"), "{'N':'6'}");
  EXPECT_EQ(after("SET n = ((m.x) - (:one))", "n"), "{'N':'4'}");
  EXPECT_EQ(after("SET n = ((n)) + :one", "n"), "{'N':'6'}");
  EXPECT_EQ(refusal("SET a = (b + c) + d"), "Syntax error; token: \"+\", near: \") + d\"");
  EXPECT_EQ(refusal("SET a = (m.x).y"), "Syntax error; token: \".\", near: \").y\"");
  EXPECT_EQ(refusal("SET (a = b)"), "Syntax error; token: \"(\", near: \"SET (a\"");
  EXPECT_EQ(refusal("SET a = if_not_exists(a, :one + :one)"), "Syntax error; token: \"+\", near: \":one + :one\"");
}

TEST(UpdateText, LongOnesAreRefusedWithoutTheirSize) {
  EXPECT_EQ(refusal("SET a" + std::string(4096, 'a') + " = :one"),
            "Expression size has exceeded the maximum allowed size;");
}

TEST(Update, LegacyUpdatesAppendToListsAndHaveTheirOwnWords) {
  Update update;
  update.legacy = true;
  update.adds.push_back({{{std::string("l")}}, std::make_shared<const AttributeValue>(AttributeValue{List{}})});
  EXPECT_EQ(text_of(update.apply(item_of("{'l':{'L':[{'N':'1'}]}}")).value()), "{'l':{'L':[{'N':'1'}]}}");
  EXPECT_EQ(update.apply(item_of("{'l':{'N':'1'}}")).error().message, "Type mismatch for attribute to update");
}

TEST(Projection, ChoosesPartsAndClosesLists) {
  const Item item = item_of(before);
  const auto chosen = [&](std::string_view text) {
    Placeholders p = placeholders("", "");
    return text_of(Projection::parse(text, p).value().apply(item));
  };
  EXPECT_EQ(chosen("s, n"), "{'n':{'N':'5'},'s':{'S':'text'}}");
  EXPECT_EQ(chosen("l[3], l[1], m.x, absent, m.nix.deep"),
            "{'l':{'L':[{'N':'1'},{'N':'3'}]},'m':{'M':{'x':{'N':'5'}}}}");
  EXPECT_EQ(chosen("m.y[0]"), "{'m':{'M':{'y':{'L':[{'S':'q'}]}}}}");
  EXPECT_EQ(chosen("absent, s.x, l[9]"), "{}");
}

TEST(Projection, RefusesOverlapsAndReservedWords) {
  const auto message = [](std::string_view text) {
    Placeholders p = placeholders("", "");
    return Projection::parse(text, p).error().message;
  };
  EXPECT_EQ(message("a, a.b"),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
            "rewrite one of these paths; path one: [a], path two: [a, b]");
  EXPECT_EQ(message("name"),
            "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name");
  EXPECT_EQ(message("a,"), "Invalid ProjectionExpression: Syntax error; token: \"<EOF>\", near: \",\"");
  EXPECT_EQ(message("a b"), "Invalid ProjectionExpression: Syntax error; token: \"b\", near: \"a b\"");
}

}  // namespace croft::dynamo
