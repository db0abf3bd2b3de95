#include "services/dynamodb/table_arns.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::size_t account_digits = 12;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// Looks at the names in one request.
class TableArns {
 public:
  TableArns(const std::string& operation, const Instance& instance, const gateway::Caller& caller)
      : operation_(operation), instance_(instance), caller_(caller) {}

  void check(const json::object& input) const {
    check_member(input, "TableName");
    check_member(input, "ResourceArn");
    if (const json::value* tables = json::find(input, "RequestItems"); tables && tables->is_object()) {
      for (const auto& entry : tables->get_object()) check(std::string_view(entry.key().data(), entry.key().size()));
    }
    const json::value* actions = json::find(input, "TransactItems");
    if (!actions || !actions->is_array()) return;
    for (const json::value& action : actions->get_array()) {
      if (!action.is_object()) continue;
      for (const auto& member : action.get_object()) {
        if (member.value().is_object()) check_member(member.value().get_object(), "TableName");
      }
    }
  }

 private:
  void check_member(const json::object& input, std::string_view name) const {
    const json::value* value = json::find(input, name);
    if (value && value->is_string()) check(view(value->get_string()));
  }

  void check(std::string_view text) const {
    constexpr std::string_view mark = ":table/";
    if (!text.starts_with("arn:") || text.find(mark) == std::string_view::npos) return;
    const std::string own = instance_.arn("dynamodb", mark.substr(1));
    if (text.starts_with(own)) return;
    const std::size_t account = own.size() - (account_digits + mark.size());
    const std::string_view digits = text.substr(std::min(account, text.size()), account_digits);
    const bool is_of_other_account =
        text.starts_with(std::string_view(own).substr(0, account)) && text.substr(account).find(mark) == account_digits &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (is_of_other_account) refuse(not_allowed(text));
    refuse(dynamo::validation_error("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(text)));
  }

  // No table of another account has let this one in. Source: IAM User Guide, "Troubleshoot access denied error messages".
  Error not_allowed(std::string_view arn) const {
    const std::string action = "dynamodb:" + operation_;
    return {"AccessDeniedException",
            "User: " + caller_.arn + " is not authorized to perform: " + action + " on resource: " + std::string(arn) +
                " because no resource-based policy allows the " + action + " action",
            400};
  }

  const std::string& operation_;
  const Instance& instance_;
  const gateway::Caller& caller_;
};

}  // namespace

gateway::Operation with_own_tables(gateway::Operation operation, const Instance& instance) {
  operation.handler = [name = operation.name, instance, handler = std::move(operation.handler)](gateway::Call& call) {
    TableArns(name, instance, call.caller).check(call.input);
    return handler(call);
  };
  return operation;
}

}  // namespace croft::services::dynamodb
