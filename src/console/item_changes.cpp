#include "console/item_changes.h"

#include <algorithm>
#include <cctype>

#include "console/limits.h"
#include "dynamo/attribute_json.h"
#include "dynamo/key.h"
#include "types/timestamp.h"

namespace croft::console {

namespace {

// As names of tables are, so that one is safe in the name of an event. Source: DynamoDB API Reference, CreateTable.
bool is_table_name(std::string_view text) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; };
  return text.size() >= 3 && text.size() <= 255 && std::all_of(text.begin(), text.end(), allowed);
}

void append_item(std::string& out, const dynamo::Item* item) {
  if (!item)
    out += "null";
  else if (dynamo::counted_bytes(*item) > limits::item_told_bytes_max)
    out += "true";
  else
    dynamo::append_json(out, *item);
}

}  // namespace

std::shared_ptr<ChangeLog> ItemChanges::Book::find(const std::string& table) {
  const std::lock_guard lock(mutex);
  const auto found = logs.find(table);
  return found == logs.end() ? nullptr : found->second.lock();
}

// Unless somebody watches it again already.
void ItemChanges::Book::forget(const std::string& table) {
  const std::lock_guard lock(mutex);
  const auto found = logs.find(table);
  if (found != logs.end() && found->second.expired()) logs.erase(found);
  count = logs.size();
}

std::shared_ptr<const ChangeLog> ItemChanges::watch(const std::string& table) {
  if (!is_table_name(table)) return nullptr;
  if (auto log = book_->find(table)) return log;
  const std::lock_guard lock(book_->mutex);
  if (book_->logs.size() >= limits::watched_tables_max && !book_->logs.contains(table)) return nullptr;
  const auto end = [book = book_, table](ChangeLog* log) {
    delete log;
    book->forget(table);
  };
  std::shared_ptr<ChangeLog> log(new ChangeLog(limits::item_changes_max), end);
  book_->logs[table] = log;
  book_->count = book_->logs.size();
  return log;
}

bool ItemChanges::wants(const std::string& table) const {
  return book_->count.load(std::memory_order_relaxed) > 0 && book_->find(table);
}

void ItemChanges::changed(const dynamo::ItemWatch::Change& change) {
  const std::shared_ptr<ChangeLog> log = book_->find(change.table.name);
  if (!log) return;
  std::string key;
  dynamo::append_json(key, dynamo::key_of(change.table.keys, change.after ? *change.after : *change.before));
  std::string row = "{\"t\":" + std::to_string(Timestamp::now().ms) + ",\"k\":" + key + ",\"o\":";
  append_item(row, change.before);
  row += ",\"n\":";
  append_item(row, change.after);
  row += change.by_ttl ? ",\"ttl\":true}" : "}";
  log->add(key, std::move(row));
  if (changed_) changed_();
}

}  // namespace croft::console
