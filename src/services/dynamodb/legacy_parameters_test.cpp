#include "services/dynamodb/legacy_parameters.h"

#include <gmock/gmock.h>

#include "dynamo/expressions/key_condition.h"
#include "dynamo/testing.h"
#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

using dynamo::testing::item_of;
using dynamo::testing::text_of;

namespace {

json::object document(std::string text) {
  for (char& c : text) c = c == '\'' ? '"' : c;
  return json::parse(text).value().as_object();
}

const dynamo::Item item = item_of("{'p':{'S':'k'},'n':{'N':'5'},'s':{'S':'hello'},'ns':{'NS':['1','5']}}");

// Whether Expected holds of the item above, or why it is refused.
std::string holds(const std::string& expected, const std::string& more = "") {
  try {
    const auto put =
        read_put(document("{'TableName':'tab','Item':{'p':{'S':'k'}},'Expected':" + expected + more + "}"));
    return !put.request.condition || put.request.condition->matches(item) ? "yes" : "no";
  } catch (const ApiError& refusal) {
    return refusal.error().message;
  }
}

std::string after(const std::string& updates) {
  const auto update =
      read_update(document("{'TableName':'tab','Key':{'p':{'S':'k'}},'AttributeUpdates':" + updates + "}"));
  const Result<dynamo::Item> updated = update.request.update->apply(item);
  return updated ? text_of(*updated) : updated.error().message;
}

}  // namespace

TEST(LegacyParameters, ExpectedBecomesACondition) {
  EXPECT_EQ(holds("{'n':{'Value':{'N':'5.0'}},'absent':{'Exists':false}}"), "yes");
  EXPECT_EQ(holds("{'n':{'Value':{'N':'6'}},'absent':{'Exists':false}}"), "no");
  EXPECT_EQ(holds("{'n':{'Value':{'N':'6'}},'absent':{'Exists':false}}", ",'ConditionalOperator':'OR'"), "yes");
  EXPECT_EQ(holds("{'n':{'ComparisonOperator':'BETWEEN','AttributeValueList':[{'N':'1'},{'N':'5'}]}}"), "yes");
  EXPECT_EQ(holds("{'ns':{'ComparisonOperator':'NOT_CONTAINS','AttributeValueList':[{'N':'5'}]}}"), "no");
  EXPECT_EQ(holds("{'absent':{'ComparisonOperator':'NOT_CONTAINS','AttributeValueList':[{'N':'5'}]}}"), "no");
  EXPECT_EQ(holds("{'absent':{'ComparisonOperator':'NE','AttributeValueList':[{'N':'5'}]}}"), "yes");
  EXPECT_EQ(holds("{}"), "yes");
  EXPECT_EQ(holds("{'n':{'Exists':true}}"),
            "One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: n");
  EXPECT_EQ(holds("{'n':{'Value':{'N':'6'}}}", ",'ConditionalOperator':'OR'"),
            "ConditionalOperator can only be used when Filter or Expected has two or more elements");
}

TEST(LegacyParameters, AttributeUpdatesBecomeAnUpdate) {
  EXPECT_EQ(after("{'n':{'Action':'ADD','Value':{'N':'2'}},'s':{'Action':'DELETE'},'x':{'Value':{'L':[]}}}"),
            "{'n':{'N':'7'},'ns':{'NS':['1','5']},'p':{'S':'k'},'x':{'L':[]}}");
  EXPECT_EQ(after("{'ns':{'Action':'DELETE','Value':{'NS':['1','5']}},'s':{'Value':{'S':'y'}}}"),
            "{'n':{'N':'5'},'p':{'S':'k'},'s':{'S':'y'}}");
  EXPECT_EQ(after("{'s':{'Action':'ADD','Value':{'N':'2'}}}"), "Type mismatch for attribute to update");
}

TEST(LegacyParameters, KeyConditionsBecomeAKeyCondition) {
  const auto query = read_query(
      document("{'TableName':'tab','KeyConditions':{'c':{'ComparisonOperator':'GE','AttributeValueList':[{'N':'1'}]},"
               "'p':{'ComparisonOperator':'EQ','AttributeValueList':[{'S':'k'}]}}}"));

  const auto key = dynamo::KeyCondition::from(
      query.request.key_condition, {{"p", dynamo::Type::string}, dynamo::KeyAttribute{"c", dynamo::Type::number}});

  ASSERT_TRUE(key);
  EXPECT_EQ(*key->partition.get<std::string>(), "k");
  EXPECT_EQ(key->sort_operator, dynamo::Condition::Kind::greater_equal);
}

TEST(LegacyParameters, WrongTypesAreToldBeforeAnythingElse) {
  EXPECT_EQ(holds("{'n':{'Value':'x'}}", ",'ReturnValues':'X'"), "Unexpected field type");
  EXPECT_EQ(holds("{'n':{'AttributeValueList':[{'L':[{'B':'abc'}]}]}}"),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3");
  EXPECT_EQ(holds("[]"),
            "Unrecognized collection type java.util.Map<java.lang.String, "
            "com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue>");
}

}  // namespace croft::services::dynamodb
