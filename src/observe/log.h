#pragma once

#include <string>
#include <string_view>

namespace croft::log {

enum class Level { debug, info, warn, error, off };

// Sets the level and sends lines to standard error (or nowhere). Call once, before threads start.
void start(Level level);
Level level_from(std::string_view name);  // "debug" … "off"; info for anything else

// One line: time, level, the folder that speaks, the sentence. `text` is made printable: nothing a peer sent can
// start a new line or move a cursor. Never pass a payload, a key or a token. Threads: any.
//
// Lines of warn and below are limited to 50 a second for each folder; what was dropped is counted in the next one.
void debug(std::string_view folder, std::string_view text);
void info(std::string_view folder, std::string_view text);
void warn(std::string_view folder, std::string_view text);
void error(std::string_view folder, std::string_view text);

}  // namespace croft::log
