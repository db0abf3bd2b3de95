#include "shard/poller.h"

#include <unistd.h>

#include "types/assert.h"

namespace croft {

static constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP | EPOLLET;

Poller::Poller() : set_(::epoll_create1(EPOLL_CLOEXEC)) { CROFT_ASSERT(set_ >= 0); }

Poller::~Poller() { ::close(set_); }

static bool control(int set, int operation, int descriptor, std::uint32_t events, Poller::Watcher& watcher) {
  epoll_event event{.events = events, .data = {.ptr = &watcher}};
  return ::epoll_ctl(set, operation, descriptor, &event) == 0;
}

bool Poller::add(int descriptor, Watcher& watcher) { return control(set_, EPOLL_CTL_ADD, descriptor, input, watcher); }

bool Poller::add_output(int descriptor, Watcher& watcher) {
  return control(set_, EPOLL_CTL_MOD, descriptor, input | EPOLLOUT, watcher);
}

void Poller::remove(int descriptor, Watcher& watcher) {
  ::epoll_ctl(set_, EPOLL_CTL_DEL, descriptor, nullptr);
  for (epoll_event& event : untold_) {
    if (event.data.ptr == &watcher) event.data.ptr = nullptr;
  }
}

void Poller::tell() {
  const int count = ::epoll_wait(set_, batch_.data(), static_cast<int>(batch_.size()), 0);
  if (count <= 0) return;
  untold_ = std::span(batch_).first(static_cast<std::size_t>(count));
  while (!untold_.empty()) {
    const epoll_event event = untold_.front();
    untold_ = untold_.subspan(1);
    if (event.data.ptr) static_cast<Watcher*>(event.data.ptr)->ready(event.events);
  }
}

}  // namespace croft
