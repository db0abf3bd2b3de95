#include "net/byte_queue.h"

#include <gtest/gtest.h>

namespace croft::net {

TEST(ByteQueue, BytesLeaveInTheOrderOfTheirComing) {
  ByteQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.append("abc");
  queue.append("de");
  EXPECT_EQ(std::string_view(queue.data(), queue.size()), "abcde");

  queue.consume(1);
  queue.append("f");
  EXPECT_EQ(std::string_view(queue.data(), queue.size()), "bcdef");
  queue.consume(4);
  EXPECT_EQ(std::string_view(queue.data(), queue.size()), "f");
  queue.consume(1);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size(), 0u);
}

// Against a plain string, with every split of what is taken.
TEST(ByteQueue, WhateverIsTakenTheRestStays) {
  ByteQueue queue;
  std::string plain;
  for (unsigned step = 0; step < 5000; ++step) {
    const std::string more(step * 7 % 31, static_cast<char>('a' + step % 26));
    queue.append(more);
    plain += more;
    const std::size_t taken = std::min<std::size_t>(plain.size(), step * 13 % 37);
    queue.consume(taken);
    plain.erase(0, taken);
    ASSERT_EQ(std::string_view(queue.data(), queue.size()), plain) << step;
    ASSERT_EQ(queue.empty(), plain.empty()) << step;
  }
}

TEST(ByteQueue, ClearedItIsEmptyAndGoesOn) {
  ByteQueue queue;
  queue.append("abc");
  queue.consume(1);
  queue.clear();
  EXPECT_TRUE(queue.empty());
  queue.append("x");
  EXPECT_EQ(std::string_view(queue.data(), queue.size()), "x");
}

}  // namespace croft::net
