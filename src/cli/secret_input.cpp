#include "cli/secret_input.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "cli/limits.h"

namespace croft::cli {

namespace {

// Up to the end of the line, which is not part of it.
Result<std::string> read_line(int descriptor) {
  std::string line;
  for (;;) {
    char byte = 0;
    const ssize_t got = ::read(descriptor, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || byte == '\n') break;
    line += byte;
    if (line.size() > limits::secret_bytes_max) return Error{"TooLong", "a password has at most 1024 bytes"};
  }
  if (line.ends_with('\r')) line.pop_back();
  return {boost::system::in_place_value, std::move(line)};
}

// The terminal, which shows nothing of what is typed while this lives.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (is_silent_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool is_there() const { return is_silent_; }
  Result<std::string> ask(const std::string& prompt) const {
    say(prompt);
    auto answer = read_line(descriptor_);
    say("\n");
    return answer;
  }

 private:
  void say(const std::string& text) const { static_cast<void>(!::write(descriptor_, text.data(), text.size())); }

  int descriptor_;
  termios before_{};
  bool is_silent_ = false;
};

}  // namespace

Result<std::string> secret_from_input() { return read_line(STDIN_FILENO); }

Result<std::string> new_secret_from_terminal(const std::string& what) {
  const SilentTerminal terminal;
  if (!terminal.is_there())
    return Error{"NoTerminal", "there is no terminal to ask at: give the password with --password-stdin"};
  auto first = terminal.ask(what + ": ");
  if (!first) return first;
  auto second = terminal.ask(what + " again: ");
  if (!second) return second;
  if (*first != *second) return Error{"Mismatch", "the two are not the same"};
  return first;
}

}  // namespace croft::cli
