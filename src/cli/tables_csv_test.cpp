#include "cli/tables_csv.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

std::vector<CsvCell> cells(std::string line, std::vector<std::string> later = {}) {
  std::size_t n = 0;
  return csv_cells(std::move(line), [&]() -> std::optional<std::string> {
           if (n == later.size()) return std::nullopt;
           return later[n++];
         }).value();
}

TEST(Csv, GoesThereAndBack) {
  const auto parsed = [](std::string_view text) { return json::parse(text).value().as_object(); };
  const json::object first = parsed(R"({"id":{"S":"a,\"b\"\nc"},"n":{"N":"1.50"},"t":{"SS":["x"]},"x:N":{"S":""}})");
  const json::object second = parsed(R"({"id":{"S":"b"},"ok":{"BOOL":true},"mixed":{"N":"1"}})");
  const json::object third = parsed(R"({"id":{"S":"c"},"mixed":{"S":"1"},"bytes":{"B":"AA=="}})");
  CsvColumns seen;
  for (const json::object* item : {&first, &second, &third}) seen.see(*item);
  const auto columns = seen.columns({"id"});

  const std::string heading = csv_heading(columns);
  EXPECT_EQ(heading, "id,bytes:B,mixed:JSON,n:N,ok:BOOL,t:JSON,x:N:S");
  const auto read = csv_columns(cells(heading), {{"id", "S"}}).value();
  for (const json::object* item : {&first, &second, &third}) {
    const std::string line = csv_line(columns, *item);
    const std::size_t end = line.find('\n');
    const auto back = end == std::string::npos ? cells(line) : cells(line.substr(0, end), {line.substr(end + 1)});
    EXPECT_EQ(csv_item(read, back).value(), *item);
  }
}

TEST(Csv, CellsAreQuotedAsRfc4180Says) {
  const auto read = cells(R"(a,"b ""c"", d",,"")");
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read[1].text, R"(b "c", d)");
  EXPECT_FALSE(read[2].is_quoted);
  EXPECT_TRUE(read[3].is_quoted);
  EXPECT_EQ(csv_cells("\"a", [] { return std::nullopt; }).error().message, "a quote is never closed");
  EXPECT_EQ(csv_cells("\"a\"b", [] { return std::nullopt; }).error().message, "text after a closing quote");
}

TEST(Csv, HeadingsWithoutATypeAreKeysOrStrings) {
  const auto columns = csv_columns(cells("id,time,note"), {{"id", "S"}, {"time", "N"}}).value();
  EXPECT_EQ(json::dump(csv_item(columns, cells("7,7,7")).value()), R"({"id":{"S":"7"},"time":{"N":"7"},"note":{"S":"7"}})");
  EXPECT_EQ(csv_item(columns, cells("7,x,7")).error().message, "time is N, and 'x' is not");
  EXPECT_EQ(csv_item(columns, cells("1,2,3,4")).error().message, "4 cells under 3 headings");
  EXPECT_EQ(csv_columns(cells("a,a"), {}).error().message, "the heading has a twice");
}

}  // namespace
}  // namespace croft::cli
