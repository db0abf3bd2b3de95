#include "broker/receipts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace croft::broker {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Receipts, ATurnIsOverWhenTheLastOneLetsGoOfItsTicket) {
  std::vector<std::uint64_t> over;
  Receipts receipts([&](std::uint64_t turn) { over.push_back(turn); });
  Receipts::TicketPtr disk = receipts.open();
  const std::uint64_t turn = disk->number;
  Receipts::TicketPtr other_shard = disk;

  disk.reset();
  EXPECT_THAT(over, IsEmpty());
  std::thread([&] { other_shard.reset(); }).join();
  EXPECT_THAT(over, ElementsAre(turn));
  EXPECT_TRUE(receipts.is_open(turn)) << "until its shard hears of it";
  receipts.close(turn);
  EXPECT_FALSE(receipts.is_open(turn));
}

TEST(Receipts, ATurnWaitsForThoseBeforeIt) {
  Receipts receipts([](std::uint64_t) {});
  const Receipts::TicketPtr first = receipts.open(), second = receipts.open(), third = receipts.open();
  EXPECT_LT(first->number, second->number);
  EXPECT_LT(second->number, third->number);

  receipts.close(second->number);
  EXPECT_TRUE(receipts.is_open(second->number));
  receipts.close(first->number);
  EXPECT_FALSE(receipts.is_open(second->number));
  EXPECT_TRUE(receipts.is_open(third->number));
}

TEST(Receipts, WithoutTicketsNothingWaits) {
  Receipts receipts([](std::uint64_t) {});
  EXPECT_FALSE(receipts.is_open(0));
  EXPECT_FALSE(receipts.is_open(1));
  const Receipts::TicketPtr ticket = receipts.open();
  EXPECT_FALSE(receipts.is_open(ticket->number - 1)) << "a turn before the first that waits";
}

}  // namespace croft::broker
