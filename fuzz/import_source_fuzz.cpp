// Objects that ImportTable reads. The first byte says how they are compressed, and how small the pieces are in which they come;
// the rest is the object. However it comes, the same records are found; an item that is taken reads back from its row.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/attribute_encoding.h"
#include "dynamo/import_source.h"
#include "types/assert.h"

namespace {

using namespace croft;
using namespace croft::dynamo;

constexpr std::size_t text_bytes_max = 1 << 20;  // of one run: what is small may be large before compression

class OneObject final : public ObjectStore {
 public:
  explicit OneObject(std::string_view bytes) : bytes_(bytes) {}
  Result<std::string> put(const std::string&, const std::string&, std::string) override { return std::string(); }
  Result<std::vector<Listed>> list(const std::string&, const std::string&, const std::string&) override {
    return std::vector<Listed>();
  }
  Result<std::string> read(const std::string&, const std::string&, std::uint64_t from, std::uint64_t length) override {
    return std::string(bytes_.substr(from, length));
  }

 private:
  const std::string_view bytes_;
};

std::string text_of(std::string_view bytes, Compression compression) {
  OneObject objects(bytes);
  SourceReader reader(objects, "b", {"k", bytes.size()}, compression);
  std::string text;
  while (text.size() < text_bytes_max) {
    const Result<bool> more = reader.read(text);
    if (!more || !*more) break;
  }
  return text;
}

using Records = std::vector<std::vector<std::string>>;

Records csv(std::string_view text, std::size_t piece) {
  Records found;
  std::string held;
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size(); i += piece) {
    held += text.substr(i, piece);
    while (auto record = next_csv_record(held, at, ',', false)) found.push_back(std::move(*record));
  }
  while (auto record = next_csv_record(held, at, ',', true)) found.push_back(std::move(*record));
  return found;
}

void check(const Result<Item>& item) {
  if (!item) return;
  const std::string row = encode_item(*item, counted_bytes(*item));
  CROFT_ASSERT(decode_item(row) == *item);
}

void check_lines(std::string_view text) {
  std::size_t at = 0, bytes = 0;
  while (const auto line = next_line(text, at, true)) {
    bytes += line->size();
    check(item_of_line(*line));
  }
  CROFT_ASSERT(at == text.size() && bytes <= text.size());
}

void check_csv(std::string_view text, std::size_t piece) {
  TableDefinition table;
  table.attributes = {{"pk", Type::string}, {"n", Type::number}, {"b", Type::binary}};
  const Records whole = csv(text, text.size() + 1);
  if (text.size() < 4096) CROFT_ASSERT(csv(text, piece) == whole);
  for (std::size_t n = 1; n < whole.size(); ++n) check(item_of_record(table, whole.front(), whole[n]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string text = text_of(bytes, static_cast<Compression>(data[0] % 3));
  check_lines(text);
  check_csv(text, 1 + data[0] / 3);
  return 0;
}
