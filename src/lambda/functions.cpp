#include "lambda/functions.h"

#include <algorithm>

#include "lambda/errors.h"
#include "lambda/function_input.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "lambda/resource_policy.h"
#include "text/digest.h"
#include "types/assert.h"

namespace croft::lambda {
namespace {

constexpr std::string_view row_prefix = "function/";
constexpr std::string_view row_end = "function0";  // '0' follows '/'

std::string row_key(std::string_view name) {
  return std::string(row_prefix) + std::string(name);
}

bool revision_fits(const Function& function, std::string_view wanted) {
  return wanted.empty() || wanted == function.revision_id;
}

void mark_changed(Function& function) {
  function.last_modified = Timestamp::now();
  function.revision_id = text::random_uuid();
  ++function.generation;
}

bool is_statement(const json::value& statement, std::string_view id) {
  return statement.is_object() && json::string_or(statement.get_object(), "Sid", "") == id;
}

}  // namespace

Functions::Functions(Store& store, CodeArchives& archives, Instance instance)
    : store_(store), archives_(archives), instance_(std::move(instance)) {}

Result<Function> Functions::find(std::string_view name) const {
  std::optional<std::string> row = store_.get(Family::registry, row_key(name));
  if (!row) return function_not_found(function_arn(instance_, name));
  return from_row(*row);
}

std::vector<Function> Functions::list(std::string_view after, std::size_t limit) const {
  std::string from = after.empty() ? std::string(row_prefix) : row_key(after) + '\0';
  std::vector<Function> out;
  for (const Row& row : store_.scan(Family::registry, from, row_end, limit)) {
    Result<Function> function = from_row(row.value);
    if (function) out.push_back(std::move(*function));
  }
  return out;
}

Result<std::set<std::string>> Functions::code_in_use() const {
  std::set<std::string> used;
  std::optional<Error> damage;
  store_.visit(Family::registry, row_prefix, row_end, false, [&](std::string_view key, std::string_view row) {
    Result<Function> function = from_row(row);
    if (function) used.insert(function->code_sha256);
    else damage = service_exception("the row of function '" + std::string(key.substr(row_prefix.size())) + "' is damaged");
    return true;
  });
  if (damage) return *damage;
  return used;
}

void Functions::write(const Function& function) {
  CROFT_ASSERT(is_function_name(function.name));
  Batch batch;
  batch.put(Family::registry, row_key(function.name), to_row(function));
  store_.write(std::move(batch));
}

void Functions::erase_unused_code(const std::string& sha256) {
  std::vector<Function> all = list({}, SIZE_MAX);
  bool used = std::any_of(all.begin(), all.end(), [&](const Function& f) { return f.code_sha256 == sha256; });
  if (!used) archives_.erase(sha256);
}

Task<Result<Function>> Functions::create(std::string name, json::object input, std::string zip) {
  if (!is_function_name(name)) {
    co_return validation_error("functionName", name.substr(0, limits::reference_length_max),
                               "Member must have length less than or equal to 64");
  }
  Function fresh;
  fresh.name = name;
  Result<Function> function = with_configuration(std::move(fresh), input);
  if (!function) co_return function.error();
  Result<void> complete = check_complete(*function);
  if (!complete) co_return complete.error();
  const json::value* tags_given = json::find(input, "Tags");
  if (tags_given && !tags_given->is_null()) {
    Result<json::object> tags = read_tags(*tags_given);
    if (!tags) co_return tags.error();
    function->tags = std::move(*tags);
  }
  if (find(name)) co_return function_exists(name);

  Result<CodeArchives::Stored> code = co_await archives_.add(std::move(zip));
  if (!code) co_return code.error();

  function->code_sha256 = code->sha256;
  function->code_bytes = code->bytes;
  mark_changed(*function);
  // A function deleted and made again under one name must not meet the workers of the old one.
  function->generation = function->last_modified.ms * 1000;
  {
    std::lock_guard lock(mutex_);
    if (find(name)) co_return function_exists(name);
    write(*function);
  }
  co_await store_.durable();
  co_return function;
}

Task<Result<Function>> Functions::update_code(std::string name, std::string zip, std::string revision_id,
                                              bool dry_run, std::string architecture) {
  Result<Function> before = find(name);
  if (!before) co_return before;
  if (!revision_fits(*before, revision_id)) co_return revision_mismatch();
  Result<CodeArchives::Stored> code = co_await archives_.add(std::move(zip));
  if (!code) co_return code.error();

  Result<Function> function = before;
  {
    std::lock_guard lock(mutex_);
    function = find(name);
    if (!function) co_return function;
    function->code_sha256 = code->sha256;
    function->code_bytes = code->bytes;
    if (!architecture.empty()) function->architecture = architecture;
    if (dry_run) {
      if (code->sha256 != before->code_sha256) erase_unused_code(code->sha256);
      co_return function;
    }
    mark_changed(*function);
    write(*function);
    erase_unused_code(before->code_sha256);
  }
  co_await store_.durable();
  co_return function;
}

Task<Result<Function>> Functions::update_configuration(std::string name, json::object input) {
  Result<Function> function = find(name);
  {
    std::lock_guard lock(mutex_);
    function = find(name);
    if (!function) co_return function;
    if (!revision_fits(*function, json::string_or(input, "RevisionId", ""))) co_return revision_mismatch();
    function = with_configuration(std::move(*function), input);
    if (!function) co_return function;
    mark_changed(*function);
    write(*function);
  }
  co_await store_.durable();
  co_return function;
}

Task<Result<void>> Functions::erase(std::string name) {
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    Batch batch;
    batch.erase(Family::registry, row_key(name));
    store_.write(std::move(batch));
    erase_unused_code(function->code_sha256);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Functions::reserve_concurrency(std::string name, std::optional<std::int64_t> executions) {
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    std::int64_t reserved = executions.value_or(0);
    for (const Function& other : list({}, SIZE_MAX)) {
      if (other.name != name) reserved += other.reserved_concurrency.value_or(0);
    }
    if (reserved > limits::concurrency_max - limits::unreserved_concurrency_min) {
      co_return invalid_parameter(
          "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
          "below its minimum value of [" +
          std::to_string(limits::unreserved_concurrency_min) + "].");
    }
    function->reserved_concurrency = executions;
    write(*function);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<json::object>> Functions::add_permission(std::string name, json::object input) {
  Result<json::object> statement = make_statement(input, function_arn(instance_, name));
  if (!statement) co_return statement;
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    if (!revision_fits(*function, json::string_or(input, "RevisionId", ""))) co_return revision_mismatch();
    std::string_view id = json::string_or(input, "StatementId", "");
    for (const json::value& present : function->statements) {
      if (!is_statement(present, id)) continue;
      co_return Error{"ResourceConflictException",
                      "The statement id (" + std::string(id) +
                          ") provided already exists. Please provide a new statement id, or remove the existing "
                          "statement.",
                      409};
    }
    function->statements.push_back(*statement);
    if (policy_document(*function).size() > limits::policy_bytes_max) {
      co_return Error{
          "PolicyLengthExceededException",
          "The final policy size is bigger than the limit (" + std::to_string(limits::policy_bytes_max) + ").", 400};
    }
    function->revision_id = text::random_uuid();
    write(*function);
  }
  co_await store_.durable();
  co_return statement;
}

Task<Result<void>> Functions::remove_permission(std::string name, std::string statement_id, std::string revision_id) {
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    if (!revision_fits(*function, revision_id)) co_return revision_mismatch();
    json::array kept;
    for (json::value& present : function->statements) {
      if (!is_statement(present, statement_id)) kept.push_back(present);
    }
    if (kept.size() == function->statements.size()) {
      co_return Error{"ResourceNotFoundException", "Statement " + statement_id + " is not found in resource policy.",
                      404};
    }
    function->statements = std::move(kept);
    function->revision_id = text::random_uuid();
    write(*function);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Functions::add_tags(std::string name, json::object tags) {
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    for (const auto& [key, value] : tags) function->tags[key] = value;
    Result<json::object> checked = read_tags(function->tags);
    if (!checked) co_return checked.error();
    write(*function);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Functions::remove_tags(std::string name, std::vector<std::string> keys) {
  {
    std::lock_guard lock(mutex_);
    Result<Function> function = find(name);
    if (!function) co_return function.error();
    for (const std::string& key : keys) function->tags.erase(key);
    write(*function);
  }
  co_await store_.durable();
  co_return Result<void>();
}

}  // namespace croft::lambda
