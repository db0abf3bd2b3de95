#pragma once

#include <cstdint>
#include <string>

#include "net/http.h"

namespace croft::console {

enum class Role : std::uint8_t { none, read_only, admin };

// Who asks the console for something, and what they may do.
struct Asker {
  Role role = Role::none;
  std::string name{};  // "loopback" for whoever sits at this machine
  std::string why{};   // of Role::none, a sentence for people
};

// Who may use the console. On loopback everyone at this machine, but no page of another site in their browser; beyond it
// nobody, until users can sign in: whoever adds that changes this class alone.
//
// Threads: any, once made.
class Access {
 public:
  // `listens_on` is the gateway's address.
  explicit Access(std::string listens_on);

  // For the page itself, its scripts and styles: they show nothing of this croft, so links from other sites may lead here.
  Asker who_opens(const net::HttpRequest& request) const;
  // For everything that reads or changes data. The page sends `x-croft-console: 1` with each request: a form, an image or
  // a script of another site cannot, and its fetch() would have to ask first and is not answered.
  Asker who_asks(const net::HttpRequest& request) const;

 private:
  bool is_on_loopback_;
};

// "127.0.0.1", "[::1]:4566", "localhost:4566": this machine, by a name that no resolver elsewhere can give away. A page
// of a site whose name was made to point here (DNS rebinding) sends that site's name.
bool is_loopback_host(std::string_view host);

}  // namespace croft::console
