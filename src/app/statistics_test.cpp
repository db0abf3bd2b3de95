#include "app/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::app {

TEST(Statistics, ValuesAreTheSumsOfAllShards) {
  DeviceSide::ShardFigures a{.core = {.received = {{0, 1, 0}},
                                      .received_bytes = 10,
                                      .delivered = {{1, 0, 1}},
                                      .delivered_bytes = 20,
                                      .dropped_slow = 3,
                                      .dropped_full = 4},
                             .clients = 5,
                             .subscriptions = 6};
  a.broker.open = {1, 2, 0, 0};
  DeviceSide::ShardFigures b = a;
  b.core.dropped_expired = 100;

  using testing::Pair;
  EXPECT_THAT(statistics({a, b}, 9, 61),
              testing::ElementsAre(
                  Pair("$SYS/broker/uptime", "61 seconds"), Pair("$SYS/broker/clients/connected", "6"),
                  Pair("$SYS/broker/clients/disconnected", "4"), Pair("$SYS/broker/clients/total", "10"),
                  Pair("$SYS/broker/publish/messages/received", "2"), Pair("$SYS/broker/publish/messages/sent", "4"),
                  Pair("$SYS/broker/publish/messages/dropped", "14"),
                  Pair("$SYS/broker/publish/bytes/received", "20"), Pair("$SYS/broker/publish/bytes/sent", "40"),
                  Pair("$SYS/broker/retained messages/count", "9"), Pair("$SYS/broker/subscriptions/count", "12")));
}

}  // namespace croft::app
