#include "console/feeds.h"

#include <algorithm>
#include <set>

namespace croft::console {

namespace {

net::HttpResponse refuse(int status, std::string_view message) {
  return {status, {{"content-type", "application/json"}}, R"({"message":")" + std::string(message) + "\"}"};
}

std::string event(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}

std::string event(std::string_view name, const std::vector<std::shared_ptr<const std::string>>& rows) {
  std::string data = "[";
  for (const auto& row : rows) {
    if (data.size() > 1) data += ',';
    data += *row;
  }
  return event(name, data + ']');
}

}  // namespace

bool Feeds::Feed::wants(std::string_view topic) const {
  return std::any_of(cursors.begin(), cursors.end(), [&](const auto& cursor) { return cursor.first->name == topic; });
}

bool Feeds::is_wanted(const Topic& topic) const {
  return std::any_of(feeds_.begin(), feeds_.end(), [&](const FeedPtr& feed) { return feed->wants(topic.name); });
}

void Feeds::tell_watched(const Topic& topic, bool before) {
  const bool now = is_wanted(topic);
  if (now != before && topic.watched) topic.watched(now);
}

TopicPtr Feeds::find(const std::string& name) const {
  for (const Topic& topic : topics_)
    if (topic.name == name) return {TopicPtr(), &topic};  // it is the object's own
  for (const TopicFamily& family : families_) {
    if (!name.starts_with(family.prefix)) continue;
    if (auto log = family.open(name.substr(family.prefix.size())))
      return {new Topic{name, log.get()}, [log](const Topic* topic) { delete topic; }};
  }
  return nullptr;
}

net::HttpResponse Feeds::open(const std::vector<std::string>& wanted, std::function<bool()> is_over) {
  std::vector<TopicPtr> topics;
  for (const std::string& name : std::set<std::string>(wanted.begin(), wanted.end()))
    if (TopicPtr topic = find(name)) topics.push_back(std::move(topic));
  if (topics.empty()) return refuse(400, "The feed has no such topic.");
  if (feeds_.size() + *opening_ >= limits::feeds_max) return refuse(429, "As many browsers are kept up to date as can be at once.");
  net::HttpResponse response{200, {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}, ""};
  ++*opening_;
  // The count goes down also when the browser went before its answer was sent.
  const std::shared_ptr<void> opening(nullptr, [count = opening_](void*) { --*count; });
  response.take_over = [this, opening, topics = std::move(topics), is_over = std::move(is_over)](net::Transport transport,
                                                                                                const std::string&) {
    begin(std::move(transport), topics, is_over);
  };
  return response;
}

void Feeds::begin(net::Transport transport, const std::vector<TopicPtr>& topics, std::function<bool()> is_over) {
  auto feed = std::make_shared<Feed>(std::move(transport));
  feed->is_over = std::move(is_over);
  std::vector<TopicPtr> first;
  for (const TopicPtr& topic : topics)
    if (!is_wanted(*topic)) first.push_back(topic);
  for (const TopicPtr& topic : topics) feed->cursors.emplace_back(topic, topic->log ? topic->log->newest() : 0);
  feeds_.push_back(feed);
  for (const TopicPtr& topic : first) tell_watched(*topic, false);
  feed->transport.limit_kernel_buffer(limits::feed_kernel_bytes);
  feed->transport.send(event("hello", "{}"));
  shard_.spawn(run(std::move(feed)));
}

// A browser sends nothing: what comes is its end.
Task<void> Feeds::run(FeedPtr feed) {
  for (;;) {
    const std::span<const char> bytes = co_await feed->transport.read(shard_.read_buffer());
    if (bytes.empty()) break;
  }
  feed->transport.close();
  feeds_.remove(feed);
  for (const auto& cursor : feed->cursors) tell_watched(*cursor.first, true);
}

// Its reading ends with the connection, and that takes it off the list.
void Feeds::end_those_over() {
  for (const FeedPtr& feed : feeds_)
    if (feed->is_over && feed->is_over()) feed->transport.close();
}

void Feeds::wake() {
  if (woken_.exchange(true)) return;
  shard_.post([this] {
    if (std::exchange(pumping_, true)) return;
    shard_.spawn(pump());
  });
}

// True when there is more for it. Each topic at most one event, so that one with much to tell leaves room for the others.
bool Feeds::send_news(Feed& feed) {
  bool is_behind = false;
  for (auto& [topic, cursor] : feed.cursors) {
    if (!topic->log) continue;
    if (feed.transport.unsent() > limits::feed_unsent_max) return true;
    ChangeLog::Page page = topic->log->read(cursor, limits::rows_at_once);
    cursor = page.next;
    if (page.lost) feed.transport.send(event("reload", '"' + topic->name + '"'));
    else if (!page.rows.empty()) feed.transport.send(event(topic->name, page.rows));
    is_behind = is_behind || cursor != topic->log->newest();
  }
  return is_behind;
}

Task<void> Feeds::pump() {
  for (;;) {
    woken_ = false;
    bool anyone_is_behind = false;
    for (const FeedPtr& feed : feeds_) anyone_is_behind = send_news(*feed) || anyone_is_behind;
    co_await sleep_for(limits::gather_time);
    if (!woken_ && !anyone_is_behind) break;
  }
  pumping_ = false;
}

void Feeds::tell(std::string_view topic, std::string_view data) {
  for (const FeedPtr& feed : feeds_)
    if (feed->wants(topic) && feed->transport.unsent() <= limits::feed_unsent_max) feed->transport.send(event(topic, data));
}

}  // namespace croft::console
