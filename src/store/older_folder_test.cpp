// Folders of older versions of croft.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>

#include "store/store.h"

namespace croft {
namespace {

// As the folder was before the families of `names` were there.
void drop_families(const std::string& folder, const std::vector<std::string>& names) {
  std::vector<std::string> present;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder, &present).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : present) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder, families, &handles, &db).ok());
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (std::find(names.begin(), names.end(), handle->GetName()) != names.end())
      EXPECT_TRUE(db->DropColumnFamily(handle).ok());
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  delete db;
}

TEST(OlderFolder, AFamilyThatItLacksIsMadeAndTheRestIsThere) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("croft-older-" + std::to_string(::getpid()))).string();
  std::filesystem::remove_all(folder);
  {
    const auto store = Store::open(folder, Store::Durability::os).value();
    Batch batch;
    batch.put(Family::items, "k", "v");
    batch.put(Family::changes, "later", "v");
    store->write(std::move(batch));
  }
  drop_families(folder + "/db", {"changes"});
  {
    const auto store = Store::open(folder, Store::Durability::os).value();
    EXPECT_EQ(store->get(Family::items, "k"), "v");
    EXPECT_EQ(store->get(Family::changes, "later"), std::nullopt);
    Batch batch;
    batch.put(Family::changes, "k", "now");
    store->write(std::move(batch));
  }
  {
    const auto store = Store::open(folder, Store::Durability::os).value();
    EXPECT_EQ(store->get(Family::changes, "k"), "now");
    EXPECT_EQ(store->get(Family::items, "k"), "v");
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace croft
