#include "shard/wakeup.h"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>

#include "shard/shard.h"

namespace croft {

static Task<void> note_each(Shard& shard, std::shared_ptr<Wakeup> wakeup, std::shared_ptr<std::string> notes) {
  for (;;) {
    co_await wakeup->wait(shard.waiters());
    *notes += 'w';
  }
}

TEST(Wakeup, ResumesItsWaiterNowOrLaterAndNobodyElse) {
  Shard shard(0, "a");
  shard.start();
  const auto wakeup = std::make_shared<Wakeup>();
  const auto notes = std::make_shared<std::string>();
  std::promise<void> over;
  shard.post([&] { wakeup->raise(); });  // nobody waits
  shard.spawn(note_each(shard, wakeup, notes));
  shard.post([&] {
    EXPECT_TRUE(wakeup->is_awaited());
    wakeup->raise_now();
    *notes += "1";
    wakeup->raise();
    wakeup->raise();  // it does not wait at this moment
    *notes += "2";
  });
  shard.post([&] { shard.post([&] { over.set_value(); }); });
  over.get_future().wait();

  EXPECT_EQ(*notes, "w12w");
}

TEST(Wakeup, WhoStillWaitsIsDestroyedWithTheShard) {
  const auto notes = std::make_shared<std::string>();
  {
    Shard shard(0, "a");
    shard.start();
    std::promise<void> waits;
    shard.spawn(note_each(shard, std::make_shared<Wakeup>(), notes));
    shard.post([&] { waits.set_value(); });
    waits.get_future().wait();
    EXPECT_EQ(notes.use_count(), 2);
  }
  EXPECT_EQ(notes.use_count(), 1);
}

}  // namespace croft
