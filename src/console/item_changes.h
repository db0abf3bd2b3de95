#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "console/change_log.h"
#include "dynamo/item_watch.h"

namespace croft::console {

// The changes of items, of those tables that somebody looks at. A row is
//   {"t":ms,"k":{key},"o":old,"n":new}   and "ttl":true when the item had expired
// where `old` and `new` are items as DynamoDB JSON, null where there is none, or true for one that is too large to be
// told.
//
// Threads: any. Cost of a write: one load while nobody looks; some 10 us in a table that is looked at.
// Memory: limits::item_changes_max rows for each of limits::watched_tables_max tables.
class ItemChanges final : public dynamo::ItemWatch {
 public:
  // `changed` is called, on any thread, with each change. Before the first watch().
  void tell(std::function<void()> changed) { changed_ = std::move(changed); }

  // The changes of a table of that name, from now on and for as long as the log is held; there need be no such table
  // yet. nullptr: no table can be called so, or as many are watched as can be.
  std::shared_ptr<const ChangeLog> watch(const std::string& table);

  bool wants(const std::string& table) const override;
  void changed(const dynamo::ItemWatch::Change& change) override;

 private:
  struct Book {
    std::shared_ptr<ChangeLog> find(const std::string& table);
    void forget(const std::string& table);

    std::atomic<std::size_t> count{0};
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<ChangeLog>> logs;
  };
  const std::shared_ptr<Book> book_ = std::make_shared<Book>();  // outlived by no log
  std::function<void()> changed_;
};

}  // namespace croft::console
