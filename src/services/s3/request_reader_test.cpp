#include "services/s3/request_reader.h"

#include <gtest/gtest.h>

#include "services/s3/limits.h"

namespace croft::services::s3 {

namespace {

std::string range(std::string_view header, std::uint64_t size) {
  const auto request = read_range(header);
  if (!request) return "ignored";
  const auto fitted = request->of(size);
  return fitted ? std::to_string(fitted->first) + '-' + std::to_string(fitted->last) : "unsatisfiable";
}

net::HttpRequest put(net::Headers headers) {
  return {"PUT", "/b/k", "", std::move(headers), "", {}};
}

std::string refusal(net::Headers headers) {
  const auto attributes = read_attributes(put(std::move(headers)));
  return attributes ? "" : attributes.error().code;
}

std::string condition(net::Headers headers) {
  Object object;
  object.etag = "abc";
  object.modified = {1'795'378'141'500};  // Sun, 22 Nov 2026 20:09:01 GMT and a half
  const auto holds = check_read_condition(put(std::move(headers)), object);
  return holds ? "holds" : holds.error().code;
}

}  // namespace

TEST(RequestReader, RangesAreFittedToTheObject) {
  EXPECT_EQ(range("bytes=0-0", 10), "0-0");
  EXPECT_EQ(range("bytes=5-", 10), "5-9");
  EXPECT_EQ(range("bytes=5-99999999999", 10), "5-9");
  EXPECT_EQ(range("bytes=-3", 10), "7-9");
  EXPECT_EQ(range("bytes=-30", 10), "0-9");
  EXPECT_EQ(range("bytes=10-", 10), "unsatisfiable");
  EXPECT_EQ(range("bytes=-0", 10), "unsatisfiable");
  EXPECT_EQ(range("bytes=0-", 0), "unsatisfiable");
}

TEST(RequestReader, RangesOfOtherFormsAreIgnored) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "items=0-1",
                             "bytes=99999999999999999999999-", "bytes=--1"}) {
    EXPECT_EQ(range(header, 10), "ignored") << header;
  }
}

TEST(RequestReader, AttributesAreReadFromHeaders) {
  const auto attributes = read_attributes(put({{"content-type", "text/plain"},
                                               {"cache-control", "no-cache"},
                                               {"x-amz-meta-a", "1"},
                                               {"x-amz-meta-a", "2"},
                                               {"x-amz-tagging", "k=v%20w&l="}}));

  ASSERT_TRUE(attributes);
  EXPECT_EQ(attributes->content_type, "text/plain");
  EXPECT_EQ(attributes->headers, (TextMap{{"cache-control", "no-cache"}}));
  EXPECT_EQ(attributes->metadata, (TextMap{{"a", "1,2"}}));
  EXPECT_EQ(attributes->tags, (TextMap{{"k", "v w"}, {"l", ""}}));
}

TEST(RequestReader, WhatCannotBeKeptIsRefused) {
  EXPECT_EQ(refusal({{"x-amz-meta-a", std::string(metadata_bytes_max, 'x')}}), "MetadataTooLarge");
  EXPECT_EQ(refusal({{"x-amz-acl", "public-read"}}), "AccessControlListNotSupported");
  EXPECT_EQ(refusal({{"x-amz-acl", "private"}}), "");
  EXPECT_EQ(refusal({{"x-amz-object-lock-mode", "GOVERNANCE"}}), "NotImplemented");
  EXPECT_EQ(refusal({{"x-amz-server-side-encryption-customer-key", "k"}}), "NotImplemented");
  EXPECT_EQ(refusal({{"x-amz-tagging", "a=1&a=2"}}), "InvalidArgument");
  EXPECT_EQ(refusal({{"x-amz-tagging", "a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1"}}), "BadRequest");
  EXPECT_EQ(refusal({{"content-type", "\xFF"}}), "InvalidArgument");
}

TEST(RequestReader, ConditionsCompareTagsAndWholeSeconds) {
  EXPECT_EQ(condition({}), "holds");
  EXPECT_EQ(condition({{"if-match", "\"x\", \"abc\""}}), "holds");
  EXPECT_EQ(condition({{"if-match", "\"x\""}}), "PreconditionFailed");
  EXPECT_EQ(condition({{"if-none-match", "*"}}), "NotModified");
  EXPECT_EQ(condition({{"if-modified-since", "Sun, 22 Nov 2026 20:09:01 GMT"}}), "NotModified");
  EXPECT_EQ(condition({{"if-modified-since", "Sun, 22 Nov 2026 20:09:00 GMT"}}), "holds");
  EXPECT_EQ(condition({{"if-unmodified-since", "Sun, 22 Nov 2026 20:09:00 GMT"}}), "PreconditionFailed");
  EXPECT_EQ(condition({{"if-unmodified-since", "yesterday"}}), "holds");
}

TEST(RequestReader, CopySourcesNameBucketAndKey) {
  EXPECT_EQ(read_copy_source("/b/a%20b/c").value().key, "a b/c");
  EXPECT_EQ(read_copy_source("b/k?versionId=null").value().bucket, "b");
  EXPECT_FALSE(read_copy_source("b"));
  EXPECT_FALSE(read_copy_source("b/"));
  EXPECT_FALSE(read_copy_source("b/k?versionId=1"));
}

}  // namespace croft::services::s3
