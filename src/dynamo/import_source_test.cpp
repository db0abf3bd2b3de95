#include "dynamo/import_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include "dynamo/testing.h"

namespace croft::dynamo {

namespace {

using ::testing::ElementsAre;

using Records = std::vector<std::vector<std::string>>;

// All records of `text` when it comes in pieces of `piece` bytes.
Records records(std::string_view text, std::size_t piece, char delimiter = ',') {
  Records found;
  std::string held;
  std::size_t at = 0;
  const auto take = [&](bool is_last) {
    while (auto record = next_csv_record(held, at, delimiter, is_last)) found.push_back(*record);
  };
  for (std::size_t i = 0; i < text.size(); i += piece) {
    held += text.substr(i, piece);
    take(false);
  }
  take(true);
  return found;
}

class OneObject final : public ObjectStore {
 public:
  explicit OneObject(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::string> put(const std::string&, const std::string&, std::string) override { return std::string(); }
  Result<std::vector<Listed>> list(const std::string&, const std::string&, const std::string&) override {
    return std::vector<Listed>{{"key", bytes_.size()}};
  }
  Result<std::string> read(const std::string&, const std::string&, std::uint64_t from, std::uint64_t length) override {
    return bytes_.substr(from, length);
  }

 private:
  std::string bytes_;
};

std::string gzipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// What the reader makes of the bytes, and the largest piece; "damaged" for an error.
std::pair<std::string, std::size_t> read_all(const std::string& bytes, Compression compression) {
  OneObject objects(bytes);
  SourceReader reader(objects, "bucket", {"key", bytes.size()}, compression);
  std::string all;
  std::size_t largest = 0;
  for (;;) {
    const std::size_t had = all.size();
    const Result<bool> more = reader.read(all);
    if (!more) return {"damaged", largest};
    largest = std::max(largest, all.size() - had);
    if (!*more) return {all, largest};
  }
}

TableDefinition csv_table() {
  TableDefinition table;
  table.name = "t";
  table.keys = {{"pk", Type::string}, KeyAttribute{"sk", Type::number}};
  table.attributes = {{"pk", Type::string}, {"sk", Type::number}};
  return table;
}

}  // namespace

TEST(CsvRecords, HaveQuotesDelimitersAndLineEndsHoweverTheyArePieced) {
  const std::string text = "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n,\n\nlast,one";
  const Records expected = {{"a", "b"}, {"x, \"y\"", "two\nlines"}, {"", ""}, {""}, {"last", "one"}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(records(text, piece), expected) << piece;
}

TEST(CsvRecords, TakeOtherDelimiters) {
  EXPECT_THAT(records("a\tb,c\n", 3, '\t'), ElementsAre(ElementsAre("a", "b,c")));
}

TEST(Lines, EndWithTheText) {
  const std::string text = "one\r\n\ntwo";
  std::size_t at = 0;
  EXPECT_EQ(next_line(text, at, false), "one");
  EXPECT_EQ(next_line(text, at, false), "");
  EXPECT_EQ(next_line(text, at, false), std::nullopt);
  EXPECT_EQ(next_line(text, at, true), "two");
  EXPECT_EQ(next_line(text, at, true), std::nullopt);
}

TEST(ItemsOfRecords, HaveTypedKeysAndTextOtherwise) {
  const Result<Item> item = item_of_record(csv_table(), {"pk", "sk", "n"}, {"a", "-1.50", "3"});
  ASSERT_TRUE(item);
  EXPECT_EQ(testing::text_of(*item), "{'n':{'S':'3'},'pk':{'S':'a'},'sk':{'N':'-1.5'}}");

  EXPECT_FALSE(item_of_record(csv_table(), {"pk", "sk"}, {"a", "one"}));
  EXPECT_EQ(item_of_record(csv_table(), {"pk", "sk"}, {"a"}).error().message, "The record has 1 fields, the header 2");
  EXPECT_EQ(item_of_record(csv_table(), {"pk", "sk"}, {"\xff", "1"}).error().message, "The field pk is not UTF-8");
}

TEST(ItemsOfLines, AreInTheMemberItem) {
  EXPECT_EQ(testing::text_of(*item_of_line(R"({"Item":{"pk":{"S":"a"}}})")), "{'pk':{'S':'a'}}");
  for (const char* line : {"", "[]", "{}", R"({"Item":1})", R"({"Item":{"pk":{"X":"a"}}})", R"({"Item":{"pk":{"S":"a"}})"}) {
    EXPECT_FALSE(item_of_line(line)) << line;
  }
}

TEST(SourceReader, ReadsWhatWasCompressedInPiecesOfBoundedSize) {
  std::string text(20'000'000, 'x');  // a thousand times as large as what it comes from
  const auto [read, largest] = read_all(gzipped(text), Compression::gzip);
  EXPECT_EQ(read, text);
  EXPECT_LE(largest, 256u * 1024);

  EXPECT_EQ(read_all(gzipped("one ") + gzipped("two"), Compression::gzip).first, "one two");
  EXPECT_EQ(read_all("as it is", Compression::none).first, "as it is");
  EXPECT_EQ(read_all(text, Compression::none).first, text);
  for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd})
    EXPECT_EQ(read_all("", compression).first, "");
}

TEST(SourceReader, TellsWhatIsDamaged) {
  const std::string whole = gzipped("some text that is long enough to be cut");
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_EQ(read_all(whole.substr(0, length), Compression::gzip).first, "damaged") << length;
  EXPECT_EQ(read_all("not compressed", Compression::gzip).first, "damaged");
  EXPECT_EQ(read_all("not compressed", Compression::zstd).first, "damaged");
  EXPECT_EQ(read_all(whole + "rest", Compression::gzip).first, "damaged");
  const std::string frame("\x28\xb5\x2f\xfd\x00\x58\x19\x00\x00""abc", 12);  // one stored block of three bytes
  EXPECT_EQ(read_all(frame, Compression::zstd).first, "abc");
  EXPECT_EQ(read_all(frame + frame, Compression::zstd).first, "abcabc");
  for (std::size_t length = 1; length < frame.size(); ++length)
    EXPECT_EQ(read_all(frame.substr(0, length), Compression::zstd).first, "damaged") << length;
}

}  // namespace croft::dynamo
