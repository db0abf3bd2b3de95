#include "dynamo/attribute_json.h"

#include <gmock/gmock.h>

#include "dynamo/attribute_encoding.h"
#include "dynamo/testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT

namespace {

Error refusal(std::string text) {
  for (char& c : text) c = c == '\'' ? '"' : c;
  const auto value = attribute_value(parsed(text));
  return value ? Error{"none", "accepted"} : value.error();
}

std::string nested(std::size_t levels) {
  std::string text = "{'S':'leaf'}";
  for (std::size_t i = 0; i < levels; ++i) text = i % 2 ? "{'L':[" + text + "]}" : "{'M':{'n':" + text + "}}";
  return text;
}

constexpr const char* every_type =
    "{'b':{'B':'AAEC'},'bs':{'BS':['AA==','AQ==']},'f':{'BOOL':false},'l':{'L':[{'S':'x'},{'L':[]}]},"
    "'m':{'M':{'in':{'N':'1'}}},'n':{'N':'-12.5'},'ns':{'NS':['1','2','10']},'nul':{'NULL':true},"
    "'s':{'S':'a\\u0000b'},'ss':{'SS':['','a','b']}}";

}  // namespace

TEST(AttributeJson, EveryTypeReadsAndPrintsTheSame) {
  EXPECT_EQ(text_of(item_of(every_type)), every_type);
  EXPECT_EQ(json::dump(to_json(item_of(every_type))).size(), std::string(every_type).size());
}

TEST(AttributeJson, EveryTypeSurvivesTheStoredForm) {
  const Item item = item_of(every_type);

  const std::string row = encode_item(item, counted_bytes(item));

  EXPECT_EQ(text_of(decode_item(row)), every_type);
  EXPECT_EQ(counted_bytes_of_row(row), counted_bytes(item));
}

TEST(AttributeJson, NumbersAreBroughtToOneForm) {
  EXPECT_EQ(text_of(item_of("{'n':{'N':'1.0E+2'}}")), "{'n':{'N':'100'}}");
}

TEST(AttributeJson, RefusesValuesWithAwsTexts) {
  EXPECT_EQ(refusal("{}").message,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(refusal("{'a':''}").message,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(
      refusal("{'S':'a','N':'1'}").message,
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
  EXPECT_EQ(refusal("{'NULL':false}").message,
            "One or more parameter values were invalid: Null attribute value types must have the value of true");
  EXPECT_EQ(refusal("{'SS':[]}").message,
            "One or more parameter values were invalid: An string set  may not be empty");
  EXPECT_EQ(refusal("{'NS':[]}").message,
            "One or more parameter values were invalid: An number set  may not be empty");
  EXPECT_EQ(refusal("{'BS':[]}").message,
            "One or more parameter values were invalid: Binary sets should not be empty");
  EXPECT_EQ(refusal("{'SS':['a','a']}").message,
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.");
  EXPECT_EQ(refusal("{'NS':['1','1.0']}").message, "Input collection contains duplicates");
  EXPECT_EQ(
      refusal("{'BS':['Yg==','Yg==']}").message,
      "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates.");
  EXPECT_EQ(refusal("{'N':'b'}").message, "The parameter cannot be converted to a numeric value: b");
  EXPECT_EQ(refusal("{'N':'b'}").code, "ValidationException");
}

TEST(AttributeJson, OfSeveralTypesTheFaultOfOneIsToldFirst) {
  EXPECT_EQ(refusal("{'S':'','N':''}").message, "The parameter cannot be converted to a numeric value");
  EXPECT_EQ(refusal("{'N':'1','SS':[]}").message,
            "One or more parameter values were invalid: An string set  may not be empty");
  EXPECT_EQ(refusal("{'SS':[],'NULL':false}").message,
            "One or more parameter values were invalid: Null attribute value types must have the value of true");
  EXPECT_EQ(refusal("{'M':{'a':{}},'S':'x'}").message,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

TEST(AttributeJson, SetsHaveNoNulls) {
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(refusal("{'SS':['a',null]}").message, invalid + "An string set may not have a null string as a member");
  EXPECT_EQ(refusal("{'NS':['1',null]}").message, invalid + "An number set may not have a null string as a member");
  EXPECT_EQ(refusal("{'BS':[null,'QQ==']}").message, invalid + "Binary sets may not contain null values");
  EXPECT_EQ(refusal("{'SS':[null]}").code, "ValidationException");
}

TEST(AttributeJson, FlagsMayBeWords) {
  EXPECT_EQ(text_of(item_of("{'a':{'BOOL':'yes'},'b':{'BOOL':'1'},'c':{'BOOL':'TRUE'}}")),
            "{'a':{'BOOL':true},'b':{'BOOL':true},'c':{'BOOL':true}}");
  EXPECT_EQ(text_of(item_of("{'a':{'BOOL':'no'},'b':{'BOOL':'0'},'c':{'BOOL':'False'}}")),
            "{'a':{'BOOL':false},'b':{'BOOL':false},'c':{'BOOL':false}}");
  EXPECT_EQ(text_of(item_of("{'a':{'NULL':'yes'},'b':{'NULL':'1'}}")), "{'a':{'NULL':true},'b':{'NULL':true}}");
  EXPECT_EQ(refusal("{'NULL':'no'}").message,
            "One or more parameter values were invalid: Null attribute value types must have the value of true");
  EXPECT_EQ(refusal("{'BOOL':'maybe'}").message, "Unexpected token received from parser");
}

TEST(AttributeJson, WrongJsonTypesAreSerializationErrors) {
  EXPECT_EQ(refusal("{'S':12}").message, "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(refusal("{'S':true}").message, "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(refusal("{'N':1}").code, "SerializationException");
  EXPECT_EQ(refusal("{'M':[]}").code, "SerializationException");
  EXPECT_EQ(refusal("{'L':{}}").code, "SerializationException");
  EXPECT_EQ(refusal("{'SS':'a'}").code, "SerializationException");
  EXPECT_EQ(refusal("{'B':'a'}").message, "Base64 encoded length is expected a multiple of 4 bytes but found: 1");
  EXPECT_EQ(refusal("{'B':'a?=='}").code, "SerializationException");
  EXPECT_EQ(refusal("'text'").code, "SerializationException");
}

TEST(AttributeJson, DocumentsHaveAtMostThirtyTwoLevels) {
  EXPECT_EQ(refusal(nested(31)).message, "accepted");
  EXPECT_EQ(refusal(nested(32)).message,
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
            "supported limit");
}

// Source: Developer Guide, "DynamoDB Item sizes and formats".
TEST(AttributeJson, SizesAreCountedAsAwsDoes) {
  EXPECT_EQ(counted_bytes(item_of("{'id':{'S':'abc'}}")), 5u);
  EXPECT_EQ(counted_bytes(item_of("{'n':{'N':'1234'}}")), 1u + 3u);
  EXPECT_EQ(counted_bytes(item_of("{'n':{'N':'-1'}}")), 1u + 3u);
  EXPECT_EQ(counted_bytes(item_of("{'t':{'BOOL':true}}")), 2u);
  EXPECT_EQ(counted_bytes(item_of("{'m':{'M':{'ab':{'S':'cd'}}}}")), 1u + 3u + 1u + 4u);
  EXPECT_EQ(counted_bytes(item_of("{'l':{'L':[{'NULL':true},{'S':'xy'}]}}")), 1u + 3u + 2u + 3u);
  EXPECT_EQ(counted_bytes(item_of("{'s':{'SS':['ab','c']}}")), 4u);
}

TEST(AttributeJson, LengthsOfStringsAreUtf16Units) {
  EXPECT_EQ(utf16_length("abc"), 3u);
  EXPECT_EQ(utf16_length("\xc3\xa9\xf0\x9d\x84\x9e"), 3u);  // e acute, G clef
}

}  // namespace croft::dynamo
