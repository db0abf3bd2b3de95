#include "device/stream.h"

#include <utility>

namespace croft::device {

static constexpr std::size_t plain_bytes = 16 * 1024;  // one TLS record

Stream::Stream(net::Transport transport, std::shared_ptr<net::TlsContext> tls)
    : transport_(std::move(transport)), context_(std::move(tls)) {
  if (context_) tls_ = std::make_unique<net::TlsEngine>(*context_);
}

void Stream::flush() {
  const std::string ciphertext = tls_->take_output();
  if (!ciphertext.empty()) transport_.send(ciphertext);
}

Task<std::span<const char>> Stream::read(std::span<char> scratch) {
  if (!tls_) {
    const std::span<const char> bytes = co_await transport_.read(scratch);
    co_return bytes;
  }
  plain_.resize(plain_bytes);
  for (;;) {
    const std::optional<std::size_t> got = tls_->read(plain_);
    if (got && tls_->is_established() && !early_.empty()) tls_->write(std::exchange(early_, {}));
    flush();
    if (!got) co_return std::span<const char>();
    if (*got > 0) co_return std::span<const char>(plain_.data(), *got);
    plain_ = std::string();  // nothing is held while waiting
    const std::span<const char> ciphertext = co_await transport_.read(scratch);
    if (ciphertext.empty()) co_return std::span<const char>();
    tls_->feed(ciphertext);
    plain_.resize(plain_bytes);
  }
}

void Stream::send(std::string_view bytes) {
  if (!tls_) return transport_.send(bytes);
  if (!tls_->is_established()) {
    early_ += bytes;
    return;
  }
  tls_->write(bytes);
  flush();
}

Task<bool> Stream::drained() {
  const bool sent = co_await transport_.drained();
  co_return sent;
}

void Stream::close() {
  if (tls_) {
    tls_->close_notify();
    flush();
  }
  transport_.close();
}

void Stream::abort() {
  transport_.abort();
}

}  // namespace croft::device
