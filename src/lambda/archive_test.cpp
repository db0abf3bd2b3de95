#include "lambda/archive.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>

#include "lambda/test_host.h"

namespace croft::lambda {

namespace fs = std::filesystem;

namespace {

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

struct RawEntry {
  std::string name;
  std::string bytes;
  std::uint32_t unix_mode = 0100644;
  std::uint32_t crc_error = 0;
};

// A zip as an attacker writes it: stored entries with any name and mode.
std::string raw_zip(const std::vector<RawEntry>& entries) {
  std::string files;
  std::string directory;
  for (const RawEntry& e : entries) {
    std::uint32_t crc = static_cast<std::uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(e.bytes.data()), static_cast<uInt>(e.bytes.size())));
    std::string common;
    append_number(common, 20, 2);
    append_number(common, 0, 2);
    append_number(common, 0, 2);
    append_number(common, 0x00210000, 4);
    append_number(common, crc ^ e.crc_error, 4);
    append_number(common, e.bytes.size(), 4);
    append_number(common, e.bytes.size(), 4);
    append_number(common, e.name.size(), 2);
    append_number(common, 0, 2);
    append_number(directory, 0x02014b50, 4);
    append_number(directory, 0x0314, 2);
    directory += common;
    append_number(directory, 0, 2);
    append_number(directory, 0, 2);
    append_number(directory, 0, 2);
    append_number(directory, std::uint64_t{e.unix_mode} << 16, 4);
    append_number(directory, files.size(), 4);
    directory += e.name;
    append_number(files, 0x04034b50, 4);
    files += common + e.name + e.bytes;
  }
  std::string out = files + directory;
  append_number(out, 0x06054b50, 4);
  append_number(out, 0, 4);
  append_number(out, entries.size(), 2);
  append_number(out, entries.size(), 2);
  append_number(out, directory.size(), 4);
  append_number(out, files.size(), 4);
  append_number(out, 0, 2);
  return out;
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr const char* refusal = "Could not unzip uploaded file. Please check your file, then try to upload again.";

}  // namespace

TEST(Archive, ComesOutAsItWentIn) {
  TestFolder folder;
  std::string zip =
      zip_files({{"b/ünï.txt", "text"}, {"a", std::string(100'000, 'x')}, {"bootstrap", "#!", true}, {"empty", ""}})
          .value();

  ASSERT_TRUE(unzip(zip, folder.path() + "/out"));

  EXPECT_EQ(contents(folder.path() + "/out/b/ünï.txt"), "text");
  EXPECT_EQ(contents(folder.path() + "/out/a").size(), 100'000U);
  EXPECT_EQ(fs::file_size(folder.path() + "/out/empty"), 0U);
  EXPECT_EQ(::access((folder.path() + "/out/bootstrap").c_str(), X_OK), 0);
}

TEST(Archive, OfTheSameFilesIsTheSameBytes) {
  TestFolder folder;
  fs::create_directories(folder.path() + "/in/sub");
  std::ofstream(folder.path() + "/in/z.py") << "z";
  std::ofstream(folder.path() + "/in/sub/a.py") << "a";

  std::string first = zip_folder(folder.path() + "/in").value();
  fs::last_write_time(folder.path() + "/in/z.py", fs::file_time_type::clock::now() - std::chrono::hours(24 * 400));

  EXPECT_EQ(zip_folder(folder.path() + "/in").value(), first);
  EXPECT_EQ(zip_files({{"sub/a.py", "a"}, {"z.py", "z"}}).value(), first);
}

TEST(Archive, IsRefusedWhenItReachesOutOfItsFolder) {
  const std::vector<std::vector<RawEntry>> hostile = {
      {{"../evil", "x"}},
      {{"a/../../evil", "x"}},
      {{"/etc/evil", "x"}},
      {{"a\\..\\evil", "x"}},
      {{std::string("nul\0.py", 7), "x"}, {"nul", "y"}},
      {{"line\nbreak", "x"}},
      {{"link", "/etc", 0120777}},
      {{"link", "..", 0120777}},
      {{"d/link", "../../x", 0120777}},
      {{"d/link", "e/../../../x", 0120777}},
      {{"link", "sub", 0120777}, {"link/file", "x"}},
      {{"twice", "1"}, {"twice", "2"}},
      {{"file", "1"}, {"file/below", "2"}},
      {{"bad-crc", "bytes", 0100644, 1}},
  };
  TestFolder folder;
  int number = 0;
  for (const std::vector<RawEntry>& entries : hostile) {
    std::string out = folder.path() + "/" + std::to_string(number++);

    Result<void> done = unzip(raw_zip(entries), out);

    ASSERT_FALSE(done) << number;
    EXPECT_EQ(done.error().code, "InvalidParameterValueException");
    EXPECT_EQ(done.error().message, refusal);
    EXPECT_FALSE(fs::exists(out)) << number;
  }
  EXPECT_FALSE(fs::exists(folder.path() + "/evil"));
}

TEST(Archive, NeverMakesADeviceOrPipe) {
  TestFolder folder;

  Result<void> done = unzip(raw_zip({{"fifo", "", 0010644}, {"device", "", 0020644}, {"socket", "", 0140644}}),
                            folder.path() + "/out");

  for (const char* name : {"/out/fifo", "/out/device", "/out/socket"}) {
    EXPECT_TRUE(!done || fs::is_regular_file(folder.path() + name)) << name;
  }
}

TEST(Archive, MayHoldLinksThatStayInside) {
  TestFolder folder;

  ASSERT_TRUE(unzip(raw_zip({{"lib/real.so.1", "elf"},
                             {"lib/real.so", "real.so.1", 0120777},
                             {"top", "lib/real.so.1", 0120777},
                             {"lib/up", "../lib/real.so.1", 0120777}}),
                    folder.path() + "/out"));

  EXPECT_EQ(contents(folder.path() + "/out/lib/real.so"), "elf");
  EXPECT_EQ(contents(folder.path() + "/out/lib/up"), "elf");
}

TEST(Archive, IsRefusedWhenItIsNoneOrCutAnywhere) {
  TestFolder folder;
  std::string whole = zip_files({{"handler.py", "def handler(e, c): pass\n"}, {"data", "some bytes"}}).value();

  EXPECT_EQ(unzip("", folder.path() + "/x").error().message, refusal);
  EXPECT_EQ(unzip("no zip at all", folder.path() + "/x").error().message, refusal);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    EXPECT_FALSE(unzip(std::string_view(whole).substr(0, cut), folder.path() + "/x")) << cut;
  }
  EXPECT_FALSE(fs::exists(folder.path() + "/x"));
}

TEST(Archive, IsRefusedWhenItUnpacksToMoreThanLambdaTakes) {
  TestFolder folder;
  std::string bomb = zip_files({{"a", std::string(200'000'000, '\0')}, {"b", std::string(62'144'001, '\0')}}).value();
  ASSERT_LT(bomb.size(), 1'000'000U);

  Result<void> done = unzip(bomb, folder.path() + "/x");

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "Unzipped size must be smaller than 262144000 bytes");
  EXPECT_FALSE(fs::exists(folder.path() + "/x"));
}

TEST(Archive, OfInlineCodeHoldsTheFileAwsWouldMake) {
  TestFolder folder;

  ASSERT_TRUE(unzip(zip_inline_code("python3.12", "x = 1").value(), folder.path() + "/p"));
  ASSERT_TRUE(unzip(zip_inline_code("nodejs20.x", "1").value(), folder.path() + "/n"));

  EXPECT_EQ(contents(folder.path() + "/p/index.py"), "x = 1");
  EXPECT_EQ(contents(folder.path() + "/n/index.js"), "1");
  EXPECT_FALSE(zip_inline_code("provided.al2", "x"));
}

}  // namespace croft::lambda
