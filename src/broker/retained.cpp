#include "broker/retained.h"

#include <mutex>

#include "broker/limits.h"

namespace croft::broker {

bool Retained::set(const MessagePtr& message) {
  std::unique_lock lock(mutex_);
  const std::string& topic = (*message)->topic;
  if ((*message)->payload.empty()) {
    messages_.erase(topic);
    return true;
  }
  const auto found = messages_.find(topic);
  if (found != messages_.end()) {
    found->second = message;
    return true;
  }
  if (messages_.size() >= limits::retained_messages_max) return false;
  messages_.emplace(topic, message);
  return true;
}

static bool is_alive(const MessagePtr& message, Timestamp now) {
  return !(*message)->expires_at || *(*message)->expires_at > now;
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
