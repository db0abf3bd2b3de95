#include "text/encoding.h"

#include <gtest/gtest.h>

namespace croft::text {

TEST(Base64, RoundTripsEveryLengthOfTail) {
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(from_base64("Zg=="), "f");
  EXPECT_EQ(from_base64("Zm8="), "fo");
  EXPECT_EQ(from_base64("Zm9v"), "foo");
  EXPECT_EQ(from_base64(""), "");
}

TEST(Base64, RefusesWhatIsNotBase64) {
  EXPECT_FALSE(from_base64("Zg="));
  EXPECT_FALSE(from_base64("Z==="));
  EXPECT_FALSE(from_base64("Zm9*"));
}

TEST(Percent, DecodesAnEscapeAtTheVeryEnd) {
  EXPECT_EQ(percent_decode("a%2Fb%2f"), "a/b/");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_encode("a/b c~", true), "a/b%20c~");
}

TEST(Utf8, RefusesOverlongSurrogateAndTooLarge) {
  EXPECT_TRUE(is_utf8("sapporo \xE6\x9C\xAD\xE5\xB9\x8C"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_utf8("\xE6\x9C"));
}

TEST(Printable, LeavesNothingThatMovesACursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("\xFFok"), "\\xffok");
  EXPECT_EQ(printable("aaaa", 2), "aa...");
}

}  // namespace croft::text
