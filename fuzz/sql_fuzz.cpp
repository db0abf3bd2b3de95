// Statements, payloads and templates from anywhere: compile, evaluate and render never throw, hang or overrun.
// Input: statement, a zero byte, payload, a zero byte, template.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sql/query.h"
#include "sql/template.h"

namespace {

std::string_view part_before_zero(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace croft;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view statement = part_before_zero(rest);
  const sql::Message message{SharedBytes(std::string(part_before_zero(rest)))};
  sql::Context context;
  context.topic = "device/22/data";
  context.random_bytes = [](std::size_t count) { return std::string(count, 'r'); };

  for (const std::string_view version : {"2015-10-08", "2016-03-23"}) {
    const Result<sql::Query> query = sql::Query::compile(statement, version);
    if (!query) continue;
    const auto output = query->evaluate(message, context);
    if (output && *output) (*output)->is_json();
  }
  const Result<sql::Template> text = sql::Template::compile(rest, sql::SqlVersion::v2016_03_23);
  if (text) (void)text->render(message, context);
  return 0;
}
