// What the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "cfn/template.h"
#include "cfn/template_reader.h"

namespace croft::cfn {

inline json::object document(std::string_view yaml) {
  auto read = read_template(yaml);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : json::object();
}

// The value of `v` in the template text "v: ...".
inline json::value yaml_value(std::string_view yaml) {
  return document("v: " + std::string(yaml)).at("v");
}

inline Template parsed(std::string_view yaml) {
  auto t = parse_template(document(yaml));
  EXPECT_TRUE(t) << (t ? "" : t.error().message);
  return t ? *t : Template();
}

template <class T>
std::string refusal(const Result<T>& result) {
  return result ? "(not refused)" : result.error().message;
}

inline std::string article_file(std::string_view name) {
  std::ifstream file(std::string(__FILE__).substr(0, std::string_view(__FILE__).rfind("src/cfn/")) +
                     "tests/article/" + std::string(name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace croft::cfn
