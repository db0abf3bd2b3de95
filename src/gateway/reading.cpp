#include "gateway/reading.h"

#include "text/encoding.h"

namespace croft::gateway {

namespace {

constexpr std::string_view reading[] = {"Get",         "List",  "Describe", "Head",  "BatchGet",
                                        "TransactGet", "Query", "Scan",     "Select"};
constexpr std::string_view handing_out[] = {"GetSessionToken", "GetFederationToken", "GetWebIdentityToken",
                                            "GetDelegatedAccessToken"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "Get" begins "GetItem", not "Getaway".
bool begins_with(std::string_view operation, std::string_view verb) {
  if (!operation.starts_with(verb)) return false;
  return operation.size() == verb.size() || (operation[verb.size()] >= 'A' && operation[verb.size()] <= 'Z');
}

bool is_select(std::string_view statement) {
  statement = text::trim(statement);
  constexpr std::string_view word = "select";
  return text::lower(statement.substr(0, word.size())) == word && statement.size() > word.size() &&
         !is_letter(statement[word.size()]);
}

}  // namespace

bool only_reads(std::string_view operation, const json::object& input) {
  if (operation == "ExecuteStatement") return is_select(json::string_or(input, "Statement", ""));
  for (const std::string_view name : handing_out)
    if (operation == name) return false;
  for (const std::string_view verb : reading)
    if (begins_with(operation, verb)) return true;
  return false;
}

}  // namespace croft::gateway
