#include "cfn/artifacts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> listed(const json::object& template_document) {
  std::vector<std::string> lines;
  for (const Artifact& a : local_artifacts(template_document))
    lines.push_back(a.logical_id + "." + a.property + "=" + a.path);
  return lines;
}

TEST(Artifacts, AreTheLocalPathsOfFunctions) {
  EXPECT_THAT(listed(document("Resources:\n"
                              "  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: ./src}}\n"
                              "  B: {Type: AWS::Serverless::Function}\n"
                              "  C: {Type: AWS::Lambda::Function, Properties: {Code: lib}}\n"
                              "  D: {Type: AWS::SNS::Topic, Properties: {CodeUri: x}}\n")),
              ElementsAre("A.CodeUri=./src", "B.CodeUri=.", "C.Code=lib"));
}

TEST(Artifacts, AreNotWhatIsInlineOrInS3Already) {
  EXPECT_THAT(listed(document("Resources:\n"
                              "  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: s3://b/k}}\n"
                              "  B: {Type: AWS::Serverless::Function, Properties: {InlineCode: x}}\n"
                              "  C: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}}}\n"
                              "  D: {Type: AWS::Serverless::Function, Properties: {CodeUri: {Bucket: b, Key: k}}}\n"
                              "  E: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}}\n")),
              IsEmpty());
}

TEST(Artifacts, OfAFunctionWithoutOneComeFromGlobals) {
  const std::string function = "Resources: {A: {Type: AWS::Serverless::Function, Properties: {}}}\n";

  EXPECT_THAT(listed(document("Globals: {Function: {CodeUri: src/}}\n" + function)), ElementsAre("A.CodeUri=src/"));
  EXPECT_THAT(listed(document("Globals: {Function: {CodeUri: s3://b/k}}\n" + function)), IsEmpty());
}

TEST(Artifacts, AreReplacedInTheFormOfTheirType) {
  json::object d = document(
      "Resources: {A: {Type: AWS::Serverless::Function}, B: {Type: AWS::Lambda::Function, Properties: {Code: x}}}\n");
  const auto artifacts = local_artifacts(d);
  ASSERT_EQ(artifacts.size(), 2u);

  set_artifact(d, artifacts[0], {.bucket = "b", .key = "k/1"});
  set_artifact(d, artifacts[1], {.bucket = "b", .key = "k/2", .version = "v"});

  EXPECT_EQ(json::dump(d.at("Resources").at("A").at("Properties")), R"({"CodeUri":"s3://b/k/1"})");
  EXPECT_EQ(json::dump(d.at("Resources").at("B").at("Properties")),
            R"({"Code":{"S3Bucket":"b","S3Key":"k/2","S3ObjectVersion":"v"}})");
  EXPECT_THAT(local_artifacts(d), IsEmpty());
}

TEST(Artifacts, OfTheArticleAreTheFolderOfItsTemplate) {
  EXPECT_THAT(listed(document(article_file("sam.yml"))),
              ElementsAre("UpdateConnected.CodeUri=.", "UpdateDisconnected.CodeUri=."));
}

TEST(S3Uri, IsTakenApart) {
  auto location = parse_s3_uri("s3://b/k/2?versionId=7");

  ASSERT_TRUE(location);
  EXPECT_EQ(location->bucket, "b");
  EXPECT_EQ(location->key, "k/2");
  EXPECT_EQ(location->version, "7");
  EXPECT_FALSE(parse_s3_uri("s3://b"));
  EXPECT_FALSE(parse_s3_uri("s3:///k"));
  EXPECT_FALSE(parse_s3_uri("http://b/k"));
}

}  // namespace
}  // namespace croft::cfn
