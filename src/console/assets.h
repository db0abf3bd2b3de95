#pragma once

#include <map>
#include <string>
#include <string_view>

#include "net/http.h"
#include "types/result.h"

namespace croft::console {

// The built page, as tools/embed_console.py packed it: files compressed by gzip, one behind the other, and a table of them.
//
// Threads: any, once made.
class Assets {
 public:
  // The files are served below `prefix`, which ends in a slash. `table` has a line for each file: its path, its type, where
  // its bytes begin, how many they are, its hash, and "immutable" for one whose name changes with its content, else "page".
  Assets(std::string prefix, std::string_view table, std::string_view bytes);

  // GET and HEAD. A path without a file is the page's own business: it gets index.html, unless it looks like a file's.
  net::HttpResponse answer(const net::HttpRequest& request) const;

 private:
  struct Asset {
    std::string_view type, bytes;
    std::string etag;
    bool is_immutable;
  };
  const Asset* find(std::string_view path) const;

  std::string prefix_;
  std::map<std::string_view, Asset> assets_;
};

// What is built into this program.
std::string_view embedded_table();
std::string_view embedded_bytes();

}  // namespace croft::console
