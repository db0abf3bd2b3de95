#include "broker/retained.h"

#include <mutex>

#include "broker/message_row.h"
#include "observe/log.h"

namespace croft::broker {

static bool is_alive(const MessagePtr& message, Timestamp now) {
  return !message->has_expired(now);
}

static void erase_row(Store& store, std::string_view topic) {
  Batch batch;
  batch.erase(Family::retained, topic);
  store.write(std::move(batch));
}

Retained::Retained(Store* store, Timestamp now, std::size_t messages_max) : store_(store), messages_max_(messages_max) {
  if (!store_) return;
  std::vector<std::string> expired;
  store_->visit(Family::retained, "", "", false, [&](std::string_view topic, std::string_view row) {
    auto message = message_from_row(row);
    if (!message) log::error("broker", "the retained message of '" + std::string(topic) + "' is damaged and was left out");
    else if (is_alive(*message, now)) messages_.emplace(topic, std::move(*message));
    else expired.emplace_back(topic);
    return true;
  });
  for (const std::string& topic : expired) erase_row(*store_, topic);
}

bool Retained::set(const MessagePtr& message) {
  std::unique_lock lock(mutex_);
  const std::string topic(message->topic());
  if (message->payload().empty()) {
    if (messages_.erase(topic) > 0 && store_) erase_row(*store_, topic);
    return true;
  }
  const auto found = messages_.find(topic);
  if (found == messages_.end() && messages_.size() >= messages_max_) return false;
  messages_.insert_or_assign(topic, message);
  if (!store_) return true;
  Batch batch;
  batch.put(Family::retained, topic, to_row(*message));
  store_->write(std::move(batch));
  return true;
}

std::vector<MessagePtr> Retained::match(std::string_view filter, mqtt::ParentMatch parent, Timestamp now) const {
  std::vector<MessagePtr> found;
  std::shared_lock lock(mutex_);
  if (!mqtt::has_wildcard(filter)) {
    const auto exact = messages_.find(filter);
    if (exact != messages_.end() && is_alive(exact->second, now)) found.push_back(exact->second);
    return found;
  }
  std::string_view literal = filter.substr(0, filter.find_first_of("+#"));
  if (!literal.empty()) literal.remove_suffix(1);  // without its slash: `a/#` may match `a`
  for (auto it = messages_.lower_bound(literal); it != messages_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(literal)) break;
    if (mqtt::matches(filter, it->first, parent) && is_alive(it->second, now)) found.push_back(it->second);
  }
  return found;
}

std::size_t Retained::size() const {
  std::shared_lock lock(mutex_);
  return messages_.size();
}

}  // namespace croft::broker
