#include "observe/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <map>
#include <mutex>

#include "text/encoding.h"
#include "types/timestamp.h"

namespace croft::log {

namespace {

constexpr int lines_per_second_max = 50;
constexpr std::size_t line_bytes_max = 4096;

// How many lines a folder has printed in the current second, and how many were dropped.
struct Budget {
  std::int64_t second = 0;
  int printed = 0;
  int dropped = 0;
};

std::mutex budgets_mutex;
std::map<std::string, Budget, std::less<>> budgets;

// The number of lines dropped since the last printed one, or -1 when this one must be dropped as well.
int spend(std::string_view folder) {
  std::lock_guard lock(budgets_mutex);
  auto found = budgets.find(folder);
  if (found == budgets.end()) found = budgets.emplace(std::string(folder), Budget{}).first;
  Budget& budget = found->second;
  const std::int64_t second = MonoTime::now().ms / 1000;
  if (budget.second != second) {
    budget.second = second;
    budget.printed = 0;
  }
  if (budget.printed >= lines_per_second_max) {
    ++budget.dropped;
    return -1;
  }
  ++budget.printed;
  return std::exchange(budget.dropped, 0);
}

void print(spdlog::level::level_enum level, std::string_view folder, std::string_view text) {
  if (!spdlog::should_log(level)) return;
  const int dropped = level >= spdlog::level::err ? 0 : spend(folder);
  if (dropped < 0) return;
  if (dropped > 0) spdlog::log(level, "{}: {} more lines like these were dropped", folder, dropped);
  spdlog::log(level, "{}: {}", folder, text::printable(text, line_bytes_max));
}

}  // namespace

void start(Level level) {
  auto logger = std::make_shared<spdlog::logger>("croft", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %-5l %v");
  logger->set_level(level == Level::off ? spdlog::level::off
                                        : static_cast<spdlog::level::level_enum>(static_cast<int>(level) + 1));
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::default_logger()->level());
}

Level level_from(std::string_view name) {
  if (name == "debug") return Level::debug;
  if (name == "warn") return Level::warn;
  if (name == "error") return Level::error;
  if (name == "off") return Level::off;
  return Level::info;
}

void debug(std::string_view folder, std::string_view text) { print(spdlog::level::debug, folder, text); }
void info(std::string_view folder, std::string_view text) { print(spdlog::level::info, folder, text); }
void warn(std::string_view folder, std::string_view text) { print(spdlog::level::warn, folder, text); }
void error(std::string_view folder, std::string_view text) { print(spdlog::level::err, folder, text); }

}  // namespace croft::log
