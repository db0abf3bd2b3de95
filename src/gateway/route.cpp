#include "gateway/route.h"

#include <algorithm>

#include "gateway/limits.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::gateway {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    if (end == text.size()) return parts;
    at = end + 1;
  }
}

std::string rest_of(const std::vector<std::string>& segments, std::size_t first) {
  std::string rest = segments[first];
  for (std::size_t i = first + 1; i < segments.size(); ++i) rest += '/' + segments[i];
  return rest;
}

}  // namespace

RequestLine RequestLine::read(const net::HttpRequest& request) {
  RequestLine line;
  line.method = request.method;
  std::string_view path = request.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (line.segments.size() + 1 < route_segments_max) {
    const std::size_t end = std::min(path.find('/'), path.size());
    line.segments.push_back(text::percent_decode(path.substr(0, end)));
    if (end == path.size()) break;
    path.remove_prefix(end + 1);
    if (line.segments.size() + 1 == route_segments_max) line.segments.push_back(text::percent_decode(path));
  }
  line.query = identity::query_parameters(request.query);
  return line;
}

bool RequestLine::is_utf8() const {
  const auto is_parameter_utf8 = [](const identity::QueryParameter& parameter) {
    return text::is_utf8(parameter.name) && text::is_utf8(parameter.value);
  };
  return std::all_of(segments.begin(), segments.end(), [](const std::string& s) { return text::is_utf8(s); }) &&
         std::all_of(query.begin(), query.end(), is_parameter_utf8);
}

Route::Route(std::string_view text) {
  const std::size_t space = text.find(' ');
  CROFT_ASSERT(space != std::string_view::npos && text.substr(space).starts_with(" /"));
  method_ = text.substr(0, space);
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string_view path = text.substr(space + 2, question - space - 2);
  if (path.ends_with('/')) path.remove_suffix(1);
  for (std::string_view part : split(path, '/')) {
    if (!part.starts_with('{'))
      segments_.push_back({Segment::Kind::literal, std::string(part)});
    else if (part.ends_with("+}"))
      segments_.push_back({Segment::Kind::greedy, std::string(part.substr(1, part.size() - 3))});
    else
      segments_.push_back({Segment::Kind::label, std::string(part.substr(1, part.size() - 2))});
  }
  if (question == text.size()) return;
  for (std::string_view part : split(text.substr(question + 1), '&')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      required_.push_back({std::string(part), std::nullopt});
    else
      required_.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
  }
}

bool Route::fits_query(const RequestLine& line) const {
  const auto is_there = [&](const Required& wanted) {
    return std::any_of(line.query.begin(), line.query.end(), [&](const identity::QueryParameter& parameter) {
      return parameter.name == wanted.name && (!wanted.value || parameter.value == *wanted.value);
    });
  };
  return std::all_of(required_.begin(), required_.end(), is_there);
}

std::optional<int> Route::match(const RequestLine& line) const {
  if (method_ != line.method) return std::nullopt;
  std::size_t count = line.segments.size();
  const bool is_greedy = segments_.back().kind == Segment::Kind::greedy;
  if (!is_greedy && count == segments_.size() + 1 && line.segments.back().empty()) --count;
  if (is_greedy ? count < segments_.size() : count != segments_.size()) return std::nullopt;

  int score = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    if (segment.kind == Segment::Kind::literal) {
      if (segment.text != line.segments[i]) return std::nullopt;
      score += 100;
    } else if (segment.kind == Segment::Kind::label) {
      if (line.segments[i].empty()) return std::nullopt;
      score += 10;
    } else if (count == segments_.size() && line.segments[i].empty()) {
      return std::nullopt;
    }
  }
  if (!fits_query(line)) return std::nullopt;
  return score + static_cast<int>(required_.size());
}

void Route::read_labels(const RequestLine& line, json::object& into) const {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    if (segment.kind == Segment::Kind::label) into[segment.text] = line.segments[i];
    if (segment.kind == Segment::Kind::greedy) into[segment.text] = rest_of(line.segments, i);
  }
}

}  // namespace croft::gateway
