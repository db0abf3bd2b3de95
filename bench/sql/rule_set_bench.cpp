// Finding the rules of a topic among many that are for others.
#include <benchmark/benchmark.h>

#include <map>
#include <string>

#include "rules/engine.h"

namespace croft {
namespace {

using Rules = std::map<std::string, rules::RulePtr, std::less<>>;

// So many rules for other topics than the one that is asked, and one for that.
Rules some_rules(std::int64_t others, bool with_match) {
  Rules all;
  const auto add = [&all](std::string name, const std::string& filter) {
    rules::RuleDefinition definition;
    definition.name = name;
    definition.sql = "SELECT * FROM '" + filter + "'";
    all[name] = rules::Rule::compile(std::move(definition), rules::ActionTypes()).value();
  };
  for (std::int64_t i = 0; i < others; ++i) {
    const std::string n = std::to_string(i);
    add("r" + n, i % 3 == 0   ? "plant/site" + n + "/press/+/state"
                 : i % 3 == 1 ? "dt/" + n + "/#"
                              : "plant/+/robot" + n + "/state");
  }
  if (with_match) add("wanted", "plant/+/press/#");
  return all;
}

void match_none(benchmark::State& state) {
  const rules::RuleSet set(some_rules(state.range(0), false));
  for (auto _ : state) {
    const bool any = set.matches_any("plant/nagoya/press/42/state");
    benchmark::DoNotOptimize(any);
  }
}
BENCHMARK(match_none)->Arg(0)->Arg(1)->Arg(1'000)->Arg(10'000);

void match_one(benchmark::State& state) {
  const rules::RuleSet set(some_rules(state.range(0), true));
  for (auto _ : state) {
    auto matched = set.match("plant/nagoya/press/42/state");
    benchmark::DoNotOptimize(matched);
  }
}
BENCHMARK(match_one)->Arg(0)->Arg(1'000)->Arg(10'000);

// Creating a rule beside others.
void change(benchmark::State& state) {
  rules::RuleSet set(some_rules(state.range(0), false));
  const rules::RulePtr rule = some_rules(0, true).begin()->second;
  std::int64_t i = 0;
  for (auto _ : state) set = set.with("new" + std::to_string(i++ % 1'000), rule);
}
BENCHMARK(change)->Arg(100)->Arg(1'000)->Arg(10'000);

// The same, all at once: at the start.
void build(benchmark::State& state) {
  const Rules rules = some_rules(state.range(0), true);
  for (auto _ : state) {
    const rules::RuleSet set(rules);
    benchmark::DoNotOptimize(set);
  }
}
BENCHMARK(build)->Arg(100)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace croft
