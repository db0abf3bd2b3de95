#pragma once

#include "dynamo/table_backend.h"
#include "remote/remote_services.h"

namespace croft::dynamo {

// Tables at the endpoint that [tables] names: Amazon DynamoDB, ScyllaDB's Alternator, another croft.
//
// A write that gets no answer, or is throttled, is sent again until one says yes or no, for as long as tables.patience-s
// says; the caller's lane waits meanwhile, so what comes later for the same client is written later. Each is the write of
// whole values, so that it may be sent again when nobody knows whether the last try was carried out. What cannot be helped:
// a service that carries out a try after it was given up (its time-out) may undo what was written since. It takes one that
// is slower than timeout-ms; a condition on a version in the item, as a function can have it, is safe from that too.
class RemoteTables final : public TableBackend {
 public:
  // `services` outlives the object and has the service of tables.
  explicit RemoteTables(remote::RemoteServices& services);

  Task<Result<void>> put(Shard& shard, std::string table, Item item, WrittenItems* tell) override;
  Task<Result<void>> set(Shard& shard, std::string table, Item key, std::string attribute, AttributeValue value,
                         WrittenItems* tell) override;
  Task<Result<void>> erase(Shard& shard, std::string table, Item key, WrittenItems* tell) override;
  Task<Result<std::optional<Item>>> get(Shard& shard, std::string table, Item key) override;
  std::uint64_t unanswered() const override { return services_.unanswered(remote::tables_service); }
  Task<bool> answer_again(Shard& shard, MonoTime since) override;

  // One question that changes nothing; the refusal that everything else will meet as well: a wrong key, a wrong address.
  Task<Result<void>> greet(Shard& shard);

 private:
  Task<Result<json::object>> ask(Shard& shard, std::string operation, std::string body);
  Task<Result<void>> write(Shard& shard, std::string operation, std::string body);

  remote::RemoteServices& services_;
  const std::chrono::milliseconds patience_;
};

// The same request may meet an answer later.
bool may_pass(const Error& error);

}  // namespace croft::dynamo
