#include "observe/traces.h"

#include <gmock/gmock.h>

#include <thread>

#include "observe/histogram.h"
#include "observe/limits.h"

namespace croft::trace {

namespace {

Context begun(Traces& traces, std::string_view client = "alice") {
  return traces.begin({.client_id = client, .event = "connected", .step = "connected"});
}

}  // namespace

TEST(TraceId, IsTheRootOfATracingHeader) {
  const auto id = Id::parse("1-5759e988-bd862e3fe1be46a994272793");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(Id(id->bytes()), *id);
  EXPECT_FALSE(Id());
  for (const char* wrong : {"", "1-5759e988", "2-5759e988-bd862e3fe1be46a994272793", "1-5759e98x-bd862e3fe1be46a994272793",
                            "1-00000000-000000000000000000000000", "1-5759e988-bd862e3fe1be46a9942727931"})
    EXPECT_FALSE(Id::parse(wrong)) << wrong;
}

TEST(TraceHeader, GivesBackTheStepThatAsks) {
  const Header header{*Id::parse("1-5759e988-bd862e3fe1be46a994272793"), 300};

  EXPECT_EQ(header.text(), "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=46a994272793012c;Sampled=1");
  EXPECT_EQ(Header::parse(header.text())->step, 300);
  EXPECT_EQ(Header::parse("Parent=46a994272793012c; Root=1-5759e988-bd862e3fe1be46a994272793")->step, 300);
  EXPECT_EQ(Header::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8")->step, no_step);
  EXPECT_EQ(Header::parse("Root=1-5759e988-bd862e3fe1be46a994272793")->id, header.id);
  EXPECT_FALSE(Header::parse("Parent=46a994272793012c"));
  EXPECT_FALSE(Header::parse("Root=;;;="));
}

TEST(Traces, KeepsTheStepsOfAnEvent) {
  Traces traces;
  const Context event = begun(traces);
  event.close({.detail = "\"a\":1"});
  const Context action = event.open(Kind::action, "LambdaAction", "\"b\":2");
  action.add({.kind = Kind::write, .outcome = Outcome::ok, .name = "PutItem", .began_us = 5, .ended_us = 6});
  action.close({.outcome = Outcome::failed, .detail = "\"c\":3"});

  const Trace trace = *traces.find(event.id());

  EXPECT_EQ(trace.client_id, "alice");
  ASSERT_EQ(trace.steps.size(), 3u);
  EXPECT_EQ(trace.steps[0].parent, no_step);
  EXPECT_EQ(trace.steps[0].detail, "\"a\":1");
  EXPECT_EQ(trace.steps[1].detail, "\"b\":2,\"c\":3");
  EXPECT_EQ(trace.steps[1].outcome, Outcome::failed);
  EXPECT_EQ(trace.steps[2].parent, 1);
  EXPECT_EQ(trace.outcome(), Outcome::running) << "the rules are not done";
  traces.finish(event.id());
  EXPECT_EQ(traces.find(event.id())->outcome(), Outcome::failed);
}

TEST(Traces, AnInvocationThatWentWellAtLastIsNoFailure) {
  Traces traces;
  const Context event = begun(traces);
  event.close({});
  const Context action = event.open(Kind::action, "LambdaAction");
  action.open(Kind::invocation, "f").close({.outcome = Outcome::failed});
  action.close({});
  traces.finish(event.id());
  EXPECT_EQ(traces.find(event.id())->outcome(), Outcome::failed);

  const Context again = action.open(Kind::invocation, "f");
  EXPECT_EQ(traces.find(event.id())->outcome(), Outcome::running);
  again.close({});
  EXPECT_EQ(traces.find(event.id())->outcome(), Outcome::ok);
}

TEST(Traces, AnEmptyContextIsANoOp) {
  const Context none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.header(), "");
  EXPECT_FALSE(none.open(Kind::call, "GetItem"));
  none.close({});
}

TEST(Traces, GoOnUnderTheirIdAfterACrash) {
  Id id;
  {
    Traces before;
    id = begun(before).id();
  }
  Traces traces;
  const Context event = traces.resume(id, {.client_id = "alice", .event = "connected", .step = "connected", .at_us = 42});
  event.add({.kind = Kind::wait, .name = "outbox"});
  traces.resume(id, {.client_id = "alice", .event = "connected", .step = "connected"});

  const Trace trace = *traces.find(id);
  EXPECT_EQ(trace.began_us, 42);
  EXPECT_EQ(trace.steps.size(), 2u) << "the second resume() finds it as it is";
  EXPECT_FALSE(traces.resume(Id(), {.client_id = "alice"}));
}

TEST(Traces, KeepsSoManyOfAClientNewestFirst) {
  Traces traces;
  std::vector<Id> ids;
  for (std::size_t n = 0; n < limits::traces_of_client_max + 3; ++n) ids.push_back(begun(traces).id());

  const std::vector<Trace> latest = traces.latest("alice", 1'000);

  ASSERT_EQ(latest.size(), limits::traces_of_client_max);
  EXPECT_EQ(latest.front().id, ids.back());
  EXPECT_EQ(latest.back().id, ids[3]);
  EXPECT_FALSE(traces.has(ids[2]));
  EXPECT_EQ(traces.latest("alice", 2).size(), 2u);
  EXPECT_TRUE(traces.latest("bob", 2).empty());
}

TEST(Traces, AreBoundedWhateverTheNumberOfClients) {
  Traces traces;
  const std::string payload = "\"payload\":\"" + std::string(3'000, 'x') + '"';
  Context last;
  for (int n = 0; n < 10'000; ++n) {
    last =
        traces.begin({.client_id = "client-" + std::to_string(n), .event = "connected", .step = "connected", .detail = payload});
    for (int step = 0; step < 8; ++step) last.open(Kind::call, "GetItem", payload).close({});
  }

  const Traces::Figures figures = traces.figures();
  EXPECT_LE(figures.traces, limits::traces_max);
  EXPECT_LE(figures.bytes, limits::traces_bytes_max);
  EXPECT_EQ(figures.clients, figures.traces);
  EXPECT_GT(figures.traces, 1'000u);
  EXPECT_TRUE(traces.has(last.id()));
  EXPECT_EQ(traces.latest("", 10).size(), 10u);
  EXPECT_EQ(traces.latest("", 1).front().client_id, "client-9999");
}

TEST(Traces, OneTraceHasSoManySteps) {
  Traces traces;
  const Context event = begun(traces);
  for (std::size_t n = 0; n < limits::steps_max + 5; ++n) event.open(Kind::call, "GetItem");

  const Trace trace = *traces.find(event.id());
  EXPECT_EQ(trace.steps.size(), limits::steps_max);
  EXPECT_EQ(trace.dropped, 6u) << "the event is one of the steps";
}

TEST(Traces, ADetailThatGrowsTooLongIsCut) {
  Traces traces;
  const Context event = begun(traces);
  event.close({.detail = "\"a\":\"" + std::string(limits::detail_bytes_max, 'x') + '"'});
  EXPECT_EQ(traces.find(event.id())->steps[0].detail, "\"detailCut\":true");
}

TEST(Traces, AStepThatNamesAnUnknownParentIsTheEvents) {
  Traces traces;
  const Context event = begun(traces);
  traces.at(event.id(), 77).open(Kind::call, "GetItem");
  EXPECT_EQ(traces.find(event.id())->steps[1].parent, 0);
}

TEST(Traces, TakeStepsFromManyThreads) {
  Traces traces;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&traces, t] {
      for (int n = 0; n < 500; ++n) {
        const Context event = begun(traces, "client-" + std::to_string((n + t) % 50));
        event.open(Kind::action, "LambdaAction").close({});
        traces.finish(event.id());
        (void)traces.latest("", 5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Trace& trace : traces.latest("", 1'000)) EXPECT_EQ(trace.steps.size(), 2u);
}

TEST(TraceDetail, CutsLongTextsAtACharacter) {
  std::string text(limits::text_bytes_max - 1, 'x');
  text += "\xc3\xa9z";
  const std::string detail = Detail().text("a", text).number("b", -1).flag("c", true).json("d", "{\"e\":1}").take();
  EXPECT_EQ(detail,
            "\"a\":\"" + std::string(limits::text_bytes_max - 1, 'x') + "\",\"aCut\":true,\"b\":-1,\"c\":true,\"d\":{\"e\":1}");
  EXPECT_EQ(Detail().text("a", "\xff").take(), "\"a\":\"\\\\xff\"");
  EXPECT_EQ(Detail().json("a", "").take(), "\"a\":\"\"");
}

}  // namespace croft::trace
