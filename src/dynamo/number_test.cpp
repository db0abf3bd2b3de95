#include "dynamo/number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace croft::dynamo {

namespace {

Number number(std::string_view text) { return Number::parse(text).value(); }
std::string printed(std::string_view text) { return number(text).text(); }
std::string refusal(std::string_view text) {
  const auto parsed = Number::parse(text);
  return parsed ? "accepted" : parsed.error().message;
}
std::string ordered(const Number& n) {
  std::string out;
  n.append_ordered(out);
  return out;
}

// Up to 38 random digits with a random exponent in range.
Number random_number(std::mt19937& random) {
  const std::size_t length = 1 + random() % 38;
  std::string text = random() % 2 ? "-" : "";
  text += static_cast<char>('1' + random() % 9);
  while (text.size() < length) text += static_cast<char>('0' + random() % 10);
  const int span = random() % 4 ? 6 : 120;
  return number(text + "E" + std::to_string(static_cast<int>(random() % static_cast<unsigned>(span)) - span / 2));
}

}  // namespace

TEST(Number, PrintsPlainDecimalsWithoutLeadingOrTrailingZeros) {
  EXPECT_EQ(printed("1E+2"), "100");
  EXPECT_EQ(printed("-0012.3400"), "-12.34");
  EXPECT_EQ(printed(".5"), "0.5");
  EXPECT_EQ(printed("5."), "5");
  EXPECT_EQ(printed("+7"), "7");
  EXPECT_EQ(printed("-0.000"), "0");
  EXPECT_EQ(printed("0E+500"), "0");
  EXPECT_EQ(printed("123e-5"), "0.00123");
  EXPECT_EQ(printed("1E-130"), "0." + std::string(129, '0') + "1");
  EXPECT_EQ(printed("9E125"), "9" + std::string(125, '0'));
  EXPECT_EQ(Number(-1200).text(), "-1200");
  EXPECT_EQ(Number(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
}

TEST(Number, RefusesWhatIsNotANumberWithAwsTexts) {
  EXPECT_EQ(refusal(""), "The parameter cannot be converted to a numeric value");
  for (const char* text :
       {"b", "1 ", " 1", "1e", "1e+", "--1", "1.2.3", ".", "-", "0x10", "NaN", "Infinity", "1_0"}) {
    EXPECT_EQ(refusal(text), std::string("The parameter cannot be converted to a numeric value: ") + text);
  }
}

// Source: each measured at the limit of AWS's item size.
TEST(Number, CountsBytesAsAwsDoes) {
  const std::pair<const char*, std::size_t> known[] = {
      {"0", 1}, {"-0", 1}, {"1", 2}, {"12", 2}, {"123", 3}, {"1234", 3}, {"12345678901234567890123456789012345678", 20},
      {"0042", 2}, {"100", 2}, {"1010", 3}, {"0.0000001", 2}, {"1E125", 2}, {"1E-100", 2}, {"1.5", 3}, {"15", 2},
      {"1.200", 3}, {"1.234", 4}, {"3.14159", 5}, {"123456", 4}, {"100.5", 4}, {"0.15", 2}, {"-42", 3}};
  for (const auto& [text, bytes] : known) EXPECT_EQ(number(text).counted_bytes(), bytes) << text;
}

TEST(Number, HoldsExactlyThirtyEightDigits) {
  EXPECT_EQ(printed(std::string(38, '9')), std::string(38, '9'));
  EXPECT_EQ(refusal(std::string(39, '9')), "Attempting to store more than 38 significant digits in a Number");
  EXPECT_EQ(printed("1" + std::string(60, '0')), "1" + std::string(60, '0'));
  EXPECT_EQ(printed("0.0000" + std::string(38, '1')), "0.0000" + std::string(38, '1'));
}

TEST(Number, RefusesMagnitudesOutOfRange) {
  const std::string over = "Number overflow. Attempting to store a number with magnitude larger than supported range";
  const std::string under =
      "Number underflow. Attempting to store a number with magnitude smaller than supported range";
  EXPECT_EQ(refusal("9.9E125"), "accepted");
  EXPECT_EQ(refusal("1E126"), over);
  EXPECT_EQ(refusal("-1E126"), over);
  EXPECT_EQ(refusal("1E-130"), "accepted");
  EXPECT_EQ(refusal("1E-131"), under);
  EXPECT_EQ(refusal("1E99999999999999999999"), over);
  EXPECT_EQ(refusal("1E-99999999999999999999"), under);
}

TEST(Number, AddsAndSubtractsExactly) {
  const auto sum = [](const char* a, const char* b) { return Number::add(number(a), number(b)).value().text(); };
  const auto difference = [](const char* a, const char* b) {
    return Number::subtract(number(a), number(b)).value().text();
  };
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("1E+20", "1"), "100000000000000000001");
  EXPECT_EQ(sum("-5", "5"), "0");
  EXPECT_EQ(sum("0", "-3.5"), "-3.5");
  EXPECT_EQ(difference("0", "3.5"), "-3.5");
  EXPECT_EQ(difference("3", "5"), "-2");
  EXPECT_EQ(difference("1E38", "1"), std::string(38, '9'));
  EXPECT_EQ(sum("99", "1"), "100");
}

TEST(Number, RefusesSumsThatDoNotFit) {
  EXPECT_EQ(Number::add(number("1E38"), number("1")).error().message,
            "Attempting to store more than 38 significant digits in a Number");
  EXPECT_FALSE(Number::add(number("1E125"), number("1E-130")));
  EXPECT_FALSE(Number::subtract(number("9E38"), number("1")));
  EXPECT_EQ(Number::add(number("9E125"), number("9E125")).error().message,
            "Number overflow. Attempting to store a number with magnitude larger than supported range");
}

TEST(Number, OrderOfBytesIsOrderOfNumbers) {
  std::mt19937 random(7);
  std::vector<Number> numbers = {Number(), number("1"), number("-1"), number("10"), number("1E125"), number("-1E125"),
                                 number("1E-130"), number("-1E-130"), number("1.5"), number("15"), number("0.15")};
  for (int i = 0; i < 300; ++i) numbers.push_back(random_number(random));

  for (const Number& a : numbers) {
    for (const Number& b : numbers) {
      ASSERT_EQ(ordered(a) <=> ordered(b), a <=> b) << a.text() << " against " << b.text();
      ASSERT_EQ(a == b, a <=> b == 0);
    }
  }
}

TEST(Number, OrderAgreesWithSubtraction) {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    const Number a = random_number(random), b = random_number(random);
    const auto difference = Number::subtract(a, b);
    if (difference) {
      ASSERT_EQ(a <=> b, *difference <=> Number());
      ASSERT_EQ(Number::subtract(Number(), *difference).value(), Number::subtract(b, a).value());
    }
  }
}

TEST(Number, ReadsBackFromItsBytesAndLeavesTheRest) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const Number a = random_number(random);
    const std::string bytes = ordered(a) + "rest";
    std::string_view rest = bytes;

    ASSERT_EQ(Number::take_ordered(rest), a);
    ASSERT_EQ(rest, "rest");
    ASSERT_EQ(number(a.text()), a);
  }
}

}  // namespace croft::dynamo
