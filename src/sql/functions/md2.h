#pragma once

#include <string>
#include <string_view>

namespace croft::sql {

// The MD2 message digest (RFC 1319), 16 raw bytes. OpenSSL is usually built without it.
std::string md2(std::string_view bytes);

}  // namespace croft::sql
