#include "net/loopback.h"

#include <gtest/gtest.h>

namespace croft::net {
namespace {

TEST(Loopback, NamesOfThisMachineAreNamesOfThisMachine) {
  for (const char* host : {"localhost", "localhost:4566", "127.0.0.1", "127.0.0.1:1", "127.1.2.3:65535", "[::1]", "[::1]:4566"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host : {"", "example.com", "127.0.0.1.example.com", "127.0.0", "127.0.0.1.2", "localhost.example.com:4566",
                           "localhost:", "localhost:4566x", "[::1", "[::1]x", "[::2]", "0.0.0.0", "127.0.0.1:4566@example.com"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(Loopback, AddressesOfThisMachineAloneAreItsOwn) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback_address(address)) << address;
  for (const char* address : {"", "0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1", "localhost", "127.0.0.1:80"})
    EXPECT_FALSE(is_loopback_address(address)) << address;
}

}  // namespace
}  // namespace croft::net
