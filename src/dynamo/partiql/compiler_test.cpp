#include <gmock/gmock.h>

#include "dynamo/attribute_json.h"
#include "dynamo/partiql/access.h"
#include "dynamo/partiql/compiler.h"
#include "dynamo/partiql/next_token.h"

namespace croft::dynamo::partiql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// pk S, sk S; index "by-g" of g (S) that holds p; local index "by-l" of l (N) with the keys alone.
TableDefinition table() {
  TableDefinition out;
  out.name = "tab";
  out.keys = {{"pk", Type::string}, KeyAttribute{"sk", Type::string}};
  out.attributes = {{"pk", Type::string}, {"sk", Type::string}, {"g", Type::string}, {"l", Type::number}};
  IndexDefinition global;
  global.name = "by-g";
  global.keys = {{"g", Type::string}, std::nullopt};
  global.projection = {IndexProjection::Kind::include, {"p"}};
  IndexDefinition local;
  local.name = "by-l";
  local.global = false;
  local.keys = {{"pk", Type::string}, KeyAttribute{"l", Type::number}};
  local.projection = {IndexProjection::Kind::keys_only, {}};
  out.indexes = {global, local};
  return out;
}

Parameters parameters(std::string json) {
  for (char& c : json) c = c == '\'' ? '"' : c;
  Parameters out;
  const json::value document = json::parse(json).value();
  for (const json::value& one : document.get_array()) out.push_back(attribute_value(one).value());
  return out;
}

Result<ReadPlan> plan(std::string_view text, std::string given = "[]", bool consistent = false) {
  const Statement statement = parse(text).value();
  return compile(std::get<Select>(statement.action), parameters(std::move(given)), table(), consistent);
}

Result<WritePlan> write(std::string_view text, std::string given = "[]", Surface surface = Surface::single) {
  const Statement statement = parse(text).value();
  return compile_write(statement, parameters(std::move(given)), table(), surface);
}

std::string select_refusal(const std::string& where, const std::string& from = "tab") {
  const Result<ReadPlan> compiled = plan("SELECT pk FROM " + from + " WHERE " + where);
  return compiled ? "" : compiled.error().message;
}

std::string write_refusal(std::string_view text) {
  const Result<WritePlan> compiled = write(text);
  return compiled ? "" : compiled.error().message;
}

// "pk=a", "pk=a sk>=1", one for each read.
std::vector<std::string> reads(const std::string& where) {
  std::vector<std::string> out;
  const Result<ReadPlan> compiled = plan("SELECT * FROM tab WHERE " + where);
  for (const KeyCondition& read : compiled.value().reads) {
    std::string text = "pk=" + *read.partition.get<std::string>();
    if (read.sort_operator != Condition::Kind::all) text += " sk " + std::string(operator_name(read.sort_operator));
    for (const AttributeValue& value : read.sort_values) text += " " + *value.get<std::string>();
    out.push_back(std::move(text));
  }
  return out;
}

TEST(PartiqlAccess, AFixedPartitionKeyIsAQueryOtherwiseAScan) {
  EXPECT_THAT(reads("pk = 'a'"), ElementsAre("pk=a"));
  EXPECT_THAT(reads("'a' = pk AND flag = 1"), ElementsAre("pk=a"));
  EXPECT_THAT(reads("pk = 'a' AND '5' > sk"), ElementsAre("pk=a sk < 5"));
  EXPECT_THAT(reads("(flag = 1 AND (pk = 'a')) AND begins_with(sk, 'x')"), ElementsAre("pk=a sk begins_with x"));
  EXPECT_THAT(reads("pk = 'a' AND sk BETWEEN '1' AND '2'"), ElementsAre("pk=a sk BETWEEN 1 2"));
  EXPECT_THAT(reads("pk > 'a'"), IsEmpty());
  EXPECT_THAT(reads("pk = 'a' OR flag = 1"), IsEmpty());
  EXPECT_THAT(reads("NOT pk = 'a'"), IsEmpty());
  EXPECT_THAT(reads("pk.x = 'a' AND size(pk) = 1"), IsEmpty());
}

TEST(PartiqlAccess, SeveralKeysAreSeveralReads) {
  EXPECT_THAT(reads("pk IN ['a', 'b']"), ElementsAre("pk=a", "pk=b"));
  EXPECT_THAT(reads("pk = 'a' OR pk = 'b' AND sk = '1'"), ElementsAre("pk=a", "pk=b sk = 1"));
  EXPECT_THAT(reads("pk = 'a' AND (sk < '1' OR sk > '1' OR sk = '1')"),
              ElementsAre("pk=a sk < 1", "pk=a sk > 1", "pk=a sk = 1"));
  EXPECT_THAT(reads("pk = 'a' AND sk IN ['1', '2']"), ElementsAre("pk=a sk = 1", "pk=a sk = 2"));
  EXPECT_THAT(reads("pk = 'a' AND (flag = 1 OR flag = 2)"), ElementsAre("pk=a"));
}

TEST(PartiqlAccess, WhatARangeCannotTellStaysToTheFilter) {
  EXPECT_THAT(reads("pk = 'a' AND sk <> '1'"), ElementsAre("pk=a"));
  EXPECT_THAT(reads("pk = 'a' AND NOT sk = '1' OR pk = 'a' AND sk = '2'"), ElementsAre("pk=a"));
  EXPECT_THAT(reads("pk = 'a' AND sk > '0' AND sk = '1'"), ElementsAre("pk=a sk = 1"));
  EXPECT_THAT(reads("pk = 'a' AND attribute_exists(pk)"), ElementsAre("pk=a"));
}

// Source: AWS's answers.
TEST(PartiqlAccess, OverlappingAlternativesAreRefused) {
  for (const char* where : {"pk IN ['a', 'a']", "pk = 'a' OR pk = 'a'", "pk = 'a' AND (sk > '0' OR sk < '5')",
                            "pk = 'a' AND (sk = '1' OR flag = 'two')",
                            "(pk = 'a' AND flag = 'one') OR (pk = 'a' AND flag = 'two')",
                            "pk = 'a' AND x <> '1' OR pk = 'a' AND sk = '2'"}) {
    EXPECT_EQ(select_refusal(where), "Overlapping conditions with range keys are not supported in where clause") << where;
  }
}

std::string values(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i ? ",'v" : "'v") + std::to_string(i) + "'";
  return "[" + out + "]";
}

TEST(PartiqlAccess, ReadsAndOperandsAreLimited) {
  const std::string too_many = "Too many decomposed read operations for a given query.";

  EXPECT_EQ(select_refusal("pk IN " + values(50) + " AND flag IN " + values(100)), "");
  EXPECT_EQ(select_refusal("pk IN " + values(51)), too_many);
  EXPECT_EQ(select_refusal("pk = 'a' AND sk IN " + values(51)), too_many);
  EXPECT_EQ(select_refusal("pk IN " + values(26) + " AND sk IN ['1', '2']"), too_many);
  EXPECT_EQ(select_refusal("pk IN " + values(51) + " OR flag = 'one'"), "");
  EXPECT_EQ(select_refusal("flag IN " + values(101)),
            "The IN operator is provided with too many operands; number of operands: 101");
}

TEST(PartiqlAccess, ManyAlternativesAreNotMultipliedWithoutEnd) {
  std::string where = "pk = 'a'";
  for (int i = 0; i < 100; ++i) where += " AND (sk = '1' OR sk = '2' OR sk = '3')";

  EXPECT_THAT(reads(where).size(), ::testing::Le(3u));
}

TEST(PartiqlAccess, KeyValuesHaveTheSchemasTypes) {
  const std::string text = "Key attribute's data type should match its data type in table's schema: Key ";

  EXPECT_EQ(select_refusal("pk = 1 OR pk = 'a'"), text + "pk");
  EXPECT_EQ(select_refusal("pk = 'a' AND sk IN ['1', 2]"), text + "sk");
  EXPECT_EQ(select_refusal("pk > 1"), "");
  EXPECT_EQ(write_refusal("DELETE FROM tab WHERE pk = 'a' AND sk = 1"), text + "sk");
  EXPECT_EQ(write_refusal("INSERT INTO tab VALUE {'pk': 'a', 'sk': 1}"), text + "sk");
}

TEST(PartiqlSelect, TheWholeKeyIsAGet) {
  EXPECT_TRUE(plan("SELECT * FROM tab WHERE sk = '1' AND pk = 'a' AND flag = 2")->key);
  EXPECT_FALSE(plan("SELECT * FROM tab WHERE pk = 'a'")->key);
  EXPECT_FALSE(plan("SELECT * FROM tab WHERE pk = 'a' AND sk = '1' AND sk = '2'")->key);
}

bool forward(std::string order) { return plan("SELECT * FROM tab WHERE pk = 'a' ORDER BY " + order)->forward; }

TEST(PartiqlSelect, OrderIsTheSortKeys) {
  const Result<ReadPlan> both = plan("SELECT * FROM tab WHERE pk IN ['a', 'b'] ORDER BY pk DESC, sk ASC");

  EXPECT_TRUE(forward("sk"));
  EXPECT_FALSE(forward("sk DESC"));
  EXPECT_FALSE(forward("pk"));  // as AWS does
  EXPECT_EQ(*both->reads[0].partition.get<std::string>(), "b");
  EXPECT_TRUE(both->forward);
  EXPECT_EQ(select_refusal("pk = 'a' ORDER BY flag"), "Attribute flag in ORDER BY clause must be part of the primary key");
  EXPECT_EQ(select_refusal("pk > 'a' ORDER BY sk"),
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
  EXPECT_EQ(select_refusal("pk IN ['a', 'b'] ORDER BY sk"),
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.");
  EXPECT_EQ(plan("SELECT * FROM tab ORDER BY sk").error().message,
            "Must have WHERE clause in the statement when using ORDER BY clause.");
}

TEST(PartiqlSelect, AnIndexGivesWhatItHolds) {
  const std::string filter = "One or more parameter values were invalid: Secondary index by-g does not project one or more "
                             "filter attributes: ";
  const std::string from = "tab.\"by-g\"";

  EXPECT_EQ(select_refusal("g = 'y' AND NOT (np = '1' OR p = 'x')", from), filter + "[np]");
  EXPECT_EQ(select_refusal("g = 'y' AND b = '1' AND (a = '2' OR p = '3')", from), filter + "[a, b]");
  EXPECT_EQ(select_refusal("g = 'y' AND (zz = '1' OR aa = '2' OR mm = '3')", from), filter + "[zz, aa, mm]");
  EXPECT_EQ(select_refusal("(g = 'y' OR g = 'z') AND zz = '1'", from), filter + "[zz]");
  EXPECT_EQ(select_refusal("g IN ['y', 'z'] AND zz = '1'", from), filter + "[zz]");
  for (const char* where : {"np = '1'", "g = 'y' AND (p = 'a' OR p = 'b')", "(g = 'y' AND p = '1') OR (g = 'z' AND aa = '1')",
                            "g > 'a' AND zz = '1'", "g = 'y' AND (g = 'z' OR zz = '1')", "(g = 'y' AND zz = '1') OR aa = '1'",
                            "(g = 'y' AND np = '1') OR (g = 'y2')"}) {
    EXPECT_EQ(select_refusal(where, from), "") << where;
  }
  EXPECT_EQ(plan("SELECT b, p, a FROM tab.\"by-g\"").error().message,
            "One or more parameter values were invalid: Global secondary index by-g does not project [b, a]");
  EXPECT_TRUE(plan("SELECT b FROM tab.\"by-l\" WHERE pk = 'a'"));
  EXPECT_EQ(plan("SELECT * FROM tab.nope").error().message, "The table does not have the specified index");
  EXPECT_EQ(plan("SELECT * FROM tab.\"by-g\"", "[]", true).error().message,
            "Strongly consistent read is not supported on Global Secondary Indexes");
}

Item item_of_json(const std::string& text) { return dynamo::item(json::parse(text).value()).value(); }

bool holds(const std::string& where, std::string item, std::string given = "[]") {
  for (char& c : item) c = c == '\'' ? '"' : c;
  const Result<ReadPlan> compiled = plan("SELECT * FROM tab WHERE " + where, std::move(given));
  return compiled.value().filter->matches(item_of_json(item));
}

TEST(PartiqlCondition, HasTheOperatorsOfTheEvaluator) {
  const std::string item = "{'n':{'N':'5'},'s':{'S':'str'},'nul':{'NULL':true},'yes':{'BOOL':true},'m':{'M':{'x':{'S':'y'}}},"
                           "'l':{'L':[{'N':'1'}]},'ss':{'SS':['a','b']}}";

  for (const char* where :
       {"n != 4", "n BETWEEN -1 AND 1e1", "n IN (1, 5)", "n NOT IN [1, 2]", "NOT n > 5", "n = 5.0", "s IS STRING", "n IS NUMERIC",
        "m IS TUPLE", "l IS LIST", "yes IS BOOL", "nul IS NULL", "s IS NOT NULL", "nope IS MISSING", "n IS NOT MISSING",
        "begins_with(s, 'st')", "CONTAINS(ss, 'a')", "size(s) = 3", "size(ss) < 3", "attribute_type(ss, 'SS')", "m.x = 'y'",
        "m['x'] = 'y'", "l[0] = 1", "nope <> 1", "ss = <<'b','a'>>", "m = {'x': 'y'}", "l = [1]", "nul = NULL"}) {
    EXPECT_TRUE(holds(where, item)) << where;
  }
  for (const char* where : {"n = '5'", "nope = 1", "nul IS NOT NULL", "nope IS NULL", "s IS MISSING", "n < s"}) {
    EXPECT_FALSE(holds(where, item)) << where;
  }
  EXPECT_TRUE(holds("n = ? AND ss = ?", item, "[{'N':'5'},{'SS':['a','b']}]"));
}

// Source: AWS's answers.
TEST(PartiqlCondition, ConditionsMayBeCompared) {
  const std::string item = "{'n':{'N':'1'},'flag':{'S':'right'},'yes':{'BOOL':true}}";

  for (const char* where :
       {"attribute_exists(nope) = false", "true = attribute_exists(n)", "attribute_exists(n) <> 1",
        "contains(nope, 'z') = false", "(n BETWEEN 0 AND 5) = true", "(n = 5 OR flag = 'x') = false",
        "attribute_exists(nope) IN [true, false]", "attribute_exists(n) = attribute_exists(flag)",
        "attribute_exists(n) = yes"}) {
    EXPECT_TRUE(holds(where, item)) << where;
  }
  for (const char* where : {"attribute_exists(n) = 1", "NOT attribute_exists(n) = true",
                            "(attribute_exists(n) = true) = false", "attribute_exists(n) = flag"}) {
    EXPECT_FALSE(holds(where, item)) << where;
  }
  std::string doubling = "n = 1";
  for (int i = 0; i < 60; ++i) doubling = "(" + doubling + ") = (a = 2)";
  std::string multiplying = "n = 1";
  for (int i = 0; i < 40; ++i) multiplying = "(" + multiplying + ") IN [true, false, b, true, false, b, true, false, b]";
  EXPECT_EQ(select_refusal(doubling), "The expression contains too many comparisons of conditions");
  EXPECT_EQ(select_refusal(multiplying), "The expression contains too many comparisons of conditions");
}

TEST(PartiqlCondition, RefusalsHaveAwsTexts) {
  EXPECT_EQ(select_refusal("attribute_exists('ss')"),
            "Operator or function requires a document path; operator or function: attribute_exists");
  EXPECT_EQ(select_refusal("attribute_exists()"), "Incorrect number of operands for operator or function; operator or "
                                                  "function: attribute_exists, number of operands: 0");
  EXPECT_EQ(select_refusal("EXISTS(ss)"), "Unrecognized function: exists at 1:26:6");
  EXPECT_EQ(select_refusal("set_add(ss, <<'x'>>) = ss"), "Unrecognized function: set_add at 1:26:7");
  EXPECT_EQ(select_refusal("a < true"),
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL");
  EXPECT_EQ(select_refusal("attribute_exists(n) > false"),
            "Incorrect operand type for operator or function; operator or function: >, operand type: BOOL");
  EXPECT_EQ(select_refusal("attribute_type(a, 'X')"),
            "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}");
  EXPECT_EQ(select_refusal("attribute_type(a, 1)"),
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N");
  EXPECT_EQ(select_refusal("a = MISSING"), "MISSING must be compared using IS operator");
  EXPECT_EQ(select_refusal("a"), "WHERE clause must contain an expression that resolves to a boolean");
  EXPECT_EQ(select_refusal("a = 1 AND b"), "The arguments to AND/OR must be Expressions");
  EXPECT_EQ(select_refusal("a IN 5"), "IN operator must have a left hand argument of type Variable Reference and right hand "
                                      "argument of type Seq with at least one member");
  EXPECT_EQ(select_refusal("a IS INT"),
            "Unsupported data type for IS operator: INTEGER. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, "
            "NUMERIC, STRUCT, TUPLE, LIST]");
  EXPECT_EQ(select_refusal("a LIKE 'x'"), "Unsupported operator in Condition Expression. Operator: like");
}

std::string literal_refusal(const std::string& literal) {
  return write_refusal("INSERT INTO tab VALUE {'pk': 'a', 'sk': 'b', 'v': " + literal + "}");
}

TEST(PartiqlLiteral, RefusalsNameThePlace) {
  std::string deep = "1", place;
  for (int i = 0; i < 32; ++i) deep = "{'a':" + deep + "}", place += ".a";

  EXPECT_EQ(literal_refusal("{'x': 1e126}"),
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root.x");
  EXPECT_EQ(literal_refusal("[1, 1e-131]"),
            "Number underflow. Attempting to store a number with magnitude smaller than supported range under root[1]");
  EXPECT_THAT(literal_refusal("123456789012345678901234567890123456789"),
              StartsWith("Attempting to store more than 38 significant digits in a Number under root"));
  EXPECT_EQ(literal_refusal("<<>>"), "Empty bags are not supported");
  EXPECT_EQ(literal_refusal("<<1, 'a'>>"),
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
  EXPECT_EQ(literal_refusal("<<'a', 'a'>>"),
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.");
  EXPECT_EQ(literal_refusal("<<2, 2.0>>"),
            "One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root");
  EXPECT_EQ(literal_refusal("{'a': 1, 'a': 2}"), "Duplicate keys in tuple. Key: a under root");
  EXPECT_EQ(literal_refusal("set_add(<<'a'>>, <<'b'>>)"), "Unsupported data type: set_add under key root at 1:51:7");
  EXPECT_EQ(literal_refusal(deep), "Nesting Levels have exceeded supported limits under root" + place);
  EXPECT_EQ(literal_refusal(deep.substr(5, deep.size() - 6)), "");
}

TEST(PartiqlLiteral, AParameterStandsAlone) {
  const auto refused = [](std::string_view text) { return write(text, "[{'S':'v'}]").error().message; };

  EXPECT_EQ(refused("UPDATE tab SET x = [?] WHERE pk = 'a' AND sk = 'b'"),
            "Unsupported data type: Parameter under key root[0] at 1:21:1");
  EXPECT_EQ(refused("INSERT INTO tab VALUE {'pk':'a','sk':'b','m':{'k':?}}"),
            "Unsupported data type: Parameter under key root.k at 1:51:1");
  EXPECT_TRUE(write("INSERT INTO tab VALUE {'pk':?,'sk':'b'}", "[{'S':'v'}]"));
}

TEST(PartiqlWrite, NeedsTheWholeKeyOnce) {
  const std::string none = "Where clause does not contain a mandatory equality on all key attributes";

  EXPECT_EQ(write_refusal("DELETE FROM tab"), none);
  EXPECT_EQ(write_refusal("DELETE FROM tab WHERE pk = 'a'"), none);
  EXPECT_EQ(write_refusal("UPDATE tab SET a = 1 WHERE pk = 'a' OR sk = 'b'"), none);
  EXPECT_EQ(write_refusal("UPDATE tab SET a = 1 WHERE pk IN ['a'] AND sk = 'b'"), none);
  EXPECT_EQ(write_refusal("UPDATE tab SET a = 1 WHERE pk = 'a' AND sk = 'b' AND pk = 'c'"),
            "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported");
  EXPECT_EQ(write_refusal("UPDATE tab SET a = 1 WHERE pk = 'a' AND sk = 'b' AND pk = 'a'"), "");
  EXPECT_EQ(write_refusal("DELETE FROM tab.\"by-g\" WHERE pk = 'a' AND sk = 'b'"),
            "This operation is not supported on an index");
  EXPECT_EQ(write_refusal("INSERT INTO tab VALUE {'pk': 'a'}"), "Key attribute should be present in the item: Key sk");
}

std::string update_refusal(const std::string& set) {
  return write_refusal("UPDATE tab SET " + set + " WHERE pk = 'a' AND sk = 'b'");
}

TEST(PartiqlWrite, UpdatesAreTheEvaluators) {
  const WritePlan plan = write("UPDATE tab SET n = n + 1 SET l = list_append(l, [2]), ss = set_add(ss, <<'x'>>) "
                               "REMOVE m.x SET t = set_delete(t, <<1>>) WHERE pk = 'a' AND sk = 'b' AND n > 1 "
                               "RETURNING MODIFIED NEW *")
                             .value();
  const UpdateItem& update = std::get<UpdateItem>(plan);

  EXPECT_EQ(update.update->sets.size(), 2u);
  EXPECT_EQ(update.update->adds.size(), 1u);
  EXPECT_EQ(update.update->deletes.size(), 1u);
  EXPECT_EQ(update.update->removes.size(), 1u);
  EXPECT_EQ(update.return_values, ReturnValues::updated_new);
  EXPECT_FALSE(update.condition->matches({}));  // never makes an item
}

TEST(PartiqlWrite, RefusalsOfUpdatesHaveAwsTexts) {
  EXPECT_EQ(update_refusal("t = set_add(ss, <<'x'>>)"),
            "The first argument to SET_ADD must equal the assignment value at 1:20:7");
  EXPECT_EQ(update_refusal("ss = set_add(ss, 'x')"), "The second argument to SET_ADD must be a value with type SET at 1:29:2");
  EXPECT_EQ(update_refusal("ss = set_delete(ss)"), "SET_DELETE must have exactly two arguments at 1:21:10");
  EXPECT_EQ(update_refusal("n = 'a' + 1"),
            "Incorrect operand type for operator or function; operator or function: +, operand type: S");
  EXPECT_EQ(update_refusal("n = n - null"),
            "Incorrect operand type for operator or function; operator or function: -, operand type: NULL");
  EXPECT_EQ(update_refusal("n = if_not_exists(n, 1)"), "Unrecognized function: if_not_exists at 1:20:13");
  EXPECT_EQ(update_refusal("n = n IS NULL"), "IS operator is not supported in update expressions");
  EXPECT_THAT(update_refusal("m = 1, m.x = 2"), StartsWith("Two document paths overlap with each other"));
}

TEST(PartiqlWrite, DeletionOfWhatIsNotThereIsNoFault) {
  const WritePlan plan = write("DELETE FROM tab WHERE pk = 'a' AND sk = 'b' AND n = 1").value();

  EXPECT_TRUE(std::get<DeleteItem>(plan).condition->matches({}));
  EXPECT_FALSE(std::get<DeleteItem>(plan).condition->matches(item_of_json(R"({"pk":{"S":"a"},"n":{"N":"2"}})")));
}

TEST(PartiqlWrite, ExistsIsAConditionBesideTheKey) {
  const std::string where = "EXISTS(SELECT * FROM tab WHERE pk = 'a' AND sk = 'b'";

  EXPECT_TRUE(write(where + " AND n IS MISSING)", "[]", Surface::transaction));
  EXPECT_EQ(write(where + ")", "[]", Surface::transaction).error().message,
            "EXISTS() must contain a single item read with additional condition");
  EXPECT_EQ(write(where + " AND n = 1)").error().message,
            "EXISTS can only be used in ExecuteTransaction write requests.");
}

TEST(PartiqlNextToken, IsBoundToItsRequest) {
  const Resume resume{3, item_of_json(R"({"pk":{"S":"a"}})")};
  const std::string token = next_token(resume, "SELECT 1");

  EXPECT_EQ(resume_of(token, "SELECT 1")->read, 3u);
  EXPECT_EQ(*resume_of(token, "SELECT 1")->start_key, *resume.start_key);
  EXPECT_EQ(resume_of(token, "SELECT 2").error().message, "NextToken does not match request");
  std::string broken = token;
  broken[60] = broken[60] == 'A' ? 'B' : 'A';
  for (const std::string& other : {broken, token.substr(4), std::string("garbage"), std::string("AAAA")}) {
    EXPECT_EQ(resume_of(other, "SELECT 1").error().message, "Invalid NextToken") << other;
  }
}

}  // namespace
}  // namespace croft::dynamo::partiql
