#pragma once

#include <string_view>

#include "net/http.h"

namespace croft::console {

// Adds what tells the browser how little this page needs: scripts and styles of its own, connections to this croft, no frame
// around it. Strings come from devices; should one ever be taken for markup, nothing in it would run.
// Source: W3C, "Content Security Policy Level 3", "Trusted Types".
net::HttpResponse with_page_headers(net::HttpResponse response, const net::HttpRequest& request);

// 403 with a page that says why.
net::HttpResponse refusal_page(std::string_view why);
net::HttpResponse redirect(std::string_view path);

}  // namespace croft::console
