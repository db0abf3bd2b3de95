#include "store/sync_round.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace croft {

namespace {

std::atomic<std::uint64_t> last_id{0};

// The round that takes waiters now, of one SyncRounds on one shard.
struct Open {
  std::uint64_t id = 0;
  const void* loop = nullptr;
  std::weak_ptr<Crowd> crowd;  // its waiters and the loop hold it
};
thread_local Open open;

// Whoever drops the last copy without having told the crowd is a loop that ended: nobody will.
class Telling {
 public:
  explicit Telling(std::shared_ptr<Crowd> crowd) : crowd_(std::move(crowd)) {}
  Telling(const Telling&) = delete;
  ~Telling() {
    if (crowd_) crowd_->abandon();
  }
  void tell() { std::exchange(crowd_, nullptr)->release(); }

 private:
  std::shared_ptr<Crowd> crowd_;
};

}  // namespace

SyncRounds::SyncRounds(Request request) : request_(std::move(request)), id_(++last_id) {}

std::shared_ptr<Crowd> SyncRounds::join(const Executor& executor) {
  const void* loop = &executor.context();
  if (open.id == id_ && open.loop == loop) {
    if (std::shared_ptr<Crowd> crowd = open.crowd.lock()) return crowd;
  }
  auto crowd = std::make_shared<Crowd>();
  open = {id_, loop, crowd};
  auto telling = std::make_shared<Telling>(crowd);
  // Runs behind everything that is ready now.
  boost::asio::post(executor, [this, executor, telling, crowd] {
    if (open.crowd.lock() == crowd) open = {};
    request_([executor, telling] { boost::asio::post(executor, [telling] { telling->tell(); }); });
  });
  return crowd;
}

Task<void> SyncRounds::wait() {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const std::shared_ptr<Crowd> crowd = join(executor);
  co_await crowd->wait();
}

}  // namespace croft
