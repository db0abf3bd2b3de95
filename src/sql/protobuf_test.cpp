#include "sql/protobuf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/limits.h"

namespace croft::sql {

namespace {

using testing::HasSubstr;

// The wire format, written.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(std::uint32_t field, std::uint64_t value) { return varint(field << 3) + varint(value); }
std::string bytes(std::uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}

enum Label : int { optional = 1, required = 2, repeated = 3 };
enum Kind : int { int32 = 5, text = 9, group = 10, message = 11 };

std::string field(const std::string& name, std::uint32_t number_of, Kind kind, Label label = optional,
                  const std::string& type = "") {
  return bytes(
      2, bytes(1, name) + number(3, number_of) + number(4, label) + number(5, kind) + (type.empty() ? "" : bytes(6, type)));
}
std::string message_type(const std::string& name, const std::string& parts) { return bytes(4, bytes(1, name) + parts); }
std::string file(const std::string& types, const std::string& syntax = "proto3") {
  return bytes(1, bytes(1, "f.proto") + types + bytes(12, syntax));
}

const std::string tree =
    file(message_type("Tree", field("name", 1, text) + field("child", 2, message, repeated, ".Tree") +
                                  field("one", 3, message, optional, ".Tree") + field("numbers", 4, int32, repeated)));

std::string refusal(const std::string& set) {
  const auto schema = ProtobufSchema::read(set);
  return schema ? "taken" : schema.error().code + ": " + schema.error().message;
}

std::string told(const std::string& set, const std::string& payload, const std::string& type = "Tree") {
  const auto schema = ProtobufSchema::read(set);
  if (!schema) return "no schema";
  const auto value = (*schema)->decode("f", type, payload);
  return value ? write_json(*value, SqlVersion::v2016_03_23, SIZE_MAX).value() : "error: " + value.error().message;
}

}  // namespace

TEST(ProtobufSchema, ReadsWhatProtocWrites) {
  EXPECT_EQ(told(tree, bytes(1, "r") + bytes(2, bytes(1, "a")) + bytes(2, "") + bytes(4, varint(1) + varint(2)) + number(4, 3)),
            R"({"name":"r","child":[{"name":"a"},{}],"numbers":[1,2,3]})");
}

TEST(ProtobufSchema, EveryCutOfADescriptorIsRefused) {
  for (std::size_t size = 0; size < tree.size(); ++size)
    EXPECT_EQ(refusal(tree.substr(0, size)),
              "RuleExecutionFailure: decode: the object is not a whole FileDescriptorSet (protoc --include_imports)")
        << size;
}

TEST(ProtobufSchema, WhatCannotBeLinkedIsRefused) {
  const std::string broken = "the object is not a whole FileDescriptorSet";
  EXPECT_THAT(refusal(file(message_type("M", field("x", 1, message, optional, ".Missing")))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("M", "") + message_type("M", ""))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("M", field("a", 1, int32) + field("b", 1, int32)))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("M", field("a", 0, int32)))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("M", field("a", 1, static_cast<Kind>(19))))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("", ""))), HasSubstr(broken));
  EXPECT_THAT(refusal(file(message_type("M", bytes(7, number(7, 1)) + field("key", 1, text)))),
              HasSubstr(broken));  // a map's entry
  EXPECT_THAT(refusal(file(message_type("\xff", ""))), HasSubstr(broken));
}

TEST(ProtobufSchema, NestedTypesAreBounded) {
  const auto nested = [](int depth) {
    std::string parts = bytes(1, "M");
    for (int i = 0; i < depth; ++i) parts = bytes(1, "M") + bytes(3, parts);
    return file(bytes(4, parts));
  };
  EXPECT_EQ(refusal(nested(limits::protobuf_depth_max)), "taken");
  EXPECT_NE(refusal(nested(limits::protobuf_depth_max + 1)), "taken");
}

TEST(ProtobufSchema, ItsSizeIsBounded) {
  const std::string filler = bytes(100, std::string(limits::protobuf_schema_bytes_max - tree.size() - 5, 'x'));
  ASSERT_EQ(tree.size() + filler.size(), limits::protobuf_schema_bytes_max);

  EXPECT_EQ(refusal(tree + filler), "taken");
  EXPECT_THAT(refusal(tree + filler + "x"), HasSubstr("larger than 32 KB"));
}

TEST(ProtobufDecode, EveryCutOfAMessageIsRefusedOrAMessage) {
  const std::string whole = bytes(3, bytes(3, bytes(1, "abc")));
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(told(tree, whole.substr(0, size)), "error: decode: the payload is not a message Tree") << size;
}

TEST(ProtobufDecode, DepthIsBounded) {
  const auto nested = [](int depth) {
    std::string payload;
    for (int i = 0; i < depth; ++i) payload = bytes(3, payload);
    return payload;
  };
  EXPECT_THAT(told(tree, nested(limits::protobuf_depth_max)), HasSubstr(R"({"one":{}})"));
  EXPECT_THAT(told(tree, nested(limits::protobuf_depth_max + 1)), HasSubstr("not a message"));
}

TEST(ProtobufDecode, GroupsThatNobodyKnowsAreSkippedAsFarAsTheDepth) {
  const auto groups = [](int depth, const std::string& inside) {
    std::string payload = inside;
    for (int i = 0; i < depth; ++i) payload = varint(9 << 3 | 3) + payload + varint(9 << 3 | 4);
    return payload;
  };
  EXPECT_EQ(told(tree, groups(3, bytes(1, "inside")) + bytes(1, "x")), R"({"name":"x"})");
  EXPECT_THAT(told(tree, groups(limits::protobuf_depth_max + 1, "")), HasSubstr("not a message"));
  EXPECT_THAT(told(tree, varint(9 << 3 | 3) + varint(8 << 3 | 4)), HasSubstr("not a message"));  // another one's end
  EXPECT_THAT(told(tree, varint(9 << 3 | 4)), HasSubstr("not a message"));
}

TEST(ProtobufDecode, AVarintHasTenBytes) {
  EXPECT_EQ(told(tree, varint(4 << 3) + std::string(9, '\x80') + '\x01'), R"({"numbers":[0]})");
  EXPECT_THAT(told(tree, varint(4 << 3) + std::string(10, '\x80') + '\x01'), HasSubstr("not a message"));
}

TEST(ProtobufDecode, InputAndOutputAreBounded) {
  const auto named = [](std::size_t size) { return bytes(1, std::string(size, 'x')); };
  const std::size_t json_around = std::string(R"({"name":""})").size();
  EXPECT_THAT(told(tree, named(limits::protobuf_payload_bytes_max - json_around)), HasSubstr("xx"));
  EXPECT_THAT(told(tree, named(limits::protobuf_payload_bytes_max - json_around + 1)), HasSubstr("the result is larger"));
  EXPECT_THAT(told(tree, named(limits::protobuf_payload_bytes_max)), HasSubstr("the payload is larger"));
}

TEST(ProtobufDecode, ManyEmptyMessagesCostWhatTheyAre) {
  std::string payload;
  while (payload.size() < limits::protobuf_payload_bytes_max) payload += bytes(2, "");

  EXPECT_THAT(told(tree, payload), HasSubstr("the result is larger"));
}

TEST(ProtobufDecode, ManyRequiredFieldsAreLookedAtOnlyWhereTheyAre) {
  std::string fields;
  for (std::uint32_t i = 3; i < 1200; ++i) fields += field("f", i, int32, optional);
  const std::string set = file(
      message_type("Tree", field("r", 1, int32, required) + field("child", 2, message, repeated, ".Tree") + fields), "proto2");
  std::string payload = number(1, 1);
  for (int i = 0; i < 20'000; ++i) payload += bytes(2, number(1, 1));

  EXPECT_THAT(told(set, payload), HasSubstr("the result is larger"));
  EXPECT_EQ(told(set, number(1, 7) + bytes(2, "")), "error: decode: the required field r is missing");
}

}  // namespace croft::sql
