#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "console/change_log.h"
#include "console/limits.h"
#include "net/http.h"
#include "net/transport.h"
#include "shard/shard.h"

namespace croft::console {

// One kind of change that feeds carry: an event's name, and where its rows come from.
struct Topic {
  std::string name;             // "clients"
  const ChangeLog* log;
  std::function<void(bool)> watched{};  // told when the first feed wants it, and when the last one went; may be empty
};
using TopicPtr = std::shared_ptr<const Topic>;

// Topics that are there while somebody wants them: "items:NAME", whose log is open(NAME), or nullptr where there is none.
struct TopicFamily {
  std::string prefix;  // "items:"
  std::function<std::shared_ptr<const ChangeLog>(const std::string& name)> open;
};

// Server-sent events for browsers, each with its own cursor in every log it wants. A browser that reads slowly is not
// written to until it has read: then it gets what is newest, and nothing in croft waits for it. A browser that was too long
// away gets the event "reload" with the topic's name and asks for the whole list again.
// Source: WHATWG HTML, "Server-sent events".
//
// Threads: the API shard's, but wake(). Memory: limits::feed_unsent_max and one round of rows for each browser.
class Feeds {
 public:
  // `shard` runs the gateway and outlives the object.
  Feeds(Shard& shard, std::vector<Topic> topics, std::vector<TopicFamily> families = {})
      : shard_(shard), topics_(std::move(topics)), families_(std::move(families)) {}

  // The answer that becomes a stream: of the topics named in `wanted`, from the next change on. 400 when it names none, 429
  // when there are as many feeds as can be. Once `is_over` says so, the feed ends; empty: never.
  net::HttpResponse open(const std::vector<std::string>& wanted, std::function<bool()> is_over = {});
  void end_those_over();
  // There is something new in a log. Threads: any. Cost: one exchange while an earlier call is not seen to yet.
  void wake();
  // To everyone who wants that topic and can take it now; it is not kept for the others.
  void tell(std::string_view topic, std::string_view data);

  std::size_t count() const { return feeds_.size(); }

 private:
  struct Feed {
    explicit Feed(net::Transport transport) : transport(std::move(transport)) {}
    net::Transport transport;
    std::vector<std::pair<TopicPtr, Sequence>> cursors;
    std::function<bool()> is_over;
    bool wants(std::string_view topic) const;
  };
  using FeedPtr = std::shared_ptr<Feed>;
  TopicPtr find(const std::string& name) const;
  void begin(net::Transport transport, const std::vector<TopicPtr>& topics, std::function<bool()> is_over);
  Task<void> run(FeedPtr feed);
  Task<void> pump();
  bool send_news(Feed& feed);
  void tell_watched(const Topic& topic, bool before);
  bool is_wanted(const Topic& topic) const;

  Shard& shard_;
  const std::vector<Topic> topics_;
  const std::vector<TopicFamily> families_;
  std::list<FeedPtr> feeds_;
  std::shared_ptr<std::size_t> opening_ = std::make_shared<std::size_t>(0);  // promised, and not begun
  bool pumping_ = false;
  std::atomic<bool> woken_{false};
};

}  // namespace croft::console
