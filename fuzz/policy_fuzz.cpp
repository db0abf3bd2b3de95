// Policy documents and the requests they judge. The input is lines: client id, action, resource, then the document.
// Whatever parses must answer the same twice, and the client id, put in for a variable, must match itself alone.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "identity/policy.h"
#include "types/assert.h"

namespace {

using namespace croft::identity;

std::string_view take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

PolicyVariables connection(std::string_view client_id) {
  PolicyVariables variables;
  variables.set("iot:ClientId", client_id)
      .set("aws:SourceIp", "10.0.0.1")
      .set("iot:ConnectAttributes", std::array<std::string_view, 2>{"LastWill", client_id})
      .set("iot:LastWillTopic", "arn:aws:iot:us-east-1:123456789012:topic/" + std::string(client_id));
  return variables;
}

// A substituted value is literal: a resource pattern that is nothing but the variable matches exactly the value.
void check_value_is_literal(std::string_view client_id, std::string_view resource) {
  const PolicyPattern pattern("${iot:ClientId}", PolicyPattern::Syntax::wildcards_variables);
  const bool matched = pattern.match(resource, connection(client_id)) == PolicyPattern::Match::yes;
  CROFT_ASSERT(matched == (client_id == resource));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view client_id = take_line(input);
  const std::string_view action = take_line(input);
  const std::string_view resource = take_line(input);
  check_value_is_literal(client_id, resource);

  auto parsed = Policy::parse("fuzzed", input);
  if (!parsed) {
    CROFT_ASSERT(parsed.error().code == "MalformedPolicyException");
    return 0;
  }
  const PolicyVariables variables = connection(client_id);
  const PolicyRequest request{action, resource, variables};
  const Decision decision = parsed->decide(request);
  const auto again = Policy::parse("fuzzed", input);
  CROFT_ASSERT(again && again->decide(request).kind == decision.kind);
  const bool silent = decision.kind == Decision::Kind::implicit_deny;
  CROFT_ASSERT(decision.policy.empty() == silent);
  return 0;
}
