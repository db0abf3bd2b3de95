#include "cfn/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/ordering.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

References references(std::string_view yaml, const Conditions* conditions = nullptr) {
  References found;
  EXPECT_TRUE(collect_references(yaml_value(yaml), conditions, found));
  return found;
}

TEST(References, AreFoundWhereverTheyHide) {
  const References found =
      references("{a: [!Ref A, {b: !Join ['', [!GetAtt B.Arn, !Sub '${C}${D.Arn}']]}], e: !Base64 {Ref: E}}");

  EXPECT_THAT(found.names, ElementsAre("A", "C", "E"));
  EXPECT_THAT(found.resources, ElementsAre("B", "D"));
}

TEST(References, OfASubDoNotCountItsOwnVariables) {
  const References found = references("!Sub ['${x}${y}${!z}', {x: !Ref A}]");

  EXPECT_THAT(found.names, ElementsAre("A", "y"));
}

TEST(References, OfAnIfAreThoseOfTheBranchTaken) {
  const Conditions conditions = {{"C", true}};

  EXPECT_THAT(references("!If [C, !Ref A, !Ref B]", &conditions).names, ElementsAre("A"));
  EXPECT_THAT(references("!If [C, !Ref A, !Ref B]").names, ElementsAre("A", "B"));
  EXPECT_THAT(references("!If [C, !Ref A, !Ref B]").conditions, ElementsAre("C"));
}

TEST(References, AreNotFoundInMapsThatOnlyLookLikeFunctions) {
  EXPECT_THAT(references("{Ref: A, Other: 1}").names, IsEmpty());
}

TEST(References, OfTheWrongShapeAreRefused) {
  References found;

  EXPECT_THAT(refusal(collect_references(yaml_value("{Ref: [a]}"), nullptr, found)), HasSubstr("every Ref object"));
  EXPECT_THAT(refusal(collect_references(yaml_value("{'Fn::GetAtt': [a]}"), nullptr, found)),
              HasSubstr("every Fn::GetAtt"));
  EXPECT_THAT(refusal(collect_references(yaml_value("!Sub '${-}'"), nullptr, found)), HasSubstr("alphanumeric"));
}

TEST(Ordering, SeparatesCyclesFromWhatWaitsForThem) {
  const Ordering ordering = order_by_need({"after", "a", "b", "free"},
                                          {{"a", {"b", "free"}}, {"b", {"a"}}, {"after", {"a"}}, {"free", {"gone"}}});

  EXPECT_THAT(ordering.levels, ElementsAre(ElementsAre("free")));
  EXPECT_THAT(ordering.cyclic, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace croft::cfn
