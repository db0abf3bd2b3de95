#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sqs/rows.h"
#include "store/store.h"

namespace croft::sqs {

// The order in which a queue's messages are received: a window in memory over the place rows on disk. The window
// holds every message up to a horizon; beyond it the rows are read when the window has room, so memory does not grow
// with the queue. Rows are the queue's to write; a line only reads them.
//
// Threads: its queue's.
class Line {
 public:
  struct Standing {
    Place place;
    State state;
  };
  virtual ~Line() = default;

  // The message has its row.
  virtual void add(const Standing& message) = 0;
  // Its row is gone.
  virtual void remove(Place place) = 0;
  // Rows of all messages are gone.
  virtual void clear() = 0;

  // The first messages that may be received now, in their order; they stay in the line.
  virtual std::vector<Standing> ready(std::int64_t now_ms, std::size_t count) = 0;
  // When the next message turns visible that is not yet; nothing when there is none.
  virtual std::optional<std::int64_t> next_visible_ms(std::int64_t now_ms) = 0;

  // `window` messages are known at least, twice as many at most.
  static std::unique_ptr<Line> standard(const Store& store, const Rows& rows, std::size_t window);
  // Message groups: no message of a group is ready while one of it is in flight, or while an earlier one is hidden.
  static std::unique_ptr<Line> fifo(const Store& store, const Rows& rows, std::size_t window);
};

}  // namespace croft::sqs
