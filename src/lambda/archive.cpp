#include "lambda/archive.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "lambda/archive_library.h"
#include "lambda/errors.h"
#include "lambda/limits.h"

namespace croft::lambda {
namespace fs = std::filesystem;
namespace {

// It is there: whoever needs it looked.
const ArchiveLibrary& library() { return *ArchiveLibrary::get(); }

Error no_library() { return service_exception("libarchive is not installed on this machine"); }

// libarchive converts entry names to the thread's locale; in the C locale every name beyond ASCII would fail.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_) before_ = uselocale(locale_);
  }
  ~Utf8Locale() {
    if (!locale_) return;
    uselocale(before_);
    freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t before_ = nullptr;
};

struct ReadCloser {
  void operator()(archive* a) const { library().read_free(a); }
};
struct WriteCloser {
  void operator()(archive* a) const { library().write_free(a); }
};
struct EntryCloser {
  void operator()(archive_entry* e) const { library().entry_free(e); }
};

// "a/./b//c" as {a, b, c}; false for absolute names, "..", control bytes and names too long.
bool split_path(std::string_view path, std::vector<std::string>& parts) {
  if (path.empty() || path.size() > limits::archive_path_length_max || path[0] == '/') return false;
  for (char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
  }
  while (!path.empty()) {
    std::size_t slash = std::min(path.find('/'), path.size());
    std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "..") return false;
    if (part.empty() || part == ".") continue;
    parts.emplace_back(part);
  }
  return !parts.empty();
}

// A link in a folder `depth` levels down may climb at most to the root, and only at its start: `..` after a name
// could pass through another link.
bool link_stays_inside(std::string_view target, std::size_t depth) {
  if (target.empty() || target[0] == '/' || target.size() > limits::archive_path_length_max) return false;
  bool named = false;
  while (!target.empty()) {
    std::size_t slash = std::min(target.find('/'), target.size());
    std::string_view part = target.substr(0, slash);
    target.remove_prefix(std::min(slash + 1, target.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      named = true;
      continue;
    }
    if (named || depth == 0) return false;
    --depth;
  }
  return true;
}

class Unpacking {
 public:
  Unpacking(archive* reader, std::string root) : reader_(reader), root_(std::move(root)) {}

  Result<void> run() {
    archive_entry* entry = nullptr;
    std::size_t entries = 0;
    for (;;) {
      int status = library().read_next_header(reader_, &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return could_not_unzip();
      if (++entries > limits::archive_entries_max) return could_not_unzip();
      Result<void> done = unpack(entry);
      if (!done) return done;
    }
    if (entries == 0) return invalid_parameter("Uploaded file must be a non-empty zip");
    return {};
  }

 private:
  Result<void> unpack(archive_entry* entry) {
    const char* name = library().entry_pathname(entry);
    std::vector<std::string> parts;
    if (!name) return could_not_unzip();
    if (library().entry_filetype(entry) == AE_IFDIR && std::strcmp(name, "./") == 0) return {};
    if (!split_path(name, parts) || library().entry_is_encrypted(entry)) return could_not_unzip();
    std::string folder;
    if (!make_parents(parts, folder)) return could_not_unzip();
    std::string path = folder + parts.back();
    switch (library().entry_filetype(entry)) {
      case AE_IFDIR:
        return make_folder(path) ? Result<void>() : could_not_unzip();
      case AE_IFLNK:
        return make_link(entry, path, parts.size() - 1);
      case AE_IFREG:
        return write_file(path, library().entry_perm(entry) & 0111);
      default:
        return could_not_unzip();
    }
  }

  // Folders may be named again by later entries; nothing else may.
  bool make_folder(const std::string& path) {
    if (folders_.contains(path)) return true;
    if (others_.contains(path) || ::mkdir((root_ + "/" + path).c_str(), 0755) != 0) return false;
    folders_.insert(path);
    return true;
  }

  bool make_parents(const std::vector<std::string>& parts, std::string& folder) {
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      if (!make_folder(folder + parts[i])) return false;
      folder += parts[i] + "/";
    }
    return true;
  }

  bool is_new(const std::string& path) { return !folders_.contains(path) && others_.insert(path).second; }

  Result<void> make_link(archive_entry* entry, const std::string& path, std::size_t depth) {
    const char* target = library().entry_symlink(entry);
    if (!target || !link_stays_inside(target, depth) || !is_new(path)) return could_not_unzip();
    if (::symlink(target, (root_ + "/" + path).c_str()) != 0) return could_not_unzip();
    return {};
  }

  Result<void> write_file(const std::string& path, bool executable) {
    if (!is_new(path)) return could_not_unzip();
    int fd = ::open((root_ + "/" + path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    executable ? 0755 : 0644);
    if (fd < 0) return could_not_unzip();
    Result<void> copied = copy_data(fd);
    ::close(fd);
    return copied;
  }

  // Counts what comes out, whatever the header promised.
  Result<void> copy_data(int fd) {
    std::vector<char> buffer(64 * 1024);
    for (;;) {
      la_ssize_t count = library().read_data(reader_, buffer.data(), buffer.size());
      if (count == 0) return {};
      if (count < 0) return could_not_unzip();
      bytes_ += static_cast<std::uint64_t>(count);
      if (bytes_ > limits::unzipped_bytes_max) return unzipped_too_large();
      for (la_ssize_t written = 0; written < count;) {
        ssize_t n = ::write(fd, buffer.data() + written, static_cast<std::size_t>(count - written));
        if (n < 0) return service_exception(std::string("the code could not be stored: ") + std::strerror(errno));
        written += n;
      }
    }
  }

  archive* reader_;
  std::string root_;
  std::set<std::string> folders_;
  std::set<std::string> others_;
  std::uint64_t bytes_ = 0;
};

Error unreadable(const fs::path& path, const std::string& why) {
  return {"FolderUnreadable", path.string() + " cannot be read: " + why, 400};
}

Result<ArchiveFile> read_file(const fs::path& path, const fs::path& root) {
  std::error_code failure;
  fs::perms perms = fs::status(path, failure).permissions();
  std::ifstream in(path, std::ios::binary);
  if (failure || !in) return unreadable(path, failure ? failure.message() : "no permission");
  ArchiveFile file{.path = path.lexically_relative(root).generic_string()};
  file.bytes.assign(std::istreambuf_iterator<char>(in), {});
  file.executable = (perms & fs::perms::owner_exec) != fs::perms::none;
  return file;
}

la_ssize_t append_bytes(archive*, void* out, const void* bytes, std::size_t count) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

bool write_entry(archive* writer, const ArchiveFile& file) {
  std::unique_ptr<archive_entry, EntryCloser> entry(library().entry_new());
  library().entry_copy_pathname(entry.get(), file.path.c_str());
  library().entry_set_filetype(entry.get(), AE_IFREG);
  library().entry_set_perm(entry.get(), file.executable ? 0755 : 0644);
  library().entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
  if (library().write_header(writer, entry.get()) != ARCHIVE_OK) return false;
  if (file.bytes.empty()) return true;
  la_ssize_t written = library().write_data(writer, file.bytes.data(), file.bytes.size());
  return written == static_cast<la_ssize_t>(file.bytes.size());
}

}  // namespace

Result<void> unzip(std::string_view zip, const std::string& folder) {
  if (!ArchiveLibrary::get()) return no_library();
  Utf8Locale locale;
  std::unique_ptr<archive, ReadCloser> reader(library().read_new());
  library().read_support_format_zip_seekable(reader.get());  // by its directory only: a zip cut short is none
  library().read_set_options(reader.get(), "zip:hdrcharset=UTF-8");
  if (library().read_open_memory(reader.get(), zip.data(), zip.size()) != ARCHIVE_OK) return could_not_unzip();
  if (::mkdir(folder.c_str(), 0755) != 0) {
    return service_exception("the code folder cannot be made: " + std::string(std::strerror(errno)));
  }
  Result<void> done = Unpacking(reader.get(), folder).run();
  std::error_code ignored;
  if (!done) fs::remove_all(folder, ignored);
  return done;
}

Result<std::string> zip_files(std::vector<ArchiveFile> files) {
  if (!ArchiveLibrary::get()) return no_library();
  Utf8Locale locale;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  std::string out;
  std::unique_ptr<archive, WriteCloser> writer(library().write_new());
  library().write_set_format_zip(writer.get());
  library().write_set_options(writer.get(), "zip:compression=deflate,zip:hdrcharset=UTF-8");
  library().write_set_bytes_in_last_block(writer.get(), 1);
  bool ok = library().write_open(writer.get(), &out, nullptr, append_bytes, nullptr) == ARCHIVE_OK;
  for (const ArchiveFile& file : files) ok = ok && write_entry(writer.get(), file);
  ok = ok && library().write_close(writer.get()) == ARCHIVE_OK;
  if (!ok) return Error{"ArchiveFailed", std::string("no zip could be made: ") + library().error_string(writer.get())};
  return out;
}

Result<std::string> zip_folder(const std::string& folder) {
  std::vector<ArchiveFile> files;
  std::uint64_t bytes = 0;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  if (failure) return unreadable(folder, failure.message());
  for (; at != fs::recursive_directory_iterator(); at.increment(failure)) {
    if (!at->is_regular_file(failure)) continue;
    Result<ArchiveFile> file = read_file(at->path(), folder);
    if (!file) return file.error();
    bytes += file->bytes.size();
    if (bytes > limits::unzipped_bytes_max || files.size() >= limits::archive_entries_max) {
      return Error{"ArchiveTooLarge", folder + " holds more than a function may: 250 MB unzipped"};
    }
    files.push_back(std::move(*file));
  }
  if (failure) return unreadable(folder, failure.message());
  return zip_files(std::move(files));
}

Result<std::string> zip_inline_code(std::string_view runtime, std::string code) {
  if (runtime.starts_with("python")) return zip_files({{"index.py", std::move(code)}});
  if (runtime.starts_with("nodejs")) return zip_files({{"index.js", std::move(code)}});
  return invalid_parameter("ZipFile can only be used when Runtime is set to either of nodejs, python3.x");
}

}  // namespace croft::lambda
