#include "services/s3/xml_reader.h"

#include <gtest/gtest.h>

#include "services/s3/limits.h"

namespace croft::services::s3 {

namespace {

std::string outline(const XmlElement& element) {
  std::string out = element.name + '(' + element.text;
  for (const XmlElement& child : element.children) out += outline(child);
  return out + ')';
}

std::string read(std::string_view text) {
  const auto root = read_xml(text);
  return root ? outline(*root) : root.error().code;
}

}  // namespace

TEST(XmlReader, ReadsElementsTextAndEntities) {
  EXPECT_EQ(read("<?xml version=\"1.0\"?>\n<!-- c --><Delete xmlns=\"x\"><Key>a &amp; &lt;b&gt; "
                 "&#65;&#x42;</Key><Q/></Delete>\n"),
            "Delete(Key(a & <b> AB)Q())");
  EXPECT_EQ(read("<a><![CDATA[<x>&amp;]]></a>"), "a(<x>&amp;)");
  EXPECT_EQ(read("<s3:a xmlns:s3='y'>t</s3:a>"), "a(t)");
  EXPECT_EQ(read("<a/>"), "a()");
}

TEST(XmlReader, WhatIsNotWellFormedIsRefused) {
  for (const char* text : {"", "text", "<a>", "<a></b>", "<a></a><b/>", "</a>", "<a>&unknown;</a>", "<a>& </a>", "<a",
                           "<>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#99999999999;</a>", "<!-- <a/>",
                           "<a><![CDATA[x</a>", "<a>\xFF</a>", "x<a/>", "<?xml <a/>"}) {
    EXPECT_EQ(read(text), "MalformedXML") << text;
  }
}

TEST(XmlReader, DocumentTypesAreRefused) {
  EXPECT_EQ(read("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), "MalformedXML");
  EXPECT_EQ(read("<a><!DOCTYPE b></a>"), "MalformedXML");
}

TEST(XmlReader, DepthAndCountAreLimited) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "<a>";
    for (std::size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  std::string many = "<a>";
  for (std::size_t i = 0; i < xml_elements_max; ++i) many += "<b/>";

  EXPECT_NE(read(nested(xml_depth_max)), "MalformedXML");
  EXPECT_EQ(read(nested(xml_depth_max + 1)), "MalformedXML");
  EXPECT_EQ(read(many + "</a>"), "MalformedXML");
}

TEST(XmlReader, EveryCutOfADocumentIsRefused) {
  const std::string whole = "<?xml version=\"1.0\"?><a b=\"c\"><d>e&amp;f</d><!-- g --><h/><![CDATA[i]]></a>";

  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(read(std::string_view(whole).substr(0, length)), "MalformedXML") << length;
  }
}

}  // namespace croft::services::s3
