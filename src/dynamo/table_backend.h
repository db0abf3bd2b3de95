#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dynamo/written_items.h"
#include "shard/shard.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::dynamo {

class Tables;

// What the rules need of the tables, wherever these are: here (LocalTables), or elsewhere (RemoteTables). Each may be
// carried out twice with the effect of once; there is no ADD and no condition here, because a repeated one is another thing.
//
// Threads: any; `shard` is the caller's own.
class TableBackend {
 public:
  virtual ~TableBackend() = default;

  // `tell` (may be null) gets what was written, if these tables know it; elsewhere they do not.
  // Ends when the item is written, or with the refusal of the tables. Tables elsewhere that do not answer are waited for.
  virtual Task<Result<void>> put(Shard& shard, std::string table, Item item, WrittenItems* tell = nullptr) = 0;
  // SET attribute = value. An item that is not there is made.
  virtual Task<Result<void>> set(Shard& shard, std::string table, Item key, std::string attribute, AttributeValue value,
                                 WrittenItems* tell = nullptr) = 0;
  virtual Task<Result<void>> erase(Shard& shard, std::string table, Item key, WrittenItems* tell = nullptr) = 0;

  // A consistent read. Not waited for: SQL has get_or_default() for tables that are away.
  virtual Task<Result<std::optional<Item>>> get(Shard& shard, std::string table, Item key) = 0;

  // How often the tables gave no answer so far, to anybody: a function that failed while this rose may have failed for that.
  virtual std::uint64_t unanswered() const { return 0; }
  // Ends when tables that were away answer again: true. False: that took longer than they are waited for since `since`.
  virtual Task<bool> answer_again(Shard& shard, MonoTime since);
};

// The tables of this croft.
class LocalTables final : public TableBackend {
 public:
  explicit LocalTables(Tables& tables) : tables_(tables) {}

  Task<Result<void>> put(Shard& shard, std::string table, Item item, WrittenItems* tell) override;
  Task<Result<void>> set(Shard& shard, std::string table, Item key, std::string attribute, AttributeValue value,
                         WrittenItems* tell) override;
  Task<Result<void>> erase(Shard& shard, std::string table, Item key, WrittenItems* tell) override;
  Task<Result<std::optional<Item>>> get(Shard& shard, std::string table, Item key) override;

 private:
  Tables& tables_;
};

}  // namespace croft::dynamo
