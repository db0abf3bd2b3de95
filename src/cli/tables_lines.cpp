#include "cli/tables_lines.h"

#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "cli/limits.h"

namespace croft::cli {

namespace {

gzFile handle(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void Lines::Close::operator()(void* file) const { ::gzclose(handle(file)); }

Result<Lines> Lines::open(const std::string& file) {
  errno = 0;
  gzFile opened = file == "-" ? ::gzdopen(::dup(STDIN_FILENO), "rb") : ::gzopen(file.c_str(), "rb");
  if (!opened) return Error{"FileNotRead", file + ": " + std::strerror(errno != 0 ? errno : ENOMEM)};
  return Lines(opened);
}

std::optional<std::string> Lines::next() {
  std::string line;
  char part[16 * 1024];
  z_off_t at = ::gztell(handle(file_.get()));
  while (::gzgets(handle(file_.get()), part, sizeof part)) {
    const z_off_t end = ::gztell(handle(file_.get()));  // not strlen(): a byte 0 is one of the line
    line.append(part, static_cast<std::size_t>(end - at));
    at = end;
    if (line.size() > limits::item_text_bytes_max) {
      failure_ = "line " + std::to_string(number_ + 1) + " is too long for an item";
      return std::nullopt;
    }
    if (!line.ends_with('\n')) continue;
    line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
    ++number_;
    return line;
  }
  int code = Z_OK;
  const char* why = ::gzerror(handle(file_.get()), &code);
  if (code != Z_OK && code != Z_STREAM_END) {
    failure_ = code == Z_ERRNO ? std::strerror(errno) : why;
    return std::nullopt;
  }
  if (line.empty()) return std::nullopt;
  ++number_;
  return line;
}

}  // namespace croft::cli
