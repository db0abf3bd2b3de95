#include "cfn/template_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/limits.h"

namespace croft::cfn {
namespace {

using testing::HasSubstr;

std::string as_json(std::string_view text) {
  auto document = read_template(text);
  return document ? json::dump(json::value(*document)) : document.error().message;
}

TEST(TemplateReader, TakesScalarsAsYaml11) {
  EXPECT_EQ(as_json("a: 1\nb: -7\nc: 1.5\nd: true\ne: Yes\nf: off\ng: text\nh: ~\n"),
            R"({"a":1,"b":-7,"c":1.5,"d":true,"e":true,"f":false,"g":"text","h":null})");
}

TEST(TemplateReader, LeavesDatesAccountIdsAndLongNumbersAsStrings) {
  EXPECT_EQ(
      as_json("a: 2016-03-23\nb: 012345678901\nc: 123456789012345678901\nd: 12e5\ne: 22:22\nf: 0o17\ng: 1_000\n"),
      R"({"a":"2016-03-23","b":"012345678901","c":"123456789012345678901","d":"12e5","e":"22:22","f":"0o17",)"
      R"("g":"1_000"})");
}

TEST(TemplateReader, LeavesQuotedAndBlockScalarsAsStrings) {
  EXPECT_EQ(as_json("a: \"1\"\nb: 'true'\nc: |\n  5\nd: >-\n  SELECT\n    *\n"),
            R"({"a":"1","b":"true","c":"5\n","d":"SELECT\n  *"})");
}

TEST(TemplateReader, WritesShortFormsInLongForm) {
  EXPECT_EQ(
      as_json("a: !Ref X\nb: !Condition C\nc: !Sub '${A}'\nd: !Join ['-', [a, !Ref B]]\ne: !Not [!Equals [a, b]]\n"
              "f: !Base64 5\ng: !GetAZs ''\nh: !Select [0, !Split [',', 'a,b']]\n"),
      R"({"a":{"Ref":"X"},"b":{"Condition":"C"},"c":{"Fn::Sub":"${A}"},)"
      R"("d":{"Fn::Join":["-",["a",{"Ref":"B"}]]},"e":{"Fn::Not":[{"Fn::Equals":["a","b"]}]},)"
      R"("f":{"Fn::Base64":"5"},"g":{"Fn::GetAZs":""},"h":{"Fn::Select":[0,{"Fn::Split":[",","a,b"]}]}})");
}

TEST(TemplateReader, SplitsGetAttAtItsFirstDot) {
  EXPECT_EQ(as_json("a: !GetAtt A.B\nb: !GetAtt A.B.C\nc: !GetAtt [A, B]\n"),
            R"({"a":{"Fn::GetAtt":["A","B"]},"b":{"Fn::GetAtt":["A","B.C"]},"c":{"Fn::GetAtt":["A","B"]}})");
}

TEST(TemplateReader, ExpandsAliasesAndMerges) {
  EXPECT_EQ(as_json("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n"),
            R"({"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":{"q":3,"p":1}})");
}

TEST(TemplateReader, ReadsJsonWithItsEscapes) {
  EXPECT_EQ(as_json("\n { \"a\": [1, \"\\ud83d\\ude00\", null] } \n"), "{\"a\":[1,\"\xF0\x9F\x98\x80\",null]}");
}

TEST(TemplateReader, TellsWhereYamlBreaks) {
  EXPECT_EQ(as_json("a: 1\nb: [1\nc: 2\n"), "Template format error: YAML not well-formed. (line 3, column 2)");
  EXPECT_EQ(as_json("a: 1\n  b: 2\n"), "Template format error: YAML not well-formed. (line 2, column 4)");
}

TEST(TemplateReader, RefusesAQuotedScalarThatNothingEnds) {
  const auto broken = [](int line, int column) {
    return "Template format error: YAML not well-formed. (line " + std::to_string(line) + ", column " + std::to_string(column) +
           ")";
  };
  EXPECT_EQ(as_json("a: \"b"), broken(1, 6));
  EXPECT_EQ(as_json("a: \"b\n"), broken(2, 1));
  EXPECT_EQ(as_json("a: 'b\r\n\r\n  \t"), broken(3, 4));
  EXPECT_EQ(as_json("a: 'b\nc: d\n"), broken(3, 1));
  EXPECT_EQ(as_json("a: !Sub \"b\n"), broken(2, 1));
  EXPECT_EQ(as_json("\xC3\xA9\xC3\xA9: 1\nc: &x 'it''s\n"), broken(3, 1));
  EXPECT_EQ(as_json("a: 1\n'b\n"), broken(3, 1));
  EXPECT_EQ(as_json("a: \"b\\\"\n"), broken(2, 1));
}

TEST(TemplateReader, TakesQuotesThatEnd) {
  EXPECT_EQ(as_json("a: \"b\"\n\n"), R"({"a":"b"})");
  EXPECT_EQ(as_json("a: !Sub 'b'\n # it's\n"), R"({"a":{"Fn::Sub":"b"}})");
  EXPECT_EQ(as_json("a: |\n  say \"b\n\n"), R"({"a":"say \"b\n"})");
  EXPECT_EQ(as_json("a: b's\n"), R"({"a":"b's"})");
}

TEST(TemplateReader, TellsWhereJsonBreaks) {
  EXPECT_EQ(as_json("{\n  \"a\": ,\n}"), "Template format error: JSON not well-formed. (line 2, column 8)");
  EXPECT_EQ(as_json("{} x"), "Template format error: JSON not well-formed. (line 1, column 4)");
  EXPECT_EQ(as_json("{\"a\":1"), "Template format error: JSON not well-formed. (line 1, column 7)");
}

TEST(TemplateReader, RefusesANumberBeyondDouble) {
  EXPECT_THAT(as_json(R"({"a":6E55555})"), HasSubstr("JSON not well-formed."));
  EXPECT_EQ(as_json("a: 6.0E55555\n"), R"({"a":"6.0E55555"})");
}

TEST(TemplateReader, RefusesADuplicateKey) {
  EXPECT_EQ(as_json("a: 1\nb: 2\na: 3\n"), "Template format error: Duplicate key a. (line 3, column 1)");
  EXPECT_THAT(as_json(R"({"a":{"b":1,"b":2}})"), HasSubstr("Duplicate key b."));
  EXPECT_EQ(as_json(R"([{"a":1}])"), "Template format error: unsupported structure.");
}

TEST(TemplateReader, RefusesUnknownTagsAndKeysThatAreNoStrings) {
  EXPECT_THAT(as_json("a: !Nope x\n"), HasSubstr("Unsupported YAML tag !Nope. (line 1, column 4)"));
  EXPECT_THAT(as_json("a: !!binary eA==\n"), HasSubstr("Unsupported YAML tag"));
  EXPECT_THAT(as_json("? [a]\n: 1\n"), HasSubstr("A key must be a string."));
  EXPECT_THAT(as_json("? !Ref a\n: 1\n"), HasSubstr("YAML not well-formed."));
}

TEST(TemplateReader, RefusesTheEscapesThatItsParserBreaks) {
  EXPECT_THAT(as_json("a: \"\\N\"\n"), HasSubstr("The escapes \\N and \\_ are not supported."));
  EXPECT_EQ(as_json("a: \"\\u0085\\xA0\"\n"), "{\"a\":\"\xC2\x85\xC2\xA0\"}");
}

TEST(TemplateReader, RefusesWhatIsNotOneMap) {
  EXPECT_EQ(as_json(""), "Template format error: unsupported structure.");
  EXPECT_EQ(as_json("- a\n"), "Template format error: unsupported structure.");
  EXPECT_EQ(as_json("a: 1\n---\nb: 2\n"), "Template format error: more than one document.");
  EXPECT_EQ(as_json("a: \xff\n"), "Template format error: the template is not UTF-8 text.");
}

std::string nested(std::size_t depth) {  // depth counts the outermost map
  return "a: " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "\n";
}

TEST(TemplateReader, BoundsTheDepthOfYaml) {
  EXPECT_TRUE(read_template(nested(template_depth_max)));
  EXPECT_THAT(as_json(nested(template_depth_max + 1)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(as_json(nested(40'000)), HasSubstr("nested deeper than 64 levels"));
}

TEST(TemplateReader, BoundsTheDepthThatAliasesBuild) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }

  EXPECT_THAT(as_json(text), HasSubstr("nested deeper than 64 levels"));
}

TEST(TemplateReader, BoundsTheDepthOfJson) {
  const std::string deep(70, '[');
  EXPECT_THAT(as_json("{\"a\":" + deep), HasSubstr("JSON not well-formed."));
}

TEST(TemplateReader, BoundsWhatAliasesExpandTo) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j ? ", " : "") + before;
    text += "]\n";
  }

  EXPECT_THAT(as_json(text), HasSubstr("with its aliases expanded, holds too much"));
}

TEST(TemplateReader, RefusesAnAliasOfItself) {
  EXPECT_THAT(as_json("a: &x [*x]\n"), HasSubstr("YAML not well-formed."));
  EXPECT_THAT(as_json("a: *nope\n"), HasSubstr("YAML not well-formed."));
}

}  // namespace
}  // namespace croft::cfn
