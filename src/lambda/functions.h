#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "lambda/code_archives.h"
#include "lambda/function.h"
#include "shard/task.h"
#include "store/store.h"

namespace croft::lambda {

// The functions that exist: rows "function/<name>" of Family::registry. Every change is durable when its task is
// done.
//
// Threads: find(), list() any; the rest the API shard. Cost of find(): one point read and a JSON parse.
class Functions {
 public:
  Functions(Store& store, CodeArchives& archives, Instance instance);

  const Instance& instance() const { return instance_; }
  CodeArchives& archives() { return archives_; }
  Store& store() { return store_; }

  // ResourceNotFoundException with the ARN.
  Result<Function> find(std::string_view name) const;
  // In order of name, after `after`.
  std::vector<Function> list(std::string_view after, std::size_t limit) const;

  // The packages that functions run, as SHA-256 in base64. ServiceException when a row cannot be read.
  Result<std::set<std::string>> code_in_use() const;

  // `input` holds CreateFunction's members (or the properties of AWS::Lambda::Function); its Code is passed as `zip`.
  // ResourceConflictException when the name is taken.
  Task<Result<Function>> create(std::string name, json::object input, std::string zip);
  // `revision_id` "" = any; `architecture` "" = as it is. A dry run checks and answers what would be.
  Task<Result<Function>> update_code(std::string name, std::string zip, std::string revision_id, bool dry_run,
                                     std::string architecture = {});
  Task<Result<Function>> update_configuration(std::string name, json::object input);
  Task<Result<void>> erase(std::string name);
  // Nothing: no longer reserved. InvalidParameterValueException when too little is left for the other functions.
  Task<Result<void>> reserve_concurrency(std::string name, std::optional<std::int64_t> executions);

  // The statement as stored. ResourceConflictException for a StatementId that is there already.
  Task<Result<json::object>> add_permission(std::string name, json::object input);
  Task<Result<void>> remove_permission(std::string name, std::string statement_id, std::string revision_id);

  Task<Result<void>> add_tags(std::string name, json::object tags);
  Task<Result<void>> remove_tags(std::string name, std::vector<std::string> keys);

 private:
  void write(const Function& function);
  void erase_unused_code(const std::string& sha256);

  Store& store_;
  CodeArchives& archives_;
  Instance instance_;
  std::mutex mutex_;  // read-modify-write of rows
};

}  // namespace croft::lambda
