// What goes to the terminal. Text from outside is escaped here or by text::printable before it is printed.
#pragma once

#include <string>
#include <string_view>

#include "text/json.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::cli {

enum class Colour { plain, bold, dim, green, red, yellow, cyan };

// `text` in that colour when standard output is a terminal (and NO_COLOR is not set); otherwise as it is.
std::string painted(Colour colour, std::string_view text);

// Made printable, however long up to the limit of a cell.
std::string shown(std::string_view outside);

// JSON that is still JSON, without a byte that a terminal would act upon.
std::string json_line(const json::value& v);
std::string json_block(const json::value& v);
// The same for JSON that is text already.
std::string without_controls(std::string_view json_text);

// Columns that a terminal uses for `text`: combining marks take none, East Asian wide characters and emoji two.
std::size_t display_width(std::string_view text);

// 2026-11-22 20:09:01 in the machine's zone; "-" for 0.
std::string local_date_time(Timestamp t);

void print_line(std::string_view line);

// Prints "croft: CODE: message" on standard error; returns the exit code 1.
int fail(const Error& error);

}  // namespace croft::cli
