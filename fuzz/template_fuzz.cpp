// Template text through everything that happens to it before the first resource is touched.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cfn/graph.h"
#include "cfn/plan.h"
#include "cfn/sam.h"
#include "cfn/template.h"
#include "cfn/template_reader.h"
#include "cfn/yaml_writer.h"
#include "types/assert.h"

namespace {

using namespace croft;

void deploy(const json::object& document) {
  auto summary = cfn::parse_template(document);
  if (!summary) return;
  std::map<std::string, std::string, std::less<>> given;
  for (const cfn::Parameter& p : summary->parameters) {
    if (!p.default_value) given.emplace(p.name, "1");
  }
  auto values = cfn::bind_parameters(summary->parameters, given);
  if (!values) return;
  auto processed = cfn::expand_sam(document, Instance());
  if (!processed) return;
  auto t = cfn::parse_template(*processed);
  if (!t || !cfn::check_references(*t)) return;
  auto scope = cfn::make_scope(*t, {.stack_name = "s", .stack_id = "arn:s"}, *values);
  if (!scope) return;
  if (!cfn::check_live_references(*t, scope->conditions)) return;
  auto graph = cfn::dependency_graph(*t, scope->conditions);
  auto planned = cfn::planned_resources(*t, *scope);
  if (!graph || !planned) return;
  auto rule = [](std::string_view, std::string_view) { return cfn::Replacement::yes; };
  auto changes = cfn::plan_changes(*planned, *planned, rule);
  CROFT_ASSERT(changes && changes->empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto document = cfn::read_template({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;

  auto again = cfn::read_template(cfn::write_yaml(json::value(*document)));
  CROFT_ASSERT(again && *again == *document);
  deploy(*document);
  return 0;
}
