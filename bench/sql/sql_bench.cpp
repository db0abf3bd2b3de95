// What a statement costs a message. One iteration is one message that was never looked at before and one statement;
// items a second are evaluations a second of one core.
#include <benchmark/benchmark.h>

#include <string>

#include "sql/query.h"
#include "sql/template.h"

namespace croft {
namespace {

const std::string small_payload = R"({"deviceId":"sensor-17","temperature":51.5,"humidity":40,"ok":true})";

// About 1 KB, as a gateway of a machine sends it.
std::string machine_payload() {
  std::string text =
      R"({"deviceId":"press-0042","timestamp":1795395262698,"firmware":"4.11.2-rc1","site":{"plant":"Nagoya",)"
      R"("line":7,"cell":"C-12"},"status":{"mode":"automatic","alarm":false,"code":0},"readings":{)";
  const char* names[] = {"oilTemperature", "oilPressure", "motorCurrent", "vibrationX", "vibrationY",  "vibrationZ",
                         "ramSpeed",       "dieHeight",   "airPressure",  "cycleTime",  "powerFactor", "voltage"};
  int i = 0;
  for (const char* name : names) {
    if (i) text += ',';
    text += '"' + std::string(name) + "\":{\"value\":" + std::to_string(20 + i) + '.' + std::to_string(125 + 7 * i) +
            ",\"unit\":\"u" + std::to_string(i) + "\",\"quality\":" + (i % 3 ? "\"good\"" : "\"uncertain\"") + '}';
    ++i;
  }
  return text +
         R"(},"counters":{"strokes":8812345,"rejects":17,"hours":20113.25},"tags":["press","hydraulic","2019"]})";
}

std::string orders_payload() {
  std::string text = R"({"order":"A-2231","kind":"express","lines":[)";
  for (int i = 0; i < 20; ++i) {
    if (i) text += ',';
    text += R"({"sku":"SKU-)" + std::to_string(1000 + i) + R"(","count":)" + std::to_string(i % 7) + R"(,"price":)" +
            std::to_string(i) + ".5}";
  }
  return text + "]}";
}

sql::Context context() {
  sql::Context context;
  context.topic = "plant/nagoya/press/42/state";
  context.client_id = "press-0042";
  context.account_id = "000000000000";
  context.timestamp = {1795395262698};
  context.rule_name = "bench";
  return context;
}

void evaluate(benchmark::State& state, const char* statement, const std::string& payload, bool matches) {
  const sql::Query query = sql::Query::compile(statement, "2016-03-23").value();
  const SharedBytes bytes(payload);
  const sql::Context seen = context();
  for (auto _ : state) {
    const sql::Message message(bytes);
    auto output = query.evaluate(message, seen);
    if (!output || output->has_value() != matches) return state.SkipWithError("the statement did something else");
    benchmark::DoNotOptimize(output);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(payload.size()));
}

void add(const char* name, const char* statement, std::string payload, bool matches = true) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { evaluate(state, statement, payload, matches); });
}

void add_evaluations() {
  add("star", "SELECT * FROM 't'", small_payload);
  add("star_where", "SELECT * FROM 't' WHERE temperature > 50", small_payload);
  add("star_where_not", "SELECT * FROM 't' WHERE temperature > 60", small_payload, false);
  add("star_where_text", "SELECT * FROM 't' WHERE deviceId = 'sensor-17'", small_payload);
  add("fields", "SELECT deviceId AS id, temperature AS t FROM 't'", small_payload);
  add("fields_where", "SELECT deviceId, temperature, timestamp() AS at FROM 't' WHERE temperature > 50",
      small_payload);
  add("star_plus", "SELECT *, topic(2) AS site, timestamp() AS at FROM 't'", small_payload);
  const char* three =
      "SELECT * FROM 't' WHERE readings.oilTemperature.value > 15 AND status.mode = 'automatic' AND site.line = 7";
  add("three_of_1k", three, machine_payload());
  add("three_of_1k_not",
      "SELECT * FROM 't' WHERE readings.oilTemperature.value > 95 AND status.mode = 'automatic' AND site.line = 7",
      machine_payload(), false);
  add("fields_of_1k",
      "SELECT deviceId, readings.oilTemperature.value AS t, counters.strokes AS n FROM 't' WHERE site.line = 7",
      machine_payload());
  add("star_plus_of_1k", "SELECT *, timestamp() AS at FROM 't'", machine_payload());
  add("heavy",
      "SELECT order, (SELECT sku, count * price AS total FROM lines WHERE count > 2) AS big, "
      "CASE kind WHEN 'express' THEN 1 WHEN 'slow' THEN 2 ELSE 3 END AS class, "
      "regexp_substr(topic(4), '[0-9]+') AS machine FROM 't' "
      "WHERE regexp_matches(order, '^A-[0-9]{4}$') AND EXISTS (SELECT * FROM lines AS l WHERE l.count = 6)",
      orders_payload());
  add("regex", "SELECT * FROM 't' WHERE regexp_matches(deviceId, '^sensor-[0-9]+$')", small_payload);
  add("arithmetic", "SELECT (temperature - 32) * 5 / 9 AS celsius FROM 't'", small_payload);
  add("no_json", "SELECT * FROM 't' WHERE temperature > 50", std::string(64, 'x'), false);
}

void render(benchmark::State& state) {
  const sql::Template text =
      sql::Template::compile("out/${topic(3)}/${deviceId}", sql::SqlVersion::v2016_03_23).value();
  const SharedBytes bytes(small_payload);
  const sql::Context seen = context();
  for (auto _ : state) {
    auto rendered = text.render(sql::Message(bytes), seen);
    benchmark::DoNotOptimize(rendered);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(render);

void compile(benchmark::State& state) {
  for (auto _ : state) {
    auto query = sql::Query::compile(
        "SELECT deviceId, readings.oilTemperature.value AS t FROM 'plant/+/press/#' WHERE site.line = 7",
        "2016-03-23");
    benchmark::DoNotOptimize(query);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(compile);

}  // namespace
}  // namespace croft

int main(int argc, char** argv) {
  croft::add_evaluations();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
