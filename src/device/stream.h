#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/tls.h"
#include "net/transport.h"

namespace croft::device {

// The byte stream of a client: a plain Transport with TLS above it. It differs from a Transport with TLS inside in
// that it tells why TLS gave up, which decides how soon a device tries again.
//
// Threads: its shard.
class Stream {
 public:
  // Without `tls` the stream is plain.
  Stream(net::Transport transport, std::shared_ptr<net::TlsContext> tls);

  // Waits for bytes; empty when the stream ended. Valid until the next read(). The handshake runs inside the first
  // one.
  Task<std::span<const char>> read(std::span<char> scratch);
  void send(std::string_view bytes);
  Task<bool> drained();

  // Says close_notify, then closes.
  void close();
  // Closes the socket and nothing else: what a peer sees of a killed process.
  void abort();

  bool is_secure() const { return tls_ != nullptr; }
  bool is_established() const { return !tls_ || tls_->is_established(); }
  // Why TLS ended the stream; "" when it did not.
  std::string failure() const { return tls_ ? tls_->failure() : std::string(); }

 private:
  void flush();

  net::Transport transport_;
  std::shared_ptr<net::TlsContext> context_;
  std::unique_ptr<net::TlsEngine> tls_;
  std::string early_;  // what was sent before the handshake was over
  std::string plain_;  // decrypted bytes that read() handed out
};

}  // namespace croft::device
