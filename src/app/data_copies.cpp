#include "app/data_copies.h"

#include <sys/stat.h>

#include <filesystem>

#include "text/digest.h"

namespace croft::app {

namespace {

constexpr std::size_t copies_max = 4;
constexpr std::int64_t forgotten_after_ms = 3'600'000;

[[noreturn]] void refuse(Error error) { throw ApiError(std::move(error)); }

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

DataCopies::DataCopies(Store& store, Pool& pool, std::string folder, Instance instance)
    : store_(store), pool_(pool), folder_(std::move(folder)), instance_(std::move(instance)) {
  remove_tree(folder_ + "/checkpoints");
}

gateway::Service DataCopies::service() {
  gateway::Service service;
  service.name = "croft";
  service.signing_names = {"croft"};
  service.protocol = gateway::Protocol::json_1_0;
  service.target_prefix = "Croft_1";
  service.operations = {{"BeginBackup", "", [this](gateway::Call& call) { return begin(call); }},
                        {"EndBackup", "", [this](gateway::Call& call) { return end(call); }}};
  return service;
}

// Functions and users of roles have keys too.
void DataCopies::check_caller(const gateway::Call& call) const {
  if (call.caller.arn == instance_.iam_arn("root")) return;
  refuse({"AccessDeniedException", call.caller.arn + " is not the account, and only the account may make a backup", 403});
}

Result<std::string> DataCopies::take_place() {
  const MonoTime now = MonoTime::now();
  std::vector<std::string> forgotten;
  const std::string id = text::random_uuid();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [old, since] : copies_)
      if (now.ms - since.ms > forgotten_after_ms) forgotten.push_back(old);
    if (copies_.size() - forgotten.size() >= copies_max) {
      return Error{"LimitExceededException", "as many backups are being made as can be at once: " + std::to_string(copies_max)};
    }
    copies_[id] = now;
  }
  for (const std::string& old : forgotten) remove(old);
  return id;
}

void DataCopies::remove(const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    if (copies_.erase(id) == 0) return;
  }
  remove_tree(path_of(id));
}

Task<gateway::Reply> DataCopies::begin(gateway::Call& call) {
  check_caller(call);
  const std::string id = take_place().value();
  const Result<void> made = co_await pool_.run([this, path = path_of(id)]() -> Result<void> {
    ::mkdir((folder_ + "/checkpoints").c_str(), 0700);
    return store_.checkpoint(path);
  });
  if (!made) {
    remove(id);
    refuse(made.error());
  }
  gateway::Reply reply;
  reply.output = {{"BackupId", id},
                  {"DataFolder", folder_},
                  {"Path", "checkpoints/" + id},
                  {"StoreFormat", store_.get(Family::meta, "format").value_or("")}};
  co_return reply;
}

Task<gateway::Reply> DataCopies::end(gateway::Call& call) {
  check_caller(call);
  const std::string id(json::string_or(call.input, "BackupId", ""));
  co_await pool_.run([this, id] {
    remove(id);
    return Done{};
  });
  co_return gateway::Reply();
}

}  // namespace croft::app
