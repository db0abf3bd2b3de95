#include "services/s3/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/s3/limits.h"

namespace croft::services::s3 {

namespace {

using testing::ElementsAre;

constexpr Timestamp noon{1'000'000'000};

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : result.error().code;
}

class ObjectsTest : public testing::Test {
 protected:
  void SetUp() override { objects.create_bucket("bucket", noon).value(); }

  Result<Object> put(const std::string& key, std::string body, WriteCondition condition = {}) {
    return objects.put("bucket", key, {std::move(body), {}, {}, std::move(condition)}, noon);
  }
  std::size_t rows(std::string_view prefix) const {
    std::string end(prefix);
    ++end.back();
    return store->scan(Family::objects, prefix, end, 100'000).size();
  }
  std::vector<std::string> list(ListQuery query) {
    std::vector<std::string> found;
    const Listing listing = objects.list("bucket", query).value();
    for (const auto& entry : listing.entries) found.push_back(entry.key);
    for (const std::string& prefix : listing.common_prefixes) found.push_back("[" + prefix + "]");
    if (listing.is_truncated) found.push_back("…" + listing.last);
    return found;
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  Objects objects{*store};
};

}  // namespace

TEST_F(ObjectsTest, LargeBodiesComeBackAcrossRows) {
  std::string body;
  for (std::size_t i = 0; body.size() < 3 * chunk_bytes; ++i) body += std::to_string(i);
  put("k", body).value();

  EXPECT_EQ(objects.get("bucket", "k").value(), body);
  const RangeRequest range{chunk_bytes - 1, chunk_bytes + 1, 0};
  EXPECT_EQ(objects.read("bucket", "k", range).value().bytes, body.substr(chunk_bytes - 1, 3));
}

TEST_F(ObjectsTest, AReplacedOrErasedBodyLeavesNoRows) {
  put("k", std::string(2 * chunk_bytes, 'a')).value();
  put("k", "b").value();

  EXPECT_EQ(rows("s3d/"), 1u);
  EXPECT_EQ(rows("s3w/"), 0u);
  objects.erase("bucket", "k").value();
  EXPECT_EQ(rows("s3d/"), 0u);
  EXPECT_EQ(code_of(objects.get("bucket", "k")), "NoSuchKey");
}

TEST_F(ObjectsTest, ARefusedWriteLeavesNoRows) {
  put("k", "old").value();

  EXPECT_EQ(code_of(put("k", "new", {.if_none_match = "*"})), "PreconditionFailed");
  EXPECT_EQ(code_of(put("k", "new", {.if_match = "other"})), "PreconditionFailed");
  EXPECT_EQ(code_of(put("none", "new", {.if_match = "other"})), "NoSuchKey");
  EXPECT_EQ(rows("s3d/"), 1u);
  EXPECT_EQ(rows("s3w/"), 0u);
  EXPECT_EQ(objects.get("bucket", "k").value(), "old");
}

TEST_F(ObjectsTest, BytesWithoutOwnerAreErasedAtTheNextStart) {
  Blobs(*store).write("left behind by a crash");
  put("k", "kept").value();
  EXPECT_EQ(rows("s3d/"), 2u);

  Objects reopened(*store);

  EXPECT_EQ(rows("s3d/"), 1u);
  EXPECT_EQ(reopened.get("bucket", "k").value(), "kept");
}

TEST_F(ObjectsTest, KeysAreChecked) {
  EXPECT_EQ(code_of(put(std::string(key_bytes_max, 'k'), "")), "");
  EXPECT_EQ(code_of(put(std::string(key_bytes_max + 1, 'k'), "")), "KeyTooLongError");
  EXPECT_EQ(code_of(put("\xFF", "")), "InvalidURI");
  EXPECT_EQ(code_of(put("", "")), "InvalidURI");
}

TEST_F(ObjectsTest, BucketsDoNotSeeEachOther) {
  objects.create_bucket("bucket.2", noon).value();
  objects.create_bucket("bucket-2", noon).value();
  objects.put("bucket.2", "k", {"x", {}, {}, {}}, noon).value();

  EXPECT_THAT(list({}), testing::IsEmpty());
  EXPECT_EQ(code_of(objects.erase_bucket("bucket")), "");
  EXPECT_EQ(code_of(objects.erase_bucket("bucket.2")), "BucketNotEmpty");
}

TEST_F(ObjectsTest, ListingsFoldAndContinue) {
  for (const char* key : {"a", "b/1", "b/2", "b/3", "c", "d/1"}) put(key, "").value();

  EXPECT_THAT(list({.delimiter = "/"}), ElementsAre("a", "c", "[b/]", "[d/]"));
  EXPECT_THAT(list({.delimiter = "/", .limit = 2}), ElementsAre("a", "[b/]", "…b/"));
  EXPECT_THAT(list({.delimiter = "/", .after = "b/", .limit = 2}), ElementsAre("c", "[d/]"));
  EXPECT_THAT(list({.prefix = "b/", .after = "b/1"}), ElementsAre("b/2", "b/3"));
  EXPECT_THAT(list({.prefix = "b/", .delimiter = "/"}), ElementsAre("b/1", "b/2", "b/3"));
  EXPECT_THAT(list({.after = "zzz"}), testing::IsEmpty());
  EXPECT_THAT(list({.limit = 0}), testing::IsEmpty());
}

TEST_F(ObjectsTest, ACompletedUploadOwnsItsPartsAndNothingElseStays) {
  const Upload upload = objects.create_upload("bucket", {.key = "k"}, noon).value();
  const std::string first(part_bytes_min, 'a');
  const Part one = objects.put_part("bucket", upload, 1, first, {}, noon).value();
  objects.put_part("bucket", upload, 2, "replaced", {}, noon).value();
  const Part two = objects.put_part("bucket", upload, 2, "end", {}, noon).value();
  objects.put_part("bucket", upload, 3, "not named", {}, noon).value();

  const Object done = objects.complete_upload("bucket", upload, {{1, one.etag}, {2, two.etag}}, {}, noon).value();

  EXPECT_EQ(done.size, part_bytes_min + 3);
  EXPECT_THAT(done.etag, testing::EndsWith("-2"));
  EXPECT_EQ(objects.get("bucket", "k").value(), first + "end");
  EXPECT_EQ(rows("s3u/"), 0u);
  EXPECT_EQ(rows("s3p/"), 0u);
  EXPECT_EQ(rows("s3w/"), 0u);
  EXPECT_EQ(rows("s3d/"), part_bytes_min / chunk_bytes + 1);
  EXPECT_EQ(code_of(objects.put_part("bucket", upload, 4, "late", {}, noon)), "NoSuchUpload");
  EXPECT_EQ(rows("s3w/"), 0u);
}

TEST_F(ObjectsTest, AnAbortedUploadLeavesNoRows) {
  const Upload upload = objects.create_upload("bucket", {.key = "k"}, noon).value();
  objects.put_part("bucket", upload, 1, "x", {}, noon).value();

  objects.abort_upload("bucket", upload).value();

  EXPECT_EQ(rows("s3d/") + rows("s3p/") + rows("s3u/") + rows("s3w/"), 0u);
  EXPECT_EQ(code_of(objects.upload("bucket", "k", upload.id)), "NoSuchUpload");
}

TEST_F(ObjectsTest, AnUploadBelongsToItsKey) {
  const Upload upload = objects.create_upload("bucket", {.key = "k"}, noon).value();

  EXPECT_EQ(code_of(objects.upload("bucket", "other", upload.id)), "NoSuchUpload");
  EXPECT_EQ(code_of(objects.put_part("bucket", upload, 0, "x", {}, noon)), "InvalidArgument");
  EXPECT_EQ(code_of(objects.put_part("bucket", upload, part_number_max + 1, "x", {}, noon)), "InvalidArgument");
}

TEST(BucketName, FollowsTheRules) {
  for (const char* name : {"abc", "a.b-c", "0ab"}) EXPECT_TRUE(is_bucket_name(name)) << name;
  for (const char* name : {"", "ab", "Abc", "a..b", "-ab", "ab-", "a_b", "1.2.3.4", "xn--ab", "ab-s3alias", "a/b"}) {
    EXPECT_FALSE(is_bucket_name(name)) << name;
  }
  EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
}

}  // namespace croft::services::s3
