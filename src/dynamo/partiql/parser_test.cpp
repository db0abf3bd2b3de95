#include <gmock/gmock.h>

#include "dynamo/partiql/statement.h"

namespace croft::dynamo::partiql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* malformed = "Statement wasn't well formed, can't be processed: ";

// The refusal without its envelope, or "" when the statement is taken.
std::string refusal(std::string_view text) {
  const Result<Statement> statement = parse(text);
  if (statement) return "";
  const std::string& message = statement.error().message;
  return message.starts_with(malformed) ? "! " + message.substr(std::string_view(malformed).size()) : message;
}

template <class Action>
Action taken(std::string_view text) {
  const Result<Statement> statement = parse(text);
  EXPECT_TRUE(statement) << refusal(text);
  return std::get<Action>(statement.value().action);
}

std::vector<std::string> names(const Select& select) {
  std::vector<std::string> out;
  for (const Column& column : select.columns) out.push_back(column.name);
  return out;
}

TEST(PartiqlParser, SelectNamesItsTableIndexAndColumns) {
  const Select all = taken<Select>("SELECT * FROM \"a-table\"");
  const Select some = taken<Select>("select pk, m.k[0], \"odd name\" from things.\"by-time\" where pk = ?;");

  EXPECT_EQ(all.source.table, "a-table");
  EXPECT_THAT(names(all), IsEmpty());
  EXPECT_EQ(some.source.index, "by-time");
  EXPECT_THAT(names(some), ElementsAre("pk", "k[0]", "odd name"));
}

TEST(PartiqlParser, OperatorsBindAsInSql) {
  const Select select = taken<Select>("SELECT * FROM tab WHERE NOT a = 1 AND b = 2 OR c BETWEEN 1 AND 2 AND d = 3");

  EXPECT_EQ(select.where->kind, Expression::Kind::any);
  EXPECT_EQ(select.where->operands[0].kind, Expression::Kind::all);
  EXPECT_EQ(select.where->operands[0].operands[0].kind, Expression::Kind::negation);
  EXPECT_EQ(select.where->operands[1].operands[0].kind, Expression::Kind::between);
}

TEST(PartiqlParser, ParametersAreCountedInTheirOrder) {
  const Result<Statement> statement = parse("UPDATE tab SET a = ? WHERE pk = ? AND sk IN [?, 1]");

  EXPECT_EQ(statement.value().parameters, 3u);
  EXPECT_EQ(std::get<UpdateStatement>(statement->action).where->operands[0].operands[1].number, 1u);
}

TEST(PartiqlParser, CommentsAndDoubledQuotesAreNoSyntax) {
  const Insert insert = taken<Insert>("-- note\nINSERT INTO tab /* here */ VALUE {'a': 'it''s --', 'b': -.5e1} -- end");

  EXPECT_EQ(insert.item.operands[1].text, "it's --");
  EXPECT_EQ(insert.item.operands[3].text, "-.5e1");
}

TEST(PartiqlParser, UpdatesMayBeWrittenFromFirst) {
  const UpdateStatement update = taken<UpdateStatement>("FROM tab WHERE pk = 1 SET c = 2 REMOVE a RETURNING ALL NEW *");

  EXPECT_EQ(update.actions.size(), 2u);
  EXPECT_EQ(update.returning, ReturnValues::all_new);
}

// Texts as AWS answers them.
TEST(PartiqlParser, SyntaxErrorsHaveAwsTexts) {
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1 foo"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1 e5"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1)"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("DELETE FROM tab WHERE pk = 1 ORDER BY pk"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("SELECT * FROM tab ORDER BY pk WHERE pk = 1"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("INSERT INTO tab t VALUE {'pk': 'x'}"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("FROM tab SET c = 1 WHERE pk = 1"), "! Unexpected token after expression");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1 # note"), "! ");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1 /* note"), "! ");
  EXPECT_EQ(refusal("SELECT * FROM \"tab"), "! ");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1e2147483648"), "! ");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 1.5e-2147483647"), "! ");
  for (const char* text : {"SELECT * FROM tab WHERE", "SELECT * FROM tab WHERE;", "UPDATE tab SET a = 1 WHERE",
                           "SELECT * FROM tab WHERE NOT", "SELECT * FROM tab WHERE (", "SELECT * FROM", ""}) {
    EXPECT_EQ(refusal(text), "! Unexpected term") << text;
  }
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = 'p' AND"), "! Missing right-hand side expression of infix operator");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE ORDER BY pk"), "! Unexpected keyword");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE date = 1"), "! Unexpected keyword");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE IS NULL"), "! Unexpected operator");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE pk = LIKE"), "! Unexpected operator");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE x IS FOO"), "! Expected type name");
  EXPECT_EQ(refusal("DELETE FROM WHERE pk = 'a'"), "! Expected identifier for simple path");
  EXPECT_EQ(refusal("SELECT * FROM tab WHERE m.inner = 1"), "! Invalid path dot component");
  EXPECT_EQ(refusal("SLECT * FROM \"tab\" WHERE pk = 1"), "! Expected data manipulation");
  EXPECT_EQ(refusal("UPDATE my-table SET a = 1 WHERE pk = 1"), "! Expected data manipulation");
}

TEST(PartiqlParser, WhatDynamoDbHasNotIsRefusedWithAwsTexts) {
  for (const char* text : {"SELECT * FROM tab t WHERE pk = 'x'", "SELECT * FROM tab AS t", "UPDATE tab t SET a = 3",
                           "DELETE FROM tab t", "SELECT a AS b FROM tab"}) {
    EXPECT_EQ(refusal(text), "Aliasing is not supported") << text;
  }
  EXPECT_EQ(refusal("SELECT id FROM dbimp_page LIMIT 5"), "Unsupported clause: LIMIT at 1:33:1");
  EXPECT_EQ(refusal("SELECT count(*) FROM tab"), "Unexpected path component at 1:8:5");
  EXPECT_EQ(refusal("SELECT a, b.a FROM tab"), "Duplicate identifiers in select clause: a");
  EXPECT_EQ(refusal("SELECT *, a FROM tab"), "Other attributes should not be present in the projection when '*' is used.");
  EXPECT_EQ(refusal("SELECT l[-1] FROM tab"), "List index is not within the allowable range; index: [-1] at 1:11:1");
  EXPECT_EQ(refusal("SELECT l[2147483648] FROM tab"),
            "List index is not within the allowable range; index: [2147483648] at 1:10:10");
  EXPECT_EQ(refusal("SELECT * FROM tab.i.j"), "A path may contain at most 2 components in the FROM clause");
  EXPECT_EQ(refusal("SELECT * FROM \"\""), "Path component cannot be an empty string");
  EXPECT_EQ(refusal("SELECT * FROM one, two"), "Only select from a single table or index is supported.");
  EXPECT_EQ(refusal("INSERT INTO tab.i VALUE {'a': 1}"),
            "FROM clause may only contain a single table name in data manipulation statements");
  EXPECT_EQ(refusal("INSERT INTO tab VALUE {'a': 1} RETURNING ALL OLD *"), "RETURNING is not supported in INSERT");
  EXPECT_EQ(refusal("INSERT INTO tab << {'a': 1} >>"),
            "Unsupported operation: Inserting multiple items in a single statement is not supported, use \"INSERT INTO "
            "tableName VALUE item\" instead");
  EXPECT_EQ(refusal("DELETE FROM tab WHERE pk = 1 RETURNING MODIFIED OLD *"),
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.");
  EXPECT_EQ(refusal("UPDATE tab SET a = 1 RETURNING ALL NEW a"),
            "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
  EXPECT_EQ(refusal("x IS INT4"), "Unsupported operation: IsType");
  EXPECT_EQ(refusal("DROP TABLE tab"), "Unsupported operation: DropTable");
  EXPECT_EQ(refusal("SELECT * FROM ab"),
            "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.");
}

TEST(PartiqlParser, DepthIsLimited) {
  const auto nested = [](std::size_t depth, std::string open, std::string close) {
    std::string text = "SELECT * FROM tab WHERE a = ";
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return refusal(text);
  };
  std::string chain = "SELECT * FROM tab WHERE a";
  for (int i = 0; i < 300; ++i) chain += " = 1";

  EXPECT_EQ(nested(90, "(", ")"), "");
  EXPECT_EQ(nested(4000, "(", ")"), "! The statement is nested too deeply");
  EXPECT_EQ(nested(4000, "[", "]"), "! The statement is nested too deeply");
  EXPECT_EQ(nested(2000, "{'a':", "}"), "! The statement is nested too deeply");
  EXPECT_EQ(nested(4000, "- ", ""), "! The statement is nested too deeply");
  EXPECT_EQ(refusal(chain), "! The statement is nested too deeply");
}

}  // namespace
}  // namespace croft::dynamo::partiql
