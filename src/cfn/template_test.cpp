#include "cfn/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/limits.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refused(std::string_view yaml) {
  return refusal(parse_template(document(yaml)));
}
std::string unresolved(std::string_view yaml) {
  return refusal(check_references(parsed(yaml)));
}

const std::string minimal = "Resources: {A: {Type: 'X::Y::Z'}}\n";

TEST(Template, ReadsEveryMemberOfAResource) {
  const Template t = parsed(
      "Conditions: {C: !Equals [a, a]}\n"
      "Resources:\n"
      "  B: {Type: 'X::Y::Z'}\n"
      "  A:\n"
      "    Type: X::Y::Z\n"
      "    Condition: C\n"
      "    DependsOn: B\n"
      "    DeletionPolicy: Retain\n"
      "    UpdateReplacePolicy: Snapshot\n"
      "    Metadata: {m: 1}\n"
      "    Properties: {p: !Ref B}\n");

  ASSERT_EQ(t.resources.size(), 2u);
  const Resource& a = t.resources[1];
  EXPECT_EQ(a.logical_id, "A");
  EXPECT_EQ(a.type, "X::Y::Z");
  EXPECT_EQ(a.condition, "C");
  EXPECT_THAT(a.depends_on, ElementsAre("B"));
  EXPECT_EQ(a.deletion_policy, "Retain");
  EXPECT_EQ(a.update_replace_policy, "Snapshot");
  EXPECT_EQ(json::dump(json::value(a.properties)), R"({"p":{"Ref":"B"}})");
  EXPECT_EQ(t.find_resource("A"), &a);
  EXPECT_EQ(t.find_resource("N"), nullptr);
}

TEST(Template, ReadsOutputs) {
  const Template t = parsed(minimal + "Outputs: {O: {Value: !Ref A, Description: d, Export: {Name: n}}}\n");

  ASSERT_EQ(t.outputs.size(), 1u);
  EXPECT_EQ(t.outputs[0].name, "O");
  EXPECT_EQ(t.outputs[0].description, "d");
  EXPECT_EQ(t.outputs[0].export_name, json::value("n"));
}

TEST(Template, RefusesUnknownSections) {
  EXPECT_EQ(refused("Foo: 1\nBar: 2\n" + minimal), "Invalid template property or properties [Foo, Bar]");
  EXPECT_EQ(refused("Globals: {Function: {Timeout: 1}}\n" + minimal),
            "Invalid template property or properties [Globals]");
  EXPECT_EQ(refused("Rules: {}\n" + minimal), "Invalid template property or properties [Rules]");
}

TEST(Template, WantsAResource) {
  const std::string message = "Template format error: At least one Resources member must be defined.";

  EXPECT_EQ(refused("Description: d\n"), message);
  EXPECT_EQ(refused("Resources: {}\n"), message);
}

TEST(Template, RefusesNullsByPath) {
  EXPECT_EQ(refused(minimal + "Outputs:\n"), "[/Outputs] 'null' values are not allowed in templates");
  EXPECT_EQ(refused("Resources: {A: {Type: T, Properties: {a: [1, ~]}}}\n"),
            "[/Resources/A/Properties/a/1] 'null' values are not allowed in templates");
}

TEST(Template, RefusesMalformedResources) {
  EXPECT_EQ(refused("Resources: {A: {}}\n"),
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.");
  EXPECT_EQ(refused("Resources: {A-b: {Type: T}}\n"),
            "Template format error: Resource name A-b is non alphanumeric.");
  EXPECT_EQ(refused("Resources: {A: {Type: T, Foo: 1}}\n"), "Invalid template resource property 'Foo'");
  EXPECT_THAT(refused("Resources: {A: 5}\n"), HasSubstr("malformed"));
  EXPECT_THAT(refused("Resources: {A: {Type: T, Properties: []}}\n"), HasSubstr("must be an object"));
  EXPECT_THAT(refused("Resources: {A: {Type: T, DeletionPolicy: Keep}}\n"),
              HasSubstr("Unrecognized DeletionPolicy Keep"));
}

TEST(Template, RefusesOtherTransformsAndVersions) {
  EXPECT_EQ(refused("Transform: AWS::LanguageExtensions\n" + minimal),
            "No transform named AWS::LanguageExtensions found.");
  EXPECT_THAT(refused("AWSTemplateFormatVersion: 2011-01-01\n" + minimal), HasSubstr("unsupported value"));
  EXPECT_EQ(refused("AWSTemplateFormatVersion: 2010-09-09\n" + minimal), "(not refused)");
}

TEST(Template, BoundsTheNumberOfResources) {
  std::string text = "Resources:\n";
  for (std::size_t i = 0; i < resources_max; ++i) text += "  R" + std::to_string(i) + ": {Type: T}\n";

  EXPECT_EQ(refused(text), "(not refused)");
  EXPECT_EQ(refused(text + "  X: {Type: T}\n"),
            "Template format error: Number of resources, 501, is greater than maximum allowed, 500");
}

TEST(Template, BoundsTheDescription) {
  EXPECT_EQ(refused("Description: " + std::string(1024, 'x') + "\n" + minimal), "(not refused)");
  EXPECT_THAT(refused("Description: " + std::string(1025, 'x') + "\n" + minimal), HasSubstr("greater than 1024"));
}

TEST(Template, RefusesReferencesToNothing) {
  EXPECT_EQ(unresolved("Resources: {A: {Type: T, Properties: {a: !Ref X, b: !Sub '${Y}'}}}\n"),
            "Template format error: Unresolved resource dependencies [X, Y] in the Resources block of the template");
  EXPECT_EQ(unresolved("Resources: {A: {Type: T, DependsOn: [X]}}\n"),
            "Template format error: Unresolved resource dependencies [X] in the Resources block of the template");
  EXPECT_EQ(unresolved(minimal + "Outputs: {O: {Value: !Ref X}}\n"),
            "Template format error: Unresolved resource dependencies [X] in the Outputs block of the template");
  EXPECT_EQ(unresolved("Resources: {A: {Type: T, Properties: {a: !GetAtt X.Arn}}}\n"),
            "Template error: instance of Fn::GetAtt references undefined resource X");
  EXPECT_THAT(unresolved("Resources: {A: {Type: T, Condition: C}}\n"),
              HasSubstr("Unresolved condition dependency C"));
  EXPECT_EQ(unresolved("Conditions: {C: !Equals [!Ref A, x]}\n" + minimal),
            "Template error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the "
            "template");
}

TEST(Template, TakesReferencesToParametersPseudoParametersAndSubVariables) {
  EXPECT_EQ(
      unresolved("Parameters: {P: {Type: String}}\n"
                 "Resources: {A: {Type: T, Properties: {a: !Ref P, b: !Sub ['${AWS::Region}${V}', {V: !Ref P}]}}}\n"),
      "(not refused)");
}

TEST(Template, RefusesALiveReferenceToADeadResource) {
  const Template t = parsed(
      "Conditions: {C: !Equals [a, b]}\n"
      "Resources:\n"
      "  A: {Type: T, Condition: C}\n"
      "  B: {Type: T, DependsOn: A, Properties: {p: !If [C, !Ref A, x]}}\n");

  EXPECT_EQ(refusal(check_live_references(t, {{"C", false}})), "(not refused)");

  Template broken = t;
  broken.resources[1].properties["p"] = yaml_value("!Ref A");
  EXPECT_EQ(refusal(check_live_references(broken, {{"C", false}})),
            "Template format error: Unresolved resource dependencies [A] in the Resources block of the template");
}

TEST(Template, AsksForIamCapabilities) {
  EXPECT_THAT(required_capabilities(parsed(minimal)), IsEmpty());
  EXPECT_THAT(required_capabilities(parsed("Resources: {R: {Type: 'AWS::IAM::Role'}}\n")),
              ElementsAre("CAPABILITY_IAM"));
  EXPECT_THAT(required_capabilities(parsed("Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}\n")),
              ElementsAre("CAPABILITY_NAMED_IAM"));
  const Template sam = parsed(
      "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}\n");
  EXPECT_THAT(required_capabilities(sam), ElementsAre("CAPABILITY_IAM"));
  EXPECT_THAT(iam_resource_types(sam), ElementsAre("AWS::IAM::Role"));
}

}  // namespace
}  // namespace croft::cfn
