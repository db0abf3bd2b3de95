#pragma once

#include <chrono>
#include <string>

#include "net/transport.h"
#include "types/result.h"

namespace croft::net {

// Opens a connection to `host` (a name or an address). With `tls` the handshake runs inside the first read(), so a
// client sends its first bytes at once. `timeout` 0: as long as the system tries. Errors: ConnectionFailed, naming host and port.
Task<Result<Transport>> connect(Shard& shard, std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls,
                                std::chrono::milliseconds timeout);

}  // namespace croft::net
