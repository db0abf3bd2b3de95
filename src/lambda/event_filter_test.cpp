#include "lambda/event_filter.h"

#include <gtest/gtest.h>

namespace croft::lambda {
namespace {

// With ' for ".
std::string quoted(std::string text) {
  for (char& c : text)
    if (c == '\'') c = '"';
  return text;
}

bool takes(const std::string& pattern, const std::string& event) {
  auto filter = EventFilter::parse({quoted(pattern)});
  EXPECT_TRUE(filter) << pattern << ": " << (filter ? "" : filter.error().message);
  return filter && filter->takes(json::parse(quoted(event)).value());
}

TEST(EventFilter, WithoutPatternsEverythingIsTaken) {
  EXPECT_TRUE(EventFilter().takes(json::parse("{}").value()));
  EXPECT_TRUE(EventFilter::of_criteria({})->is_empty());
}

TEST(EventFilter, EveryMemberMustMatchAndOneOfItsValues) {
  EXPECT_TRUE(takes("{'a':['x','y']}", "{'a':'y','b':1}"));
  EXPECT_FALSE(takes("{'a':['x','y']}", "{'a':'z'}"));
  EXPECT_FALSE(takes("{'a':['x'],'b':[1]}", "{'a':'x','b':2}"));
  EXPECT_TRUE(takes("{'a':['x'],'b':[1]}", "{'a':'x','b':1.0}"));
  EXPECT_TRUE(takes("{'a':{'b':{'c':[null]}}}", "{'a':{'b':{'c':null}}}"));
  EXPECT_FALSE(takes("{'a':{'b':['x']}}", "{'a':'x'}"));
  EXPECT_FALSE(takes("{'a':['1']}", "{'a':1}"));
  EXPECT_TRUE(takes("{'a':['']}", "{'a':''}"));
}

TEST(EventFilter, OfAListOneElementIsEnough) {
  EXPECT_TRUE(takes("{'a':['y']}", "{'a':['x','y']}"));
  EXPECT_FALSE(takes("{'a':['z']}", "{'a':['x','y']}"));
}

TEST(EventFilter, Operators) {
  EXPECT_TRUE(takes("{'a':[{'prefix':'ab'}]}", "{'a':'abc'}"));
  EXPECT_FALSE(takes("{'a':[{'prefix':'ab'}]}", "{'a':'ABC'}"));
  EXPECT_TRUE(takes("{'a':[{'prefix':{'equals-ignore-case':'ab'}}]}", "{'a':'ABC'}"));
  EXPECT_TRUE(takes("{'a':[{'suffix':'bc'}]}", "{'a':'abc'}"));
  EXPECT_FALSE(takes("{'a':[{'suffix':'ab'}]}", "{'a':'abc'}"));
  EXPECT_TRUE(takes("{'a':[{'equals-ignore-case':'ABC'}]}", "{'a':'abc'}"));
  EXPECT_TRUE(takes("{'a':[{'numeric':['>',0,'<=',5]}]}", "{'a':5}"));
  EXPECT_FALSE(takes("{'a':[{'numeric':['>',0,'<=',5]}]}", "{'a':0}"));
  EXPECT_TRUE(takes("{'a':[{'numeric':['=',3.5]}]}", "{'a':3.5}"));
  EXPECT_FALSE(takes("{'a':[{'numeric':['=',3]}]}", "{'a':'3'}"));
}

TEST(EventFilter, AnythingBut) {
  EXPECT_TRUE(takes("{'a':[{'anything-but':['x','y']}]}", "{'a':'z'}"));
  EXPECT_FALSE(takes("{'a':[{'anything-but':['x','y']}]}", "{'a':'x'}"));
  EXPECT_FALSE(takes("{'a':[{'anything-but':7}]}", "{'a':7}"));
  EXPECT_FALSE(takes("{'a':[{'anything-but':{'prefix':'x'}}]}", "{'a':'xy'}"));
  EXPECT_TRUE(takes("{'a':[{'anything-but':{'suffix':'x'}}]}", "{'a':'xy'}"));
  EXPECT_FALSE(takes("{'a':[{'anything-but':'x'}]}", "{}"));
}

TEST(EventFilter, ExistsLooksAtLeaves) {
  EXPECT_TRUE(takes("{'a':[{'exists':true}]}", "{'a':null}"));
  EXPECT_FALSE(takes("{'a':[{'exists':true}]}", "{'a':{'b':1}}"));
  EXPECT_TRUE(takes("{'a':[{'exists':false}]}", "{'b':1}"));
  EXPECT_TRUE(takes("{'a':{'b':[{'exists':false}]}}", "{}"));
  EXPECT_FALSE(takes("{'a':[{'exists':false}]}", "{'a':1}"));
}

TEST(EventFilter, OneOfSeveralWaysOrPatterns) {
  const std::string either = "{'$or':[{'a':['x']},{'b':['y']}],'c':[1]}";
  EXPECT_TRUE(takes(either, "{'b':'y','c':1}"));
  EXPECT_FALSE(takes(either, "{'b':'y','c':2}"));
  EXPECT_FALSE(takes(either, "{'a':'y','c':1}"));
  const auto two = EventFilter::parse({R"({"a":["x"]})", R"({"b":["y"]})"}).value();
  EXPECT_TRUE(two.takes(json::parse(R"({"b":"y"})").value()));
  EXPECT_FALSE(two.takes(json::parse(R"({"b":"z"})").value()));
}

TEST(EventFilter, WhatIsNoPatternIsRefused) {
  for (const char* text :
       {"x", "[]", "{}", "{'a':'x'}", "{'a':[]}", "{'a':{}}", "{'a':[[1]]}", "{'a':[{}]}", "{'a':[{'like':'x'}]}",
        "{'a':[{'exists':'yes'}]}", "{'a':[{'prefix':1}]}", "{'a':[{'numeric':['>']}]}", "{'a':[{'numeric':['~',1]}]}",
        "{'a':[{'anything-but':[]}]}", "{'a':[{'prefix':'x','suffix':'y'}]}", "{'$or':[1]}"}) {
    const auto filter = EventFilter::parse({quoted(text)});
    ASSERT_FALSE(filter) << text;
    EXPECT_EQ(filter.error().code, "InvalidParameterValueException");
    EXPECT_TRUE(filter.error().message.starts_with("Invalid filter pattern definition. ")) << filter.error().message;
  }
  EXPECT_FALSE(EventFilter::parse(std::vector<std::string>(6, R"({"a":[1]})")));
}

}  // namespace
}  // namespace croft::lambda
