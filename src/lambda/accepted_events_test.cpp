#include "lambda/accepted_events.h"

#include <gmock/gmock.h>

namespace croft::lambda {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

std::vector<std::string> payloads(const AcceptedEvents& events) {
  std::vector<std::string> texts;
  for (const AcceptedEvents::Event& event : events.left()) texts.push_back(event.invocation.payload);
  return texts;
}

}  // namespace

TEST(AcceptedEvents, WhatIsNotOverIsLeftInOrder) {
  auto store = Store::open("", Store::Durability::os).value();
  AcceptedEvents::Number second = 0;
  {
    AcceptedEvents events(*store);
    for (int i = 1; i <= 20; ++i) {
      const AcceptedEvents::Number number = events.add({.function = "f", .payload = std::to_string(i)});
      if (i == 2) second = number;
      else if (i > 3) events.erase(number);
    }
  }
  AcceptedEvents events(*store);
  EXPECT_THAT(payloads(events), ElementsAre("1", "2", "3"));
  events.erase(second);
  events.add({.function = "f", .payload = "4"});
  EXPECT_THAT(payloads(events), ElementsAre("1", "3", "4"));
}

TEST(AcceptedEvents, KeepsTheWholeInvocation) {
  auto store = Store::open("", Store::Durability::os).value();
  AcceptedEvents events(*store);
  events.add(
      {.function = "f", .payload = "{\"a\":\"\\u0000\"}", .qualifier = "$LATEST", .client_context = "e30=", .request_id = "r-1"});

  const Invocation kept = events.left().at(0).invocation;

  EXPECT_EQ(kept.function, "f");
  EXPECT_EQ(kept.payload, "{\"a\":\"\\u0000\"}");
  EXPECT_EQ(kept.kind, Invocation::Kind::event);
  EXPECT_EQ(kept.qualifier, "$LATEST");
  EXPECT_EQ(kept.client_context, "e30=");
  EXPECT_EQ(kept.request_id, "r-1");
}

TEST(AcceptedEvents, ADamagedRowIsLeftOut) {
  auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  batch.put(Family::queued, "event/0000000000000007", "{");
  store->write(std::move(batch));

  EXPECT_THAT(payloads(AcceptedEvents(*store)), IsEmpty());
}

}  // namespace croft::lambda
