#include "rules/endpoint_url.h"

#include <gtest/gtest.h>

#include "rules/destination_limits.h"

namespace croft::rules {

static bool is_accepted(std::string_view url, bool plain_loopback = true) {
  return endpoint_url(url, "url", {plain_loopback}, limits::http_ports).has_value();
}

TEST(EndpointUrl, TakesWhatAwsTakes) {
  for (const char* url :
       {"https://example.com", "https://example.com:443/x?y", "https://EXAMPLE.com:8443/", "https://203.0.113.9/x"})
    EXPECT_TRUE(is_accepted(url)) << url;
}

TEST(EndpointUrl, TakesThisMachineWithAnyPortAndWithoutTls) {
  for (const char* url : {"http://127.0.0.1:80/x", "http://127.1.2.3:9999", "http://localhost:1", "https://localhost:7777"})
    EXPECT_TRUE(is_accepted(url)) << url;
  EXPECT_FALSE(is_accepted("http://127.0.0.1:80/x", false));
  EXPECT_TRUE(is_accepted("https://127.0.0.1:9999/x", false));
}

TEST(EndpointUrl, RefusesWhatOnlyLooksLikeThisMachine) {
  for (const char* url :
       {"http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://example.com#@127.0.0.1/", "http://0.0.0.0/",
        "http://127.0.0.256/", "http://127.0.0/", "http://0177.0.0.1/", "http://[::1]/", "http://localhost@example.com/"})
    EXPECT_FALSE(is_accepted(url)) << url;
}

TEST(EndpointUrl, RefusesAddressesOfTheCloudAndOddNumbers) {
  for (const char* url :
       {"https://169.254.169.254/", "https://169.254.0.1", "https://2852039166/", "https://0xa9fea9fe/", "https://127.1/",
        "https://0x7f.0.0.1", "https://1.2.3.4.", "https://example.com:22", "https://[fe80::1]:443", "https://"})
    EXPECT_FALSE(is_accepted(url)) << url;
}

TEST(EndpointUrl, HasAtMost2000Characters) {
  EXPECT_TRUE(is_accepted("https://example.com/" + std::string(1'980, 'x')));
  EXPECT_FALSE(is_accepted("https://example.com/" + std::string(1'981, 'x')));
}

}  // namespace croft::rules
