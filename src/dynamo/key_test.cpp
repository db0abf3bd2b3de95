#include "dynamo/key.h"

#include <gmock/gmock.h>

#include <random>

#include "dynamo/expressions/key_condition.h"
#include "dynamo/testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT

namespace {

const KeySchema schema{{"pk", Type::string}, KeyAttribute{"sk", Type::string}};

std::string part(const AttributeValue& value) {
  std::string out;
  append_key_part(out, value);
  return out;
}

std::string random_text(std::mt19937& random) {
  std::string text(random() % 5, '\0');
  for (char& c : text) c = "\0\1a\xff"[random() % 4];
  return text;
}

std::string message(const Result<void>& result) { return result ? "accepted" : result.error().message; }

}  // namespace

TEST(Key, OrderOfBytesIsOrderOfText) {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const std::string a = random_text(random), b = random_text(random);
    ASSERT_EQ(part({a}) <=> part({b}), a <=> b);
    ASSERT_EQ(part({Binary{a}}) <=> part({Binary{b}}), a <=> b);
  }
}

TEST(Key, NoEncodingBeginsAnother) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    const std::string a = random_text(random), b = random_text(random);
    if (a != b) { ASSERT_FALSE(part({b}).starts_with(part({a}))); }
  }
}

TEST(Key, PrefixesOfTextArePrefixesOfBytes) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random_text(random), prefix = random_text(random);
    std::string bytes;
    append_key_prefix(bytes, {prefix});
    ASSERT_EQ(part({text}).starts_with(bytes), text.starts_with(prefix));
  }
}

TEST(Key, EndOfPrefixCarriesOverFullBytes) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff\xff"), "b");
  EXPECT_EQ(end_of_prefix("\xff"), "");
}

TEST(Key, RowsOfAPartitionLieTogetherAndInOrder) {
  const auto row = [](const char* pk, const char* sk) {
    return row_key(table_prefix(7), schema, Item{{"pk", {std::string(pk)}}, {"sk", {std::string(sk)}}});
  };
  std::string start = table_prefix(7);
  append_partition(start, {std::string("p")});

  EXPECT_LT(row("p", "a"), row("p", "ab"));
  EXPECT_LT(row("p", "ab"), row("p", "b"));
  EXPECT_TRUE(row("p", "b").starts_with(start));
  EXPECT_FALSE(row("pq", "b").starts_with(start));
  EXPECT_EQ(row("p", "a").substr(0, 4), std::string("\0\0\0\7", 4));
}

TEST(Key, SeveralAttributesAreOneKeyAndDoNotRunIntoEachOther) {
  const KeySchema several{{"a", Type::string}, KeyAttribute{"c", Type::number}, {{"b", Type::string}}, {{"d", Type::string}}};
  const auto item = [](const char* a, const char* b, int c, std::string d) {
    const Number number = *Number::parse(std::to_string(c));
    return Item{{"a", {std::string(a)}}, {"b", {std::string(b)}}, {"c", {number}}, {"d", {std::move(d)}}};
  };
  const auto row = [&](const char* a, const char* b, int c, const char* d) {
    return row_key(table_prefix(7), several, item(a, b, c, d));
  };
  std::string start = table_prefix(7);
  const std::vector<AttributeValue> more{{std::string("y")}};
  append_partition(start, {std::string("x")}, more);

  EXPECT_TRUE(row("x", "y", 1, "z").starts_with(start));
  EXPECT_FALSE(row("xy", "", 1, "z").starts_with(start));
  EXPECT_LT(row("x", "y", 9, "z"), row("x", "y", 10, "a"));
  EXPECT_LT(row("x", "y", 10, "a"), row("x", "y", 10, "b"));
  EXPECT_EQ(several.size(), 4u);
  EXPECT_EQ(key_of(several, item("x", "y", 1, "z")).size(), 4u);
  EXPECT_EQ(message(check_key(several, item("x", "y", 1, "z"))), "accepted");
  EXPECT_EQ(message(check_key(several, item("x", "", 1, "z"))),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
            "string value. Key: b");
  EXPECT_EQ(message(check_key(several, item(std::string(1024, 'x').c_str(), std::string(1025, 'y').c_str(), 1, "z"))),
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes");
}

TEST(Key, KeysMustFitTheSchemaExactly) {
  const std::string mismatch = "The provided key element does not match the schema";
  EXPECT_EQ(message(check_key(schema, item_of("{'pk':{'S':'a'},'sk':{'S':'b'}}"))), "accepted");
  EXPECT_EQ(message(check_key(schema, item_of("{'pk':{'S':'a'}}"))), mismatch);
  EXPECT_EQ(message(check_key(schema, item_of("{'pk':{'S':'a'},'sk':{'N':'1'}}"))), mismatch);
  EXPECT_EQ(message(check_key(schema, item_of("{'pk':{'S':'a'},'sk':{'S':'b'},'x':{'S':'c'}}"))), mismatch);
}

TEST(Key, ItemsMustHaveTheirKeys) {
  EXPECT_EQ(message(check_item_key(schema, item_of("{'pk':{'S':'a'}}"))),
            "One or more parameter values were invalid: Missing the key sk in the item");
  EXPECT_EQ(message(check_item_key(schema, item_of("{'pk':{'N':'1'},'sk':{'S':'b'}}"))),
            "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N");
  EXPECT_EQ(
      message(check_item_key(schema, item_of("{'pk':{'S':''},'sk':{'S':'b'}}"))),
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
      "string value. Key: pk");
}

TEST(Key, KeySizesAreLimited) {
  const auto item = [](std::size_t pk, std::size_t sk) {
    return Item{{"pk", {std::string(pk, 'a')}}, {"sk", {std::string(sk, 'b')}}};
  };
  EXPECT_EQ(message(check_item_key(schema, item(2048, 1024))), "accepted");
  EXPECT_EQ(
      message(check_item_key(schema, item(2049, 1))),
      "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes");
  EXPECT_EQ(
      message(check_item_key(schema, item(1, 1025))),
      "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of "
      "1024 bytes");
}

namespace {

std::string key_condition_error(const char* text,
                                std::string values = "{':a':{'S':'a'},':b':{'S':'b'},':n':{'N':'1'}}") {
  Placeholders known = placeholders("", std::move(values));
  const auto condition = Condition::parse("KeyConditionExpression", text, known);
  if (!condition) return condition.error().message;
  const Result<void> checked = KeyCondition::check(*condition);
  if (!checked) return checked.error().message;
  const auto key = KeyCondition::from(*condition, schema);
  return key ? "accepted" : key.error().message;
}

}  // namespace

TEST(KeyCondition, AcceptsWhatAQueryCanAnswer) {
  for (const char* text :
       {"pk = :a", ":a = pk", "pk = :a AND sk = :b", "sk < :b AND pk = :a", "(pk = :a) and (sk >= :b)",
        "((pk = :a)) AND (((sk = :b)))", "(pk = :a AND sk = :b)", "pk = :a AND :b <= sk",
        "pk = :a AND sk BETWEEN :a AND :b", "pk = :a AND begins_with(sk, :b)"}) {
    EXPECT_EQ(key_condition_error(text), "accepted") << text;
  }
}

TEST(KeyCondition, RefusesTheRestWithAwsTexts) {
  EXPECT_EQ(key_condition_error("sk = :a"), "Query condition missed key schema element: pk");
  EXPECT_EQ(key_condition_error("pk > :a"), "Query key condition not supported");
  EXPECT_EQ(key_condition_error("pk = :a AND rest = :b"), "Query condition missed key schema element: sk");
  EXPECT_EQ(key_condition_error("pk = :a AND sk = :b AND rest = :b"),
            "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)");
  EXPECT_EQ(key_condition_error("rest = :a AND more = :b"), "Query condition missed key schema element: pk");
  EXPECT_EQ(key_condition_error("pk = :a AND pk = :b"),
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key");
  EXPECT_EQ(key_condition_error("pk = :a OR sk = :b"),
            "Invalid operator used in KeyConditionExpression: OR");
  EXPECT_EQ(key_condition_error("pk = :a AND sk <> :b"),
            "Invalid operator used in KeyConditionExpression: <>");
  EXPECT_EQ(key_condition_error("pk = :n"),
            "One or more parameter values were invalid: Condition parameter type does not match schema type");
  EXPECT_EQ(key_condition_error("pk = :a AND sk.x = :b"),
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes");
  EXPECT_EQ(key_condition_error("pk = sk"),
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
  EXPECT_EQ(key_condition_error(":a = :b"),
            "Invalid condition in KeyConditionExpression: No key attribute specified");
  EXPECT_EQ(key_condition_error("pk = :a AND :a BETWEEN sk AND :b"),
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first "
            "operand");
  EXPECT_EQ(key_condition_error("pk = :a AND begins_with(:a, sk)"),
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its "
            "first operand");
  EXPECT_EQ(key_condition_error("size(pk) = :n"), "KeyConditionExpressions cannot contain nested operations");
  EXPECT_EQ(key_condition_error("pk = :a AND sk IN (:b)"), "Invalid operator used in KeyConditionExpression: IN");
  EXPECT_EQ(key_condition_error("NOT pk = :a"), "Invalid operator used in KeyConditionExpression: NOT");
  EXPECT_EQ(key_condition_error("attribute_exists(pk)"),
            "Invalid operator used in KeyConditionExpression: attribute_exists");
}

}  // namespace croft::dynamo
