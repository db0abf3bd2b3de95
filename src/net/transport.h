#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/peer.h"
#include "shard/shard.h"

namespace croft::net {

class TlsContext;

// One byte stream, plain or TLS, that belongs to a shard and can move to another. As a WebSocket connection it is the
// stream of the payload of its binary messages.
//
// Reading waits for the socket first and only then borrows the scratch buffer, so an idle connection holds no buffer.
// Sending never waits: what the socket does not take is kept and written when it can be; unsent() is the back-pressure.
//
// Threads: the shard it is attached to.
class Transport {
 public:
  // Takes over a connected non-blocking descriptor. With `tls` the handshake runs inside the first read(), unless
  // handshake() came before.
  Transport(Shard& shard, int descriptor, Peer peer, std::shared_ptr<TlsContext> tls);
  Transport(Transport&&) noexcept;
  Transport& operator=(Transport&&) noexcept;
  ~Transport();  // closes abruptly

  // Completes the TLS handshake and leaves what comes behind it for read(), so that peer() tells who and what comes before
  // anything is read. True at once without TLS; false when the stream ended or the handshake failed.
  Task<bool> handshake(std::span<char> scratch);

  // Waits, then reads into `scratch` (valid until the next await); empty when the stream ended or broke.
  Task<std::span<const char>> read(std::span<char> scratch);

  // Whom bytes are handed to as they arrive.
  class Reader {
   public:
    virtual ~Reader() = default;
    // `bytes` are valid during the call. False: nothing more is read until go_on().
    virtual bool received(std::span<const char> bytes) = 0;
    // The stream ended or broke; the last call. Not after close().
    virtual void ended() = 0;
  };
  // For a long life: in place of read(), and cheaper: nothing waits, and bytes come in the shard's read_buffer(). Nothing is
  // handed over any more when `reader` has gone.
  void hand_over_to(std::weak_ptr<Reader> reader);
  void go_on();

  // From here on frames are read and written, one binary message for each send(); `received` are the bytes that came
  // behind the request for it, `principal` is who signed it, or `upgrade` what it carried. No read may be waiting.
  void speak_websocket(std::string received, std::string principal, std::shared_ptr<const UpgradeRequest> upgrade = {});
  // Why read() returned empty.
  enum class Ending { lost, closed_by_peer, protocol_fault };  // the latter two only as a WebSocket connection
  Ending ending() const;

  // Queues bytes and writes what the socket takes now.
  void send(std::string_view bytes);
  void send(std::span<const std::string_view> pieces);
  std::size_t unsent() const;
  // The kernel keeps about so much for a peer that does not read, in place of some megabytes: more stays unsent().
  void limit_kernel_buffer(int bytes);
  // Waits until unsent() is at most `bytes`; false when the stream broke.
  Task<bool> drained(std::size_t bytes = 0);

  // Sends what is queued (for at most a second), then closes; TLS says close_notify, WebSocket a close frame.
  void close();
  // Closes at once, dropping what is queued. A waiting read() returns empty.
  void abort();
  // Aborts when so long has passed; replaces an earlier wish. 0: never. Not for a transport that moves to another shard.
  void expire_after(std::chrono::milliseconds patience);
  bool is_open() const;
  // The peer closed or reset the connection, and nothing that it sent before waits to be read. Asks the kernel.
  bool has_peer_left() const;
  // Why TLS gave the stream up, "" when it did not.
  std::string tls_failure() const;

  // The certificate, SNI and ALPN are there after handshake(), or the first read() that returned bytes.
  const Peer& peer() const;
  // Gives its memory back; peer() is empty from here on.
  void forget_peer();

  // Moves to another shard: detach on the old shard (no read may be waiting, nothing be unsent), attach on the new one.
  void detach();
  void attach(Shard& shard);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace croft::net
