#include "sql/number.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace croft::sql {
namespace {

Number number(std::string_view text) { return Number::from_text(text).value(); }
std::string text(const std::optional<Number>& n) { return n ? n->text() : "nothing"; }

TEST(Number, KeepsIntegersExactTo34Digits) {
  EXPECT_EQ(number("9007199254740993").text(), "9007199254740993");
  EXPECT_EQ(number("1234567890123456789012345678901234").text(), "1234567890123456789012345678901234");
  EXPECT_EQ(number("-9999999999999999999999999999999999").text(), "-9999999999999999999999999999999999");
}

TEST(Number, RoundsMoreThan34DigitsToALargeDecimal) {
  EXPECT_EQ(number("12345678901234567890123456789012349").text(), "1.234567890123456789012345678901235E+34");
  EXPECT_EQ(number("99999999999999999999999999999999999").text(), "1E+35");
}

TEST(Number, RefusesTextThatIsNoNumberOrOutOfRange) {
  for (const char* bad : {"", "-", ".5", "1.", "1e", "1e+", "0x1", " 1", "1 ", "+1", "NaN", "1e1000",
                          "1e99999999999"}) {
    EXPECT_FALSE(Number::from_text(bad)) << bad;
  }
  EXPECT_EQ(text(Number::from_text("1e-5000")), "0");
  EXPECT_EQ(text(Number::from_text("9.99e999")), "9.99E+999");
}

TEST(Number, ArithmeticIsDecimal) {
  EXPECT_EQ(text(Number::add(number("0.1"), number("0.2"))), "0.3");
  EXPECT_EQ(text(Number::subtract(number("1"), number("0.9"))), "0.1");
  EXPECT_EQ(text(Number::multiply(number("1.1"), number("1.1"))), "1.21");
  EXPECT_EQ(text(Number::divide(number("7"), number("2.5"))), "2.8");
  EXPECT_EQ(text(Number::divide(number("1"), number("3"))), "0.3333333333333333");
  EXPECT_EQ(text(Number::remainder(number("5.5"), number("2"))), "1.5");
  EXPECT_EQ(text(Number::remainder(number("-7"), number("3"))), "-1");
  EXPECT_EQ(text(Number::remainder(number("1e40"), number("7"))), "4");
  EXPECT_EQ(text(Number::remainder(number("0.5"), number("1e90"))), "0.5");
}

TEST(Number, MultipliesLongCoefficients) {
  EXPECT_EQ(text(Number::multiply(number("12345678901234567"), number("98765432109876543"))),
            "1219326311370217861743636654061881");
  EXPECT_EQ(text(Number::multiply(number("9999999999999999999999999999999999"),
                                  number("9999999999999999999999999999999999"))),
            "9.999999999999999999999999999999998E+67");
  EXPECT_EQ(text(Number::multiply(number("1e600"), number("1e600"))), "nothing");
}

TEST(Number, IntegerDivisionIsIntWhenExactAndDecimalOtherwise) {
  EXPECT_FALSE(Number::divide(number("8"), number("2"))->is_decimal());
  EXPECT_EQ(text(Number::divide(number("1"), number("4"))), "0.25");
  EXPECT_FALSE(Number::divide(number("1"), number("0")));
  EXPECT_FALSE(Number::remainder(number("1"), number("0")));
}

TEST(Number, AddsVeryDifferentMagnitudes) {
  EXPECT_EQ(text(Number::add(number("1e500"), number("1"))), "1E+500");
  EXPECT_EQ(text(Number::add(number("1"), number("1e-500"))), "1");
  EXPECT_EQ(text(Number::add(number("1e34"), number("1"))), "1E+34");
}

TEST(Number, ComparesByValue) {
  EXPECT_EQ(number("3"), number("3.0"));
  EXPECT_EQ(number("1e2"), number("100"));
  EXPECT_LT(number("-2"), number("-1.5"));
  EXPECT_LT(number("0.1"), number("1e300"));
  EXPECT_GT(number("2.5"), number("2.49999"));
  EXPECT_LT(number("-1e300"), number("1e-300"));
  EXPECT_EQ(number("1e50"), number("10e49"));
}

TEST(Number, RoundsAsTheFunctionsDo) {
  EXPECT_EQ(number("1.5").rounded().text(), "2");
  EXPECT_EQ(number("-1.5").rounded().text(), "-2");
  EXPECT_EQ(number("-1.1").rounded().text(), "-1");
  EXPECT_EQ(number("-1.2").floor().text(), "-2");
  EXPECT_EQ(number("-1.2").ceil().text(), "-1");
  EXPECT_EQ(number("2.888").truncated(2).text(), "2.88");
  EXPECT_EQ(number("-2.888").truncated(0).text(), "-2");
  EXPECT_EQ(number("1e-500").ceil().text(), "1");
  EXPECT_EQ(number("-2.411E247").floor_int64(), std::numeric_limits<std::int64_t>::min());
}

TEST(Number, PrintsDoublesShortestAndWholeDecimalsByVersion) {
  EXPECT_EQ(Number::from_double(36.903999599999999)->text(), "36.9039996");
  EXPECT_EQ(Number::from_double(-25.2632837000000772)->text(), "-25.263283700000077");
  EXPECT_EQ(Number::from_double(10.0)->text(), "10");
  EXPECT_EQ(Number::from_double(10.0)->text(SqlVersion::v2015_10_08), "10.0");
  EXPECT_EQ(number("10").text(SqlVersion::v2015_10_08), "10");
  EXPECT_EQ(number("5e-12").text(), "5E-12");
  EXPECT_EQ(number("0.00015").text(), "0.00015");
  EXPECT_EQ(number("-0.0000015").text(), "-0.0000015");
  EXPECT_EQ(number("1.5e-7").text(), "1.5E-7");
}

TEST(Number, DoublesSurviveTheRoundTrip) {
  for (double d : {0.1, 1e300, 1.7976931348623157e308, 5e-324, -123.456, 1e22, 123456789012345680.0}) {
    EXPECT_EQ(Number::from_double(d)->as_double(), d);
  }
}

TEST(Number, AddsWhatIsFarApart) {
  const Number one = number("1"), tiny = number("1e-30"), nothing = number("1e-40");
  EXPECT_EQ(Number::add(one, tiny)->exact_text(), "1.000000000000000000000000000001");
  EXPECT_EQ(Number::add(tiny, one).value(), Number::add(one, tiny).value());
  EXPECT_EQ(Number::add(one, nothing).value(), one);
  EXPECT_EQ(Number::subtract(number("1e40"), one).value(), number("1e40"));
}

// The short ways give what the long ways give, to the representation.
TEST(Number, ReadsJsonAsADoubleReadsIt) {
  std::mt19937 random(1);
  for (int i = 0; i < 6'000; ++i) {
    std::string text = random() % 2 ? "-" : "";
    text += std::to_string(random() % 4 ? random() % 100'000 : 0);
    const bool is_fraction = random() % 4 != 0;
    if (is_fraction)
      text += "." + std::to_string(random() % (random() % 2 ? 100 : 1'000'000'000)) + (random() % 3 ? "" : "000");
    if (is_fraction && random() % 8 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    const Number number = Number::from_json(text).value();
    const Number expected = is_fraction ? Number::from_double(std::strtod(text.c_str(), nullptr)).value()
                                        : Number::from_text(text).value();
    ASSERT_EQ(number, expected) << text;
    ASSERT_EQ(number.is_decimal(), is_fraction) << text;
    std::string appended;
    number.append_to(appended, SqlVersion::v2015_10_08);
    ASSERT_EQ(appended, number.text(SqlVersion::v2015_10_08)) << text;
    ASSERT_EQ(Number::from_text(number.exact_text()).value(), number) << text;
  }
}

TEST(Number, ShortArithmeticAgreesWithLong) {
  std::mt19937 random(2);
  const auto any = [&] { return std::to_string(random() % 1'000) + "." + std::to_string(random() % 10'000'000); };
  // Nineteen more digits make the numbers too long for 64 bits, and scaling both leaves the quotient as it is.
  const Number scale = Number::from_text("1000000007000000049").value();
  for (int i = 0; i < 2'000; ++i) {
    const Number a = Number::from_text(any()).value(), b = Number::from_text(any() + "1").value();
    const Number long_a = Number::multiply(a, scale).value(), long_b = Number::multiply(b, scale).value();
    ASSERT_EQ(Number::divide(a, b).value(), Number::divide(long_a, long_b).value()) << a.text() << " / " << b.text();
    ASSERT_EQ(a < b, long_a < long_b);
    ASSERT_EQ(Number::subtract(Number::add(a, b).value(), b).value(), a);
    ASSERT_EQ(Number::multiply(Number::add(a, b).value(), scale).value(), Number::add(long_a, long_b).value());
  }
}

}  // namespace
}  // namespace croft::sql
