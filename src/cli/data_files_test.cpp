#include "cli/data_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace croft::cli {

namespace {

namespace fs = std::filesystem;

struct Place {
  fs::path path = fs::temp_directory_path() / ("croft-data-files-" + std::to_string(getpid()));
  Place() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Place() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  std::string at(const std::string& name) const { return (path / name).string(); }
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

BackupManifest manifest() {
  return {"1",
          Timestamp{1'795'395'262'698},
          {{"db/CURRENT", 16, 0644, std::string(64, 'a')}, {"ca/ca.key", 3, 0600, std::string(64, 'b')}}};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace

TEST(BackupManifests, ReadBackAsTheyWere) {
  const auto read = read_manifest(manifest_text(manifest()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->store_format, "1");
  EXPECT_EQ(read->created, manifest().created);
  ASSERT_EQ(read->files.size(), 2u);
  EXPECT_EQ(read->files[1].path, "ca/ca.key");
  EXPECT_EQ(read->files[1].bytes, 3u);
  EXPECT_EQ(read->files[1].mode, 0600u);
  EXPECT_EQ(read->files[0].sha256, std::string(64, 'a'));
}

TEST(BackupManifests, ThatWereChangedAreRefused) {
  const std::string text = manifest_text(manifest());
  for (const auto& [from, to] : {std::pair("\"bytes\": 16", "\"bytes\": 17"),
                                 {"aaaa", "aaab"},
                                 {"\"created\": 1", "\"created\": 2"},
                                 {"\"storeFormat\": \"1\"", "\"storeFormat\": \"2\""},
                                 {"db/CURRENT", "db/CURRENU"}}) {
    EXPECT_EQ(read_manifest(with(text, from, to)).error().code, "InvalidBackup") << from;
  }
  EXPECT_EQ(read_manifest(text.substr(0, text.size() / 2)).error().code, "InvalidBackup");
  EXPECT_EQ(read_manifest("[]").error().code, "InvalidBackup");
  EXPECT_EQ(read_manifest(with(text, "\"format\": 1", "\"format\": 2")).error().code, "NewerBackup");
}

TEST(BackupManifests, NameNothingOutsideOfTheFolder) {
  for (const char* path : {"../x", "/etc/passwd", "a/../../x", "a/./b", "a//b", "a/", "", ".", ".."}) {
    BackupManifest outside = manifest();
    outside.files[0].path = path;
    EXPECT_EQ(read_manifest(manifest_text(outside)).error().message, "backup.json names a file outside of the backup") << path;
  }
}

TEST(CopyFile, TellsLengthAndDigestAndFollowsNoLink) {
  Place place;
  place.write("from", "abc");
  const auto copied = copy_file(place.at("from"), place.at("to"), 0640);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(copied->bytes, 3u);
  EXPECT_EQ(copied->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(text_of(place.at("to")), "abc");
  struct stat status {};
  ::stat(place.at("to").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u);

  EXPECT_FALSE(copy_file(place.at("from"), place.at("to"), 0600)) << "it is there already";
  fs::create_symlink(place.at("from"), place.at("link"));
  EXPECT_FALSE(copy_file(place.at("link"), place.at("other"), 0600));
}

TEST(FolderInTheMaking, IsTheTargetOrNothing) {
  Place place;
  {
    auto given_up = FolderInTheMaking::beside(place.at("target"), "backup").value();
    EXPECT_TRUE(given_up.make_folder("a/b"));
    EXPECT_TRUE(fs::exists(given_up.path() + "/a/b"));
  }
  EXPECT_TRUE(fs::is_empty(place.path));
  {
    auto made = FolderInTheMaking::beside(place.at("target"), "backup").value();
    EXPECT_TRUE(made.make_folder("a/b"));
    EXPECT_FALSE(fs::exists(place.at("target")));
    EXPECT_TRUE(made.become_target());
  }
  EXPECT_TRUE(fs::exists(place.at("target/a/b")));
  EXPECT_EQ(std::distance(fs::directory_iterator(place.path), {}), 1);
  EXPECT_EQ(FolderInTheMaking::beside(place.at("target"), "backup").error().code, "BackupRefused");
  place.write("file", "");
  EXPECT_EQ(FolderInTheMaking::beside(place.at("file"), "backup").error().code, "BackupRefused");
}

TEST(FolderInTheMaking, RemovesWhatAProcessThatIsGoneLeft) {
  Place place;
  for (const char* name : {"target.backup-abc123", "target.backup-ZZZZZZ"}) {
    fs::create_directories(place.path / name / "db");
    place.write(std::string(name) + "/db/CURRENT", "x");
  }
  const std::vector<std::string> others = {"target.backup-abc12",  "target.backup-abc1234", "target.backup-abc12.",
                                           "target.restore-abc123", "other.backup-abc123",  "xtarget.backup-abc123"};
  for (const std::string& name : others) fs::create_directories(place.path / name);
  place.write("target.backup-afile0", "");
  fs::create_directory_symlink(place.path / "other.backup-abc123", place.path / "target.backup-alink0");
  auto at_work = FolderInTheMaking::beside(place.at("target"), "backup").value();
  EXPECT_EQ(at_work.strays(), (std::vector<std::string>{place.at("target.backup-ZZZZZZ"), place.at("target.backup-abc123")}));

  auto next = FolderInTheMaking::beside(place.at("target"), "backup").value();

  EXPECT_TRUE(next.strays().empty());
  EXPECT_TRUE(fs::exists(at_work.path()));
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(place.path / name)) << name;
  EXPECT_TRUE(fs::exists(place.path / "target.backup-afile0"));
  EXPECT_TRUE(fs::is_symlink(place.path / "target.backup-alink0"));
}

}  // namespace croft::cli
