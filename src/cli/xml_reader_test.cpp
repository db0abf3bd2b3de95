#include "cli/xml_reader.h"

#include <gtest/gtest.h>

#include "cli/limits.h"

namespace croft::cli {
namespace {

TEST(XmlReader, ReadsAnAnswerOfTheQueryProtocol) {
  auto root = read_xml(R"(<?xml version="1.0"?>
<DescribeStacksResponse xmlns="http://x/"><DescribeStacksResult><Stacks>
  <member><StackName>a</StackName><Outputs/></member>
  <member><StackName>b &lt;&amp;&#x41;&#66;</StackName></member>
</Stacks></DescribeStacksResult></DescribeStacksResponse>)");

  ASSERT_TRUE(root);
  const XmlElement* result = root->child("DescribeStacksResult");
  ASSERT_TRUE(result);
  const auto stacks = result->members("Stacks");
  ASSERT_EQ(stacks.size(), 2u);
  EXPECT_EQ(stacks[0]->at("StackName"), "a");
  EXPECT_EQ(stacks[1]->at("StackName"), "b <&AB");
  EXPECT_EQ(root->at("DescribeStacksResult/Nothing/Here"), "");
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"", "x", "<a>", "<a></b>", "<a><b></a></b>", "<a>&nbsp;</a>", "<a>&</a>", "<", "<a",
                           "</a>", "<>", "<!DOCTYPE a><a/>", "<a>&#xFFFFFFFFFF;</a>", "<!-- <a/>"}) {
    EXPECT_FALSE(read_xml(text)) << text;
  }
}

TEST(XmlReader, DepthHasALimit) {
  std::string deep, close;
  for (std::size_t i = 0; i < limits::xml_depth_max; ++i) {
    deep += "<a>";
    close += "</a>";
  }

  EXPECT_TRUE(read_xml(deep + close));
  EXPECT_FALSE(read_xml("<a>" + deep + close + "</a>"));
}

}  // namespace
}  // namespace croft::cli
