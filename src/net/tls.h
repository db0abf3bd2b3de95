#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/peer.h"
#include "types/result.h"

namespace croft::net {

// Judges a client certificate inside the handshake; false ends it with a TLS alert. Threads: any.
using CertificateJudge = std::function<bool(const ClientCertificate&)>;

// What a TLS endpoint presents and demands. Immutable once made; shared by all shards, and with it the session
// tickets, so a device may resume on another shard. Threads: any.
class TlsContext {
 public:
  // Of a client. What is presented is judged in either case; nothing that is presented is taken without a judge.
  enum class Certificate { required, optional, not_asked };
  struct Server {
    std::string certificate_pem;  // leaf first, then its chain
    std::string key_pem;
    CertificateJudge judge;       // empty: no client certificate is asked for
    Certificate certificate = Certificate::required;
    std::vector<std::string> alpn;  // preferred first; an offer without any of them goes on without ALPN
    std::map<std::string, Certificate> certificate_for{};  // where a protocol of `alpn` demands otherwise
  };
  struct Client {
    std::string ca_pem;           // the only roots that are trusted, unless
    bool system_roots = false;    // those of this machine are: OpenSSL's folder, in Debian /etc/ssl/certs
    std::string certificate_pem;  // "" = none
    std::string key_pem;
    std::string server_name;      // SNI, and the name or address the server's certificate must carry
    std::vector<std::string> alpn;
  };

  // TLS 1.2 and 1.3. Errors: TlsConfiguration, naming what could not be used.
  static Result<std::shared_ptr<TlsContext>> server(Server settings);
  static Result<std::shared_ptr<TlsContext>> client(Client settings);
  virtual ~TlsContext() = default;

  // Of a server, since it was made. One that failed was begun and not finished, for whatever reason.
  struct Handshakes {
    std::uint64_t full = 0, resumed = 0, failed = 0;
  };
  virtual Handshakes handshakes() const { return {}; }
};

// One TLS connection as a pure object: ciphertext in and out of memory, no socket. An idle
// one holds about 15 KB, because buffers are given back between records.
class TlsEngine {
 public:
  explicit TlsEngine(const TlsContext& context);
  ~TlsEngine();

  // Hands over received ciphertext.
  void feed(std::span<const char> ciphertext);
  // Drives the handshake alone: whether it is over. nullopt as for read().
  std::optional<bool> handshake();
  // Drives the handshake and decrypts into `plain`: the number of bytes, 0 when more ciphertext is needed.
  // nullopt: the peer ended the stream or broke the protocol; what take_output() holds then is the alert.
  std::optional<std::size_t> read(std::span<char> plain);
  // Encrypts; before the handshake is over it is kept and sent after it.
  void write(std::string_view plain);
  void close_notify();
  // Ciphertext to be sent.
  std::string take_output();

  bool is_established() const;
  // Certificate, SNI and ALPN of an established connection.
  void describe(Peer& peer) const;
  // Why read() gave up, for the log.
  const std::string& failure() const { return failure_; }

 private:
  bool wants_more(int why);

  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string failure_;
};

}  // namespace croft::net
