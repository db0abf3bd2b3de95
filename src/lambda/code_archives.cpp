#include "lambda/code_archives.h"

#include <filesystem>

#include "lambda/archive.h"
#include "lambda/errors.h"
#include "lambda/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::lambda {
namespace fs = std::filesystem;
namespace {

std::string hex_of(const std::string& sha256_base64) {
  return text::hex(text::from_base64(sha256_base64).value_or(std::string()));
}

// "code/<hex>/"; a chunk's number follows in eight hex digits, so that key order is chunk order.
std::string row_prefix(const std::string& hex) {
  return "code/" + hex + "/";
}
std::string row_end(const std::string& hex) {
  return "code/" + hex + "0";
}  // '0' follows '/'

std::string chunk_key(const std::string& hex, std::uint32_t chunk) {
  std::string number;
  for (int shift = 24; shift >= 0; shift -= 8) number += static_cast<char>(chunk >> shift);
  return row_prefix(hex) + text::hex(number);
}

// The packages whose rows are there, as hex; reads one row of each.
std::vector<std::string> packages(const Store& store) {
  std::vector<std::string> found;
  const std::string_view end = "code0";  // '0' follows '/'
  for (std::string from = "code/";; from = row_end(found.back())) {
    const std::size_t before = found.size();
    store.visit(Family::objects, from, end, false, [&](std::string_view key, std::string_view) {
      key.remove_prefix(5);
      found.emplace_back(key.substr(0, key.find('/')));
      return false;
    });
    if (found.size() == before) return found;
  }
}

std::string read_rows(const Store& store, const std::string& hex) {
  std::string zip;
  store.visit(Family::objects, row_prefix(hex), row_end(hex), false, [&](std::string_view, std::string_view bytes) {
    zip += bytes;
    return true;
  });
  return zip;
}

Batch rows_of(const std::string& hex, std::string_view zip) {
  Batch batch;
  for (std::uint32_t chunk = 0; !zip.empty(); ++chunk) {
    batch.put(Family::objects, chunk_key(hex, chunk), zip.substr(0, limits::code_chunk_bytes));
    zip.remove_prefix(std::min(zip.size(), limits::code_chunk_bytes));
  }
  return batch;
}

// Unpacks beside the final place and renames, so that a crash never leaves half a folder under a good name.
Result<void> unpack_to(std::string_view zip, const std::string& folder, const std::string& name) {
  std::error_code failure;
  if (fs::exists(folder + "/" + name, failure)) return {};
  std::string unfinished = folder + "/unfinished-" + text::random_uuid();
  Result<void> unzipped = unzip(zip, unfinished);
  if (!unzipped) return unzipped;
  fs::rename(unfinished, folder + "/" + name, failure);
  if (failure) return service_exception("the code folder cannot be made: " + failure.message());
  return {};
}

}  // namespace

CodeArchives::CodeArchives(Store& store, Pool& pool, std::string folder)
    : store_(store), pool_(pool), folder_(std::move(folder)) {
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
}

Task<Result<CodeArchives::Stored>> CodeArchives::add(std::string zip) {
  if (zip.empty()) co_return invalid_parameter("Uploaded file must be a non-empty zip");
  if (zip.size() > limits::archive_bytes_max) {
    co_return payload_too_large(zip.size(), "CreateFunction", limits::archive_bytes_max);
  }
  AsyncLock::Held held = co_await unpacking_.acquire();
  auto work = [this, zip = std::move(zip)]() -> Result<Stored> {
    std::string digest = text::sha256(zip);
    std::string hex = text::hex(digest);
    Result<void> unpacked = unpack_to(zip, folder_, hex);
    if (!unpacked) return unpacked.error();
    store_.write(rows_of(hex, zip));
    return Stored{text::base64(digest), static_cast<std::int64_t>(zip.size())};
  };
  Result<Stored> stored = co_await pool_.run(std::move(work));
  if (stored) co_await store_.durable();
  co_return stored;
}

Task<Result<std::string>> CodeArchives::unpacked(std::string sha256) {
  std::string hex = hex_of(sha256);
  std::string path = folder_ + "/" + hex;
  std::error_code failure;
  if (fs::exists(path, failure)) co_return path;
  AsyncLock::Held held = co_await unpacking_.acquire();
  auto work = [this, hex]() -> Result<void> {
    std::string zip = read_rows(store_, hex);
    if (zip.empty()) return service_exception("the function's code is no longer stored");
    return unpack_to(zip, folder_, hex);
  };
  Result<void> done = co_await pool_.run(std::move(work));
  if (!done) co_return done.error();
  co_return path;
}

Task<Result<std::string>> CodeArchives::bytes(std::string sha256) {
  auto work = [this, hex = hex_of(sha256)]() { return read_rows(store_, hex); };
  std::string zip = co_await pool_.run(std::move(work));
  if (zip.empty()) co_return service_exception("the function's code is no longer stored");
  co_return zip;
}

void CodeArchives::erase(const std::string& sha256) {
  std::string hex = hex_of(sha256);
  Batch batch;
  batch.erase_range(Family::objects, row_prefix(hex), row_end(hex));
  store_.write(std::move(batch));
}

Task<void> CodeArchives::sweep(std::set<std::string> used_sha256) {
  std::set<std::string> names;
  for (const std::string& sha256 : used_sha256) names.insert(hex_of(sha256));
  for (const std::string& hex : packages(store_)) {
    if (names.contains(hex)) continue;
    Batch batch;
    batch.erase_range(Family::objects, row_prefix(hex), row_end(hex));
    store_.write(std::move(batch));
  }
  auto work = [folder = folder_, names = std::move(names)]() {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (!names.contains(entry.path().filename().string())) fs::remove_all(entry.path(), ignored);
    }
    return Done{};
  };
  co_await pool_.run(std::move(work));
}

}  // namespace croft::lambda
