#pragma once

#include <string_view>

namespace croft::net {

// An address of this machine that nobody elsewhere can have: 127.A.B.C, ::1, and the former as IPv6 spells it.
bool is_loopback_address(std::string_view address);

// "127.0.0.1", "[::1]:4566", "localhost:4566", as a Host header has them: this machine, by a name that no resolver elsewhere
// can give away. A page of a site whose name was made to point here (DNS rebinding) sends that site's name.
bool is_loopback_host(std::string_view host);

}  // namespace croft::net
