#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

namespace croft {

// Which descriptors of a shard can be read or written. A set of its own, which the event loop sees as one descriptor: here a
// connection costs nothing but its entry in the kernel and one system call, and not one for each wait.
//
// Edges are told, not states: a watcher that was told of input reads until there is none. Source: epoll(7).
//
// Threads: the shard's.
class Poller {
 public:
  class Watcher {
   public:
    // `events` of epoll(7). The watcher may remove itself and others, and go away.
    virtual void ready(std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;

  // Input and the end of it are told from here on, also what is there already. `watcher` stays until remove(). False, with
  // errno, when the kernel has no room.
  bool add(int descriptor, Watcher& watcher);
  // Output, too; told at once when there is room now.
  bool add_output(int descriptor, Watcher& watcher);
  // Nothing more is told, not even what was seen already. Before the descriptor is closed: a child between fork and exec
  // holds a copy, which would keep the entry.
  void remove(int descriptor, Watcher& watcher);

  // Tells what there is now, up to so many; does not wait.
  void tell();

  // Readable when there is something to tell.
  int descriptor() const { return set_; }

 private:
  static constexpr std::size_t batch_max = 256;
  int set_;
  std::array<epoll_event, batch_max> batch_;
  std::span<epoll_event> untold_;  // of the batch
};

}  // namespace croft
