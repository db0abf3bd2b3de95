#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/sigv4.h"
#include "net/http.h"
#include "text/json.h"

namespace croft::gateway {

// A request line taken apart once, for matching against many routes.
struct RequestLine {
  std::string method;
  std::vector<std::string> segments;  // percent-decoded; a trailing slash leaves an empty last one
  std::vector<identity::QueryParameter> query;

  // At most route_segments_max segments; the last one then holds the rest.
  static RequestLine read(const net::HttpRequest& request);
  // Whether everything decoded is well-formed UTF-8, as names in AWS are.
  bool is_utf8() const;
};

// "PUT /{Bucket}/{Key+}?partNumber&uploadId", compiled.
class Route {
 public:
  explicit Route(std::string_view text);

  // How well it fits: more for literal segments than for labels, and more for each parameter asked for; nothing when
  // it does not fit. A slash at the end of the path is forgiven unless a {label+} takes it.
  std::optional<int> match(const RequestLine& line) const;
  // The labels of a line that fits, by their names.
  void read_labels(const RequestLine& line, json::object& into) const;

 private:
  struct Segment {
    enum class Kind { literal, label, greedy } kind;
    std::string text;
  };
  struct Required {
    std::string name;
    std::optional<std::string> value;
  };
  bool fits_query(const RequestLine& line) const;

  std::string method_;
  std::vector<Segment> segments_;
  std::vector<Required> required_;
};

}  // namespace croft::gateway
