#include "cfn/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;

TEST(Graph, LevelsFollowRefGetAttSubAndDependsOn) {
  const Template t = parsed(
      "Resources:\n"
      "  E: {Type: T, DependsOn: D}\n"
      "  D: {Type: T, Properties: {p: !Sub '${C.Arn}'}}\n"
      "  C: {Type: T, Properties: {p: [!GetAtt B.Arn]}}\n"
      "  B: {Type: T, Properties: {p: {q: !Ref A}}}\n"
      "  A: {Type: T}\n"
      "  X: {Type: T}\n");

  auto graph = dependency_graph(t, {});

  ASSERT_TRUE(graph);
  EXPECT_THAT(graph->levels, ElementsAre(ElementsAre("A", "X"), ElementsAre("B"), ElementsAre("C"), ElementsAre("D"),
                                         ElementsAre("E")));
  EXPECT_THAT(graph->needs.at("D"), ElementsAre("C"));
}

TEST(Graph, LeavesOutDeadResourcesAndBranchesNotTaken) {
  const Template t = parsed(
      "Conditions: {C: !Equals [a, b]}\n"
      "Resources:\n"
      "  A: {Type: T, DependsOn: [Dead], Properties: {p: !If [C, !Ref B, x]}}\n"
      "  B: {Type: T, Properties: {p: !Ref A}}\n"
      "  Dead: {Type: T, Condition: C}\n");

  auto graph = dependency_graph(t, {{"C", false}});

  ASSERT_TRUE(graph);
  EXPECT_THAT(graph->levels, ElementsAre(ElementsAre("A"), ElementsAre("B")));
}

TEST(Graph, NamesTheResourcesOfACycle) {
  const Template t = parsed(
      "Resources:\n"
      "  Before: {Type: T}\n"
      "  A: {Type: T, Properties: {p: !Ref B, q: !Ref Before}}\n"
      "  B: {Type: T, DependsOn: A}\n"
      "  After: {Type: T, DependsOn: B}\n");

  EXPECT_EQ(refusal(dependency_graph(t, {})), "Circular dependency between resources: [A, B]");
}

TEST(Graph, TakesAReferenceToItselfForACycle) {
  const Template t = parsed("Resources: {A: {Type: T, Properties: {p: !Ref A}}}\n");

  EXPECT_EQ(refusal(dependency_graph(t, {})), "Circular dependency between resources: [A]");
}

}  // namespace
}  // namespace croft::cfn
