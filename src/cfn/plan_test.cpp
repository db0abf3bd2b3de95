#include "cfn/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Replacement by_name(std::string_view, std::string_view property) {
  if (property == "Name" || property == "Target") return Replacement::yes;
  return property == "Maybe" ? Replacement::conditional : Replacement::no;
}

std::vector<Resource> planned(std::string_view yaml, ParameterValues values = {}) {
  const Template t = parsed(yaml);
  auto scope = make_scope(t, {.stack_name = "s"}, std::move(values));
  EXPECT_TRUE(scope);
  auto resources = planned_resources(t, *scope);
  EXPECT_TRUE(resources);
  return *resources;
}

// "Modify A True Properties(Name)" and so on.
std::vector<std::string> changes(const std::vector<Resource>& current, const std::vector<Resource>& wanted) {
  auto plan = plan_changes(current, wanted, by_name);
  if (!plan) return {plan.error().message};
  std::vector<std::string> lines;
  for (const Change& change : *plan) {
    std::string line = std::string(to_text(change.action)) + " " + change.logical_id;
    if (change.action == ChangeAction::modify) line += " " + std::string(to_text(change.replacement));
    for (const std::string& scope : change.scope) line += " " + scope;
    for (const std::string& property : change.properties) line += " ." + property;
    lines.push_back(line);
  }
  return lines;
}

TEST(Plan, IsEmptyWhenNothingDiffers) {
  const auto stack = planned("Resources: {A: {Type: T, Properties: {p: [1, !Ref B]}}, B: {Type: T}}\n");

  EXPECT_THAT(changes(stack, stack), IsEmpty());
}

TEST(Plan, AddsAndRemoves) {
  EXPECT_THAT(changes(planned("Resources: {A: {Type: T}, B: {Type: T}}\n"),
                      planned("Resources: {B: {Type: T}, C: {Type: T}}\n")),
              ElementsAre("Add C", "Remove A"));
}

TEST(Plan, TellsTheStrongestReplacement) {
  EXPECT_THAT(changes(planned("Resources: {A: {Type: T, Properties: {Name: a, p: 1}}}\n"),
                      planned("Resources: {A: {Type: T, Properties: {Name: b, Maybe: 1}}}\n")),
              ElementsAre("Modify A True Properties .Maybe .Name .p"));
  EXPECT_THAT(changes(planned("Resources: {A: {Type: T, Properties: {p: 1}}}\n"),
                      planned("Resources: {A: {Type: T, Properties: {p: 2, Tags: []}}}\n")),
              ElementsAre("Modify A False Tags Properties .Tags .p"));
}

TEST(Plan, SeesParametersAndConditions) {
  const std::string text =
      "Parameters: {P: {Type: String}}\n"
      "Conditions: {C: !Equals [!Ref P, b]}\n"
      "Resources: {A: {Type: T, Properties: {p: !Ref P}}, B: {Type: T, Condition: C}}\n";

  EXPECT_THAT(changes(planned(text, {{"P", "a"}}), planned(text, {{"P", "b"}})),
              ElementsAre("Modify A False Properties .p", "Add B"));
}

TEST(Plan, FollowsAReplacementToThoseThatMentionIt) {
  const auto before = planned(
      "Resources:\n"
      "  C: {Type: T, Properties: {Target: !GetAtt B.Arn}}\n"
      "  B: {Type: T, Properties: {Target: !Ref A}}\n"
      "  A: {Type: T, Properties: {Name: a}}\n"
      "  D: {Type: T, Properties: {p: !Sub '${A}'}}\n");
  auto after = before;
  after[2].properties["Name"] = "b";

  EXPECT_THAT(changes(before, after),
              ElementsAre("Modify C Conditional Properties .Target", "Modify B Conditional Properties .Target",
                          "Modify A True Properties .Name", "Modify D False Properties .p"));
}

TEST(Plan, SeesAttributesBesideTheProperties) {
  EXPECT_THAT(changes(planned("Resources: {A: {Type: T}}\n"),
                      planned("Resources: {A: {Type: T, DeletionPolicy: Retain, Metadata: {m: 1}}}\n")),
              ElementsAre("Modify A False Metadata DeletionPolicy"));
}

TEST(Plan, BoundsWhatTheFunctionsOfAllResourcesYield) {
  std::string text = "Mappings: {M: {k: {v: " + std::string(20'000, 'x') + "}}}\nResources:\n";
  for (int i = 0; i < 300; ++i) {
    text += "  R" + std::to_string(i) + ": {Type: T, Properties: {p: !FindInMap [M, k, v]}}\n";
  }
  const Template t = parsed(text);
  auto scope = make_scope(t, {.stack_name = "s"}, {});
  ASSERT_TRUE(scope);

  EXPECT_EQ(refusal(planned_resources(t, *scope)), "Template error: the values of the functions are too large");
}

TEST(Plan, RefusesAnotherType) {
  EXPECT_THAT(changes(planned("Resources: {A: {Type: T}}\n"), planned("Resources: {A: {Type: U}}\n")),
              ElementsAre("Update of resource type is not permitted. The new template modifies resource type of the "
                          "following resources: [A]"));
}

}  // namespace
}  // namespace croft::cfn
