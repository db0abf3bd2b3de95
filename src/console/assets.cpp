#include "console/assets.h"

#include <zlib.h>

#include <charconv>
#include <vector>

#include "types/assert.h"

extern "C" {
extern const char croft_console_console_table[], croft_console_console_table_end[];
extern const char croft_console_console_bytes[], croft_console_console_bytes_end[];
}

namespace croft::console {

namespace {

constexpr std::size_t line_fields = 6;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  CROFT_ASSERT(read.ec == std::errc() && read.ptr == text.data() + text.size());
  return value;
}

// Source: zlib's manual, inflateInit2; the bytes are our own.
std::string decompressed(std::string_view gzip) {
  constexpr int gzip_window_bits = 15 + 16;
  z_stream stream{};
  CROFT_ASSERT(inflateInit2(&stream, gzip_window_bits) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string out;
  char piece[16 * 1024];
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  }
  inflateEnd(&stream);
  CROFT_ASSERT(result == Z_STREAM_END);
  return out;
}

bool takes_gzip(const net::HttpRequest& request) {
  const std::string* accepted = request.header("accept-encoding");
  return accepted && accepted->find("gzip") != std::string::npos;
}

net::HttpResponse plain(int status, std::string_view text) {
  return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::string(text)};
}

}  // namespace

std::string_view embedded_table() { return {croft_console_console_table, croft_console_console_table_end}; }
std::string_view embedded_bytes() { return {croft_console_console_bytes, croft_console_console_bytes_end}; }

Assets::Assets(std::string prefix, std::string_view table, std::string_view bytes) : prefix_(std::move(prefix)) {
  for (const std::string_view line : split(table, '\n')) {
    const std::vector<std::string_view> fields = split(line, '\t');
    CROFT_ASSERT(fields.size() == line_fields);
    const std::size_t begin = number(fields[2]), length = number(fields[3]);
    CROFT_ASSERT(begin <= bytes.size() && length <= bytes.size() - begin);
    assets_[fields[0]] = {.type = fields[1],
                          .bytes = bytes.substr(begin, length),
                          .etag = '"' + std::string(fields[4]) + '"',
                          .is_immutable = fields[5] == "immutable"};
  }
  CROFT_ASSERT(assets_.contains("index.html"));
}

const Assets::Asset* Assets::find(std::string_view path) const {
  if (!path.starts_with(prefix_)) return nullptr;
  path.remove_prefix(prefix_.size());
  if (const auto found = assets_.find(path); found != assets_.end()) return &found->second;
  const bool looks_like_file = path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
  return looks_like_file ? nullptr : &assets_.at("index.html");
}

net::HttpResponse Assets::answer(const net::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") return plain(405, "The console's files can be read only.\n");
  const Asset* asset = find(request.path);
  if (!asset) return plain(404, "The console has no such file.\n");
  net::HttpResponse response{200, {{"content-type", std::string(asset->type)}, {"etag", asset->etag}, {"vary", "accept-encoding"}}, ""};
  response.headers.emplace_back("cache-control", asset->is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  const std::string* known = request.header("if-none-match");
  if (known && *known == asset->etag) {
    response.status = 304;
  } else if (takes_gzip(request)) {
    response.headers.emplace_back("content-encoding", "gzip");
    response.body = asset->bytes;
  } else {
    response.body = decompressed(asset->bytes);
  }
  return response;
}

}  // namespace croft::console
