#include "cfn/intake.h"

#include <gmock/gmock.h>

#include "cfn/limits.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::StartsWith;

std::string place(std::string_view url) {
  auto location = template_location(url);
  return location ? location->bucket + " " + location->key : location.error().message;
}

TEST(TemplateLocation, ReadsPathAndVirtualHostedStyle) {
  EXPECT_EQ(place("http://127.0.0.1:4566/bucket/dir/t.template"), "bucket dir/t.template");
  EXPECT_EQ(place("https://s3.amazonaws.com/bucket/t"), "bucket t");
  EXPECT_EQ(place("https://bucket.s3.eu-west-1.amazonaws.com/dir/t?versionId=1"), "bucket dir/t");
  EXPECT_EQ(place("https://bucket.s3.amazonaws.com/a%20b"), "bucket a b");
}

TEST(TemplateLocation, RefusesOtherUrls) {
  for (std::string_view url : {"", "bucket/key", "ftp://host/bucket/key", "http://host", "http://host/bucket", "http://host//"}) {
    EXPECT_EQ(place(url), "TemplateURL must be a supported URL.") << url;
  }
}

TEST(Names, AreLettersDigitsAndHyphens) {
  EXPECT_TRUE(check_name("stackName", "a-1"));
  EXPECT_TRUE(check_name("stackName", std::string(name_bytes_max, 'a')));
  EXPECT_FALSE(check_name("stackName", std::string(name_bytes_max + 1, 'a')));
  for (std::string_view name : {"", "1a", "a_b", "a b", "\xc3\xa9"}) EXPECT_FALSE(check_name("stackName", name)) << name;
}

TEST(Requests, AreBoundedAndUtf8) {
  StackRequest request;
  request.tags = std::vector<Tag>(tags_max + 1, Tag{"k", "v"});
  EXPECT_EQ(refusal(check_request(request)), "Number of tags exceeds the limit of 50");
  request.tags = std::vector<Tag>{Tag{"aws:x", "v"}};
  EXPECT_THAT(refusal(check_request(request)), StartsWith("aws: prefixed tag key names"));
  request.tags.reset();
  request.token = "\xff";
  EXPECT_EQ(refusal(check_request(request)), "Input contains characters that are not valid UTF-8.");
  request.token.clear();
  request.capabilities = {"CAPABILITY_ALL"};
  EXPECT_THAT(refusal(check_request(request)), StartsWith("1 validation error detected: Value '[CAPABILITY_ALL]'"));
}

TEST(Proposals, RefuseAPreviousValueThatIsNotThere) {
  StackRequest request;
  request.parameters = {{.key = "A", .value = {}, .use_previous = true}};

  EXPECT_EQ(refusal(propose(request, "Parameters: {A: {Type: String}}\nResources: {R: {Type: T}}\n", nullptr)),
            "Invalid input for parameter key A. Cannot specify usePreviousValue as true for a parameter key not in the "
            "previous template");
}

}  // namespace
}  // namespace croft::cfn
