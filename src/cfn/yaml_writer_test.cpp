#include "cfn/yaml_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::HasSubstr;

std::string through_yaml(const std::string& json_text) {
  auto v = json::parse(json_text);
  EXPECT_TRUE(v);
  auto again = read_template(write_yaml(*v));
  return again ? json::dump(json::value(*again)) : again.error().message + "\n" + write_yaml(*v);
}

TEST(YamlWriter, WritesBlocksInLongForm) {
  EXPECT_EQ(write_yaml(json::value(document("R: {A: !GetAtt B.Arn, L: [1, {x: !Ref Q, z: []}], E: {}}\n"))),
            "R:\n  A:\n    Fn::GetAtt:\n      - B\n      - Arn\n  L:\n    - 1\n    - x:\n        Ref: Q\n      z: "
            "[]\n  E: {}\n");
}

TEST(YamlWriter, WritesWhatTheReaderReadsBack) {
  for (const std::string text : {
           R"({"a":"","b":"2016-03-23","c":"012","d":"true","e":"null","f":"1.5","g":"- x","h":"a: b","i":"#c"})",
           R"({"a":"SELECT *\nFROM 'x'\n","b":"\u0001\u007f","c":"\u0085\u2028\ufeff","d":"{x}","e":" x "})",
           R"({"e":"*a","f":"&a","g":"!Ref","h":"%x","i":"@x","j":"`x","k":"x #y","l":"x:","m":"|","n":"?"})",
           R"({"yes":"no","<<":{"a":1},"~":0,"5":5,"a b":"x:","":"y"})",
           R"({"a":[[],[[1,[2]],{"a":[{"b":1}]}]],"b":{"c":{}}})",
           R"({"a":1.5,"b":-7,"c":18446744073709551615,"d":1e+300,"e":true,"f":null,"g":"12e5","h":"22:22"})",
       }) {
    EXPECT_EQ(through_yaml(text), json::dump(*json::parse(text)));
  }
}

TEST(YamlWriter, WritesKeysOfAnyLength) {
  const std::string key(2000, 'k');
  const std::string text = R"({"a":{")" + key + R"(":{"x":[1]},")" + key + R"(2":5}})";

  EXPECT_EQ(through_yaml(text), text);
}

TEST(YamlWriter, KeepsTheArticlesTemplate) {
  const json::object template_document = document(article_file("sam.yml"));

  EXPECT_EQ(document(write_yaml(json::value(template_document))), template_document);
  EXPECT_THAT(write_yaml(json::value(template_document)), HasSubstr("AwsIotSqlVersion: \"2016-03-23\""));
}

}  // namespace
}  // namespace croft::cfn
