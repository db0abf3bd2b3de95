#include "services/dynamodb/partiql_requests.h"

#include <algorithm>
#include <charconv>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "dynamo/partiql/limits.h"
#include "services/dynamodb/request_reader.h"
#include "text/digest.h"

namespace croft::services::dynamodb {

namespace {

namespace limits = dynamo::partiql::limits;

constexpr std::string_view on_failure[] = {"ALL_OLD", "NONE"};

void check_length(RequestReader& reader, std::string_view name, const std::string& text, std::size_t max) {
  const std::size_t length = dynamo::utf16_length(text);
  if (length < 1) reader.note("'" + text + "'", name, "Member must have length greater than or equal to 1");
  if (length > max) {
    reader.note("'" + text + "'", name, "Member must have length less than or equal to " + std::to_string(max));
  }
}

// The first number in a value, in its order, that is none that DynamoDB takes; "" when there is none.
std::string_view wrong_number(const json::value& value, bool is_number = false) {
  if (const json::string* text = value.if_string()) {
    const std::string_view view(text->data(), text->size());
    return is_number && !dynamo::Number::parse(view) ? view : std::string_view();
  }
  if (const json::array* list = value.if_array()) {
    for (const json::value& element : *list) {
      if (const std::string_view found = wrong_number(element, is_number); !found.empty()) return found;
    }
  }
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      const std::string_view found = wrong_number(member, name == "N" || name == "NS");
      if (!found.empty()) return found;
    }
  }
  return {};
}

// PartiQL reads a number's exponent into 32 bits, other operations do not. Source: AWS's answers.
Error told_as_unreadable(Error error, const json::value& parameter) {
  if (!error.message.starts_with("Number overflow") && !error.message.starts_with("Number underflow")) return error;
  const std::string_view number = wrong_number(parameter);
  const std::size_t at = number.find_first_of("eE");
  if (at == std::string_view::npos) return error;
  std::string_view exponent = number.substr(at + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int32_t value = 0;
  const auto [end, failure] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
  if (failure == std::errc()) return error;
  return dynamo::validation_error("The parameter cannot be converted to a numeric value: " + std::string(number));
}

// A parameter that is no value at all refuses the whole request, a value that DynamoDB does not take its statement.
Result<dynamo::partiql::Parameters> read_parameters(const json::array& array) {
  dynamo::partiql::Parameters out;
  for (const json::value& parameter : array) {
    Result<dynamo::AttributeValue> value = dynamo::attribute_value(parameter);
    if (!value && value.error().code != "ValidationException") refuse(value.error());
    if (!value) return told_as_unreadable(value.error(), parameter);
    out.push_back(*std::move(value));
  }
  return out;
}

StatementInput read_statement(RequestReader& reader) {
  StatementInput out{reader.required_text("Statement"), dynamo::partiql::Parameters()};
  if (reader.has("Statement")) check_length(reader, "Statement", out.text, limits::statement_length_max);
  if (const json::array* parameters = reader.array("Parameters")) {
    if (parameters->empty()) reader.note("'[]'", "Parameters", "Member must have length greater than or equal to 1");
    out.parameters = read_parameters(*parameters);
    out.parameters_text = json::dump(*parameters);
  }
  out.consistent = reader.flag("ConsistentRead");
  out.item_in_failure = reader.choice("ReturnValuesOnConditionCheckFailure", on_failure) == "ALL_OLD";
  return out;
}

std::vector<StatementInput> read_statements(RequestReader& reader, std::string_view name, std::string_view place,
                                            std::size_t max) {
  const json::array& statements = reader.required_array(name, 1, max);
  std::vector<StatementInput> out;
  for (std::size_t i = 0; i < statements.size() && i < max; ++i) {
    if (!statements[i].is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
    RequestReader one(statements[i].get_object(), std::string(place) + "." + std::to_string(i + 1) + ".member", reader);
    out.push_back(read_statement(one));
  }
  return out;
}

}  // namespace

ExecuteStatementInput read_execute_statement(const json::object& input) {
  RequestReader reader(input);
  ExecuteStatementInput out{read_statement(reader)};
  if (const auto limit = reader.integer("Limit", 1)) {
    out.limit = static_cast<std::uint32_t>(std::min<std::int64_t>(*limit, UINT32_MAX));
  }
  out.next_token = reader.text("NextToken");
  if (out.next_token) check_length(reader, "NextToken", *out.next_token, limits::next_token_length_max);
  out.capacity = read_capacity(reader);
  reader.finish();
  return out;
}

BatchExecuteInput read_batch_execute(const json::object& input) {
  RequestReader reader(input);
  BatchExecuteInput out{read_statements(reader, "Statements", "statements", limits::batch_statements_max)};
  out.capacity = read_capacity(reader);
  reader.finish();
  return out;
}

ExecuteTransactionInput read_execute_transaction(const json::object& input) {
  RequestReader reader(input);
  ExecuteTransactionInput out{
      read_statements(reader, "TransactStatements", "transactStatements", limits::transaction_statements_max)};
  if (const auto token = reader.text("ClientRequestToken")) {
    out.token = *token;
    check_length(reader, "ClientRequestToken", *token, dynamo::limits::transaction_token_length_max);
  }
  out.capacity = read_capacity(reader);
  reader.finish();
  for (const StatementInput& one : out.statements) {
    json::append_string(out.fingerprint, one.text);
    json::append_string(out.fingerprint, one.parameters_text);
    out.fingerprint += one.item_in_failure ? '1' : '0';
  }
  out.fingerprint = text::sha256("ExecuteTransaction" + out.fingerprint);
  return out;
}

}  // namespace croft::services::dynamodb
