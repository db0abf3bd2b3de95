#include "dynamo/export_files.h"

#include <gtest/gtest.h>

#include <map>

#include "dynamo/attribute_encoding.h"
#include "dynamo/change_log.h"
#include "dynamo/import_source.h"
#include "dynamo/tables_testing.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::dynamo {

namespace {

using testing::item_of;

class Bucket final : public ObjectStore {
 public:
  Result<std::string> put(const std::string& bucket, const std::string& key, std::string body) override {
    if (bucket != "bucket") return Error{"NoSuchBucket", "The specified bucket does not exist", 404};
    objects[key] = std::move(body);
    return "etag of " + key;
  }
  Result<std::vector<Listed>> list(const std::string&, const std::string&, const std::string&) override {
    return std::vector<Listed>();
  }
  Result<std::string> read(const std::string&, const std::string& key, std::uint64_t from, std::uint64_t length) override {
    return objects.at(key).substr(from, length);
  }
  // As it was before compression.
  std::string text(const std::string& key) {
    SourceReader reader(*this, "bucket", {key, objects.at(key).size()}, Compression::gzip);
    std::string all;
    while (reader.read(all).value()) {
    }
    return all;
  }

  std::map<std::string, std::string> objects;
};

}  // namespace

TEST(ExportFiles, BeginsANewFileWhenOneIsLarge) {
  Bucket bucket;
  const std::string line(1'000'000, 'x');
  std::vector<ExportFiles::File> first;
  for (int time = 0; time < 2; ++time) {
    ExportFiles files(bucket, "bucket", "folder/", "id");
    for (int n = 0; n < 40; ++n) ASSERT_TRUE(files.add(line));
    ASSERT_TRUE(files.finish());
    EXPECT_EQ(files.items(), 40);
    EXPECT_EQ(files.bytes(), 40 * 1'000'001);
    ASSERT_EQ(files.files().size(), 3u);
    EXPECT_EQ(files.files()[0].items, 17);
    EXPECT_EQ(files.files()[2].items, 6);
    if (time == 0) first = files.files();
    EXPECT_EQ(files.files()[1].key, first[1].key) << "the same names when it is done again";
  }
  EXPECT_EQ(bucket.objects.size(), 3u);
  for (const ExportFiles::File& file : first) {
    EXPECT_TRUE(file.key.starts_with("folder/") && file.key.ends_with(".json.gz"));
    EXPECT_EQ(file.md5, text::base64(text::md5(bucket.objects.at(file.key))));
    EXPECT_EQ(file.etag, "etag of " + file.key);
  }
  EXPECT_EQ(bucket.text(first[2].key).size(), 6u * 1'000'001);
}

TEST(ExportFiles, HasOneEmptyFileWhenThereIsNothing) {
  Bucket bucket;
  ExportFiles files(bucket, "bucket", "folder/", "id");
  ASSERT_TRUE(files.finish());
  ASSERT_EQ(files.files().size(), 1u);
  EXPECT_EQ(files.files()[0].items, 0);
  EXPECT_EQ(bucket.text(files.files()[0].key), "");

  ExportFiles nowhere(bucket, "other", "folder/", "id");
  EXPECT_EQ(nowhere.finish().error().code, "NoSuchBucket");
}

// A change that belongs to the millisecond of `from` counts, one of that of `to` does not.
TEST(CompactChanges, CountsFromTheFirstMomentToBeforeTheLast) {
  auto store = Store::open("", Store::Durability::memory).value();
  constexpr std::uint32_t table = 3, number = 4;
  const auto row = [](int n) {
    const Item item = item_of("{'pk':{'S':'a'},'n':{'N':'" + std::to_string(n) + "'}}");
    return encode_item(item, counted_bytes(item));
  };
  ChangeLog log(*store);
  std::vector<Timestamp> times;
  for (int n = 0; n < 4; ++n) {
    ItemChange change;
    change.row_key = table_prefix(table) + "a";
    if (n > 0) change.before = row(n - 1);
    change.after = row(n);
    Batch batch;
    times.push_back(time_of(log.add(batch, table, change)));
    store->write(std::move(batch));
    while (Timestamp::now() <= times.back()) {
    }
  }

  CompactChanges compact(*store, store->snapshot(), table, number, times[1], times[3]);
  while (compact.turn()) {
  }
  Bucket bucket;
  ExportFiles files(bucket, "bucket", "", "id");
  ExportChanges changes(*store, number, {{"pk", Type::string}, std::nullopt}, true, files);
  while (changes.turn().value()) {
  }
  ASSERT_TRUE(files.finish());

  EXPECT_EQ(bucket.text(files.files()[0].key),
            "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"" + std::to_string(times[2].ms) + "000\"}},"
            "\"Keys\":{\"pk\":{\"S\":\"a\"}},\"OldImage\":{\"n\":{\"N\":\"0\"},\"pk\":{\"S\":\"a\"}},"
            "\"NewImage\":{\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"a\"}}}\n");
}

}  // namespace croft::dynamo
