// Statements and payloads made from dice, for property tests and fuzzers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace croft::sql {

// Numbers from bytes: a fuzzer's input, or those of a generator with a fixed seed. Without bytes left, zeros.
class Dice {
 public:
  explicit Dice(std::string_view bytes) : bytes_(bytes) {}

  bool is_empty() const { return at_ >= bytes_.size(); }
  std::uint32_t below(std::uint32_t end) {
    const std::uint32_t byte = is_empty() ? 0 : static_cast<unsigned char>(bytes_[at_++]);
    return byte % end;
  }
  template <std::size_t n>
  std::string one_of(const char* const (&words)[n]) {
    return words[below(n)];
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

class StatementGenerator {
 public:
  explicit StatementGenerator(Dice& dice) : dice_(dice) {}

  std::string statement() {
    std::string text;
    const std::uint32_t variables = dice_.below(8) < 5 ? 0 : 1 + dice_.below(3);
    for (std::uint32_t i = 0; i < variables; ++i) {
      text += (i ? ", @v" : "SET @v") + std::to_string(i) + " = " + expression(3);
      variables_ = i + 1;
    }
    text += " SELECT " + projection(4);
    if (dice_.below(8)) text += " FROM 'a/+/b'";
    if (dice_.below(2)) text += " WHERE " + expression(4);
    return text;
  }

  std::string expression(int depth) {
    if (depth == 0 || dice_.is_empty()) return leaf();
    static constexpr const char* operators[] = {" AND ", " OR ", " = ", " <> ", " < ", " <= ", " > ", " >= ",
                                                " IN ",  " + ",  " - ", " * ",  " / ", " % ",  " != "};
    switch (dice_.below(16)) {
      case 0:
      case 1:
        return leaf();
      case 2:
        return "NOT " + operand(depth - 1);
      case 3:
        return "-" + operand(depth - 1);
      case 4:
        return "cast(" + expression(depth - 1) + " AS " +
               dice_.one_of({"String", "Int", "Double", "DECIMAL", "bool", "text"}) + ")";
      case 5:
        return choice(depth - 1);
      case 6:
        return "[" + list(depth - 1) + "]";
      case 7:
        return object(depth - 1);
      case 8:
        return call(depth - 1);
      case 9:
        return subselect(depth - 1);
      case 10:
        return "EXISTS " + subselect(depth - 1);
      case 11: return operand(depth - 1) + "." + name();
      case 12: return name() + dice_.one_of({" = ", " <> "}) + dice_.one_of({"'x'", "'5'", "'abcabc'", "'caf\xC3\xA9'", "5"});
      default:
        return operand(depth - 1) + dice_.one_of(operators) + operand(depth - 1);
    }
  }

 private:
  std::string operand(int depth) {
    const std::string text = expression(depth);
    return dice_.below(3) ? "(" + text + ")" : text;
  }
  std::string name() {
    return dice_.one_of({"a", "b", "c", "value", "x", "Select_", "end", "list", "text", "n", "deep"});
  }
  std::string leaf() {
    switch (dice_.below(8)) {
      case 0:
      case 1:
        return name();
      case 2:
        return name() + "." + name();
      case 3:
        return dice_.one_of({"1", "0", "2.50", "1e3", "7E-2", "123456789012345678901234567890", "0.1", "3.0",
                             "99999999999999999999e900"});
      case 4:
        return dice_.one_of({"'x'", "\"it''s\"", "'a''b'", "''", "'5'", "'true'", "'1e400'", "'\xC3\xA9'"});
      case 5:
        return dice_.one_of({"NULL", "true", "FALSE", "*", "*.a", "*.list"});
      case 6:
        return variables_ ? "@v" + std::to_string(dice_.below(static_cast<std::uint32_t>(variables_))) : name();
      default:
        return "deep.a.b." + name();
    }
  }
  std::string list(int depth) {
    std::string text;
    for (std::uint32_t i = dice_.below(4); i > 0; --i) text += (text.empty() ? "" : ", ") + expression(depth);
    return text;
  }
  std::string object(int depth) {
    std::string text;
    for (std::uint32_t i = dice_.below(4); i > 0; --i) {
      text += (text.empty() ? "'" : ", '") + dice_.one_of({"k", "a", "it''s", ""}) + "': " + expression(depth);
    }
    return "{" + text + "}";
  }
  std::string choice(int depth) {
    std::string text = "CASE " + expression(depth);
    for (std::uint32_t i = 1 + dice_.below(3); i > 0; --i)
      text += " WHEN " + expression(depth) + " THEN " + expression(depth);
    if (dice_.below(2)) text += " ELSE " + expression(depth);
    return text + " END";
  }
  std::string call(int depth) {
    static constexpr const char* names[] = {
        "abs",   "Ceil",        "round",    "trunc",          "mod",       "power",    "nanvl",      "bitand",
        "upper", "concat",      "length",   "lpad",           "substring", "replace",  "startswith", "indexof",
        "get",   "isUndefined", "isnull",   "get_or_default", "md5",       "topic",    "timestamp",  "sqrt",
        "chr",   "trim",        "clientid", "rand",           "newuuid",   "numbytes", "sign",       "nosuch"};
    static constexpr const char* whole[] = {"encode(*, 'base64')",
                                            "decode(encode(a, 'base64'), 'base64')",
                                            "regexp_matches(text, '[a-c]+')",
                                            "regexp_replace(text, '(.)', '$1$1')",
                                            "parse_time('yyyy-MM-dd', n)",
                                            "transform('enrichArray', deep, list)",
                                            "regexp_substr('abc', concat('b', '+'))",
                                            "get_mqtt_property('content_type')",
                                            "get_user_properties()"};
    if (dice_.below(3) == 0) return dice_.one_of(whole);
    return dice_.one_of(names) + "(" + list(depth) + ")";
  }
  std::string projection(int depth) {
    if (dice_.below(6) == 0) return dice_.one_of({"VALUE ", "value "}) + "(" + expression(depth) + ")";
    std::string text;
    for (std::uint32_t i = 1 + dice_.below(3); i > 0; --i) {
      text += text.empty() ? "" : ", ";
      text += dice_.below(5) == 0 ? "*" : expression(depth);
      switch (dice_.below(4)) {
        case 0:
          text += " AS " + name();
          break;
        case 1:
          text += " as s." + name() + "." + name();
          break;
        default:
          break;
      }
    }
    return text;
  }
  std::string subselect(int depth) {
    std::string text = "(SELECT " + projection(depth > 2 ? 2 : depth) + " FROM ";
    text +=
        dice_.one_of({"list", "deep.list", "*", "deep", "a", "('a').b", "[1, 2, 'x']", "(SELECT VALUE a FROM list)"});
    if (dice_.below(2)) text += " AS " + name();
    if (dice_.below(2)) text += " WHERE " + expression(depth);
    return text + ")";
  }

  Dice& dice_;
  int variables_ = 0;
};

class PayloadGenerator {
 public:
  explicit PayloadGenerator(Dice& dice) : dice_(dice) {}

  std::string payload() {
    std::string text = dice_.below(16) ? object(4) : value(4);
    if (dice_.below(24) == 0 && !text.empty())
      text[dice_.below(250) % text.size()] = static_cast<char>(dice_.below(255));
    if (dice_.below(24) == 0) text += dice_.one_of({" ", "x", "\n", "}", ","});
    return text;
  }

 private:
  std::string space() { return dice_.below(6) ? "" : dice_.one_of({" ", "\n\t", "\r ", "  "}); }
  std::string name() {
    return dice_.one_of(
        {"a", "b", "c", "value", "x", "list", "text", "n", "deep", "\\u0061", "a long name of many bytes", ""});
  }
  std::string value(int depth) {
    switch (depth > 0 ? dice_.below(9) : 2 + dice_.below(5)) {
      case 0:
        return object(depth - 1);
      case 1:
        return array(depth - 1);
      case 2:
        return dice_.one_of({"true", "false", "null"});
      case 3:
        return dice_.one_of(
            {"0", "-0", "1", "5", "-17", "12345678901234567", "123456789012345678901234567890123456", "01", "-"});
      case 4:
        return dice_.one_of({"1.5", "-0.0", "36.903999599999999", "1e3", "1E+5", "2.5e-3", "1e999", "1e1000",
                             "-1e5000", "0.1e-999", "5.0", "1.", ".5", "1e", "0.30000000000000004",
                             "123456789.123456", "4.9e-324", "1e22", "1e0001"});
      case 5:
        return dice_.one_of({"\"\"", "\"x\"", "\"5\"", "\"true\"", "\"abcabc\"",
                             "\"caf\xC3\xA9 and more than sixteen bytes\"", "\"\\n\\\"\"", "\"\\ud83d\\ude00\"",
                             "\"\\ud83d\"", "\"\\x\"", "\"a", "\"\xFF\"", "\"just under sixteen\\u00e9 bytes\""});
      case 6:
        return dice_.one_of({"\"a\\/b\"", "\"A-12\"", "\"\x01\"", "\"0123456789abcdef\"", "\"0123456789abcde\\\"\""});
      case 7:
        return array(depth - 1);
      default:
        return object(depth - 1);
    }
  }
  std::string array(int depth) {
    std::string text = "[" + space();
    for (std::uint32_t i = dice_.below(5); i > 0; --i) text += value(depth) + space() + (i > 1 ? "," : "") + space();
    return text + (dice_.below(40) ? "]" : "");
  }
  std::string object(int depth) {
    std::string text = "{" + space();
    for (std::uint32_t i = dice_.below(7); i > 0; --i) {
      text += "\"" + name() + "\"" + space() + ":" + space() + value(depth) + space() + (i > 1 ? "," : "") + space();
    }
    return text + (dice_.below(40) ? "}" : "]");
  }

  Dice& dice_;
};

}  // namespace croft::sql
