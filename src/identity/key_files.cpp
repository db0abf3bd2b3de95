#include "identity/key_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace croft::identity {

namespace {

constexpr std::size_t pem_file_bytes_max = 1 << 20;

Error failure(const char* verb, const std::string& path) {
  return certificate_authority_failure(std::string("cannot ") + verb + " " + path + ": " + std::strerror(errno));
}

}  // namespace

Error certificate_authority_failure(std::string message) {
  return {"CertificateAuthorityFailure", std::move(message), 500};
}

Result<std::optional<std::string>> read_pem_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::optional<std::string>();
  if (file < 0) return failure("open", path);
  std::string bytes;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(file, buffer, sizeof buffer)) > 0 && bytes.size() < pem_file_bytes_max) {
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  if (count < 0) {
    const Error error = failure("read", path);
    ::close(file);
    return error;
  }
  ::close(file);
  return std::optional<std::string>(std::move(bytes));
}

Result<void> write_pem_file(const std::string& path, std::string_view pem, unsigned mode) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // of a start that was interrupted
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return failure("create", fresh);
  const bool written = ::fchmod(file, mode) == 0 &&
                       ::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) &&
                       ::fsync(file) == 0;
  if (!written) {
    const Error error = failure("write", fresh);
    ::close(file);
    return error;
  }
  ::close(file);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failure("replace", path);
  return {};
}

}  // namespace croft::identity
