#include "services/s3/checksums.h"

#include <array>

#include "services/s3/errors.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services::s3 {

namespace {

constexpr std::string_view algorithms[] = {"crc32", "crc32c", "crc64nvme", "sha1", "sha256"};
constexpr std::string_view header_prefix = "x-amz-checksum-";

// Reflected polynomials: CRC-32C (Castagnoli) and CRC-64/NVME.
constexpr std::uint64_t crc32c_polynomial = 0x82F63B78;
constexpr std::uint64_t crc64nvme_polynomial = 0x9A6C9329AC4BC9B5;

constexpr std::array<std::uint64_t, 256> crc_table(std::uint64_t polynomial) {
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
    table[byte] = value;
  }
  return table;
}
constexpr auto crc32c_table = crc_table(crc32c_polynomial);
constexpr auto crc64nvme_table = crc_table(crc64nvme_polynomial);

std::uint64_t reflected_crc(const std::array<std::uint64_t, 256>& table, std::uint64_t ones, std::string_view bytes) {
  std::uint64_t crc = ones;
  for (unsigned char byte : bytes) crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8;
  return crc ^ ones;
}

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

Result<void> check_md5(const net::HttpRequest& request) {
  const std::string* stated = request.header("content-md5");
  if (!stated) return {};
  const auto digest = text::from_base64(*stated);
  if (!digest || digest->size() != 16)
    return Error{"InvalidDigest", "The Content-MD5 you specified was invalid.", 400};
  if (*digest != text::md5(request.body)) {
    return Error{"BadDigest", "The Content-MD5 you specified did not match what we received.", 400};
  }
  return {};
}

}  // namespace

bool is_checksum_algorithm(std::string_view algorithm) {
  for (std::string_view known : algorithms)
    if (known == algorithm) return true;
  return false;
}

std::string checksum(std::string_view algorithm, std::string_view bytes) {
  if (algorithm == "crc32") return text::base64(big_endian(text::crc32(bytes), 4));
  if (algorithm == "crc32c") return text::base64(big_endian(reflected_crc(crc32c_table, 0xFFFFFFFF, bytes), 4));
  if (algorithm == "crc64nvme") return text::base64(big_endian(reflected_crc(crc64nvme_table, ~0ull, bytes), 8));
  if (algorithm == "sha1") return text::base64(text::digest("sha1", bytes));
  if (algorithm == "sha256") return text::base64(text::sha256(bytes));
  return "";
}

Result<TextMap> verified_checksums(const net::HttpRequest& request) {
  if (auto md5 = check_md5(request); !md5) return md5.error();
  TextMap verified;
  for (std::string_view algorithm : algorithms) {
    const std::string* stated = request.header(std::string(header_prefix) + std::string(algorithm));
    if (!stated) continue;
    const std::string name = text::upper(algorithm);
    if (!text::from_base64(*stated)) {
      return invalid_request("Value for x-amz-checksum-" + std::string(algorithm) + " header is invalid.");
    }
    if (*stated != checksum(algorithm, request.body)) {
      return Error{"BadDigest", "The " + name + " you specified did not match the calculated checksum.", 400};
    }
    verified[std::string(algorithm)] = *stated;
  }
  return verified;
}

std::string composite_checksum(std::string_view algorithm, const std::vector<Part>& parts) {
  std::string digests;
  for (const Part& part : parts) {
    const auto found = part.checksums.find(std::string(algorithm));
    if (found == part.checksums.end()) return "";
    digests += text::from_base64(found->second).value_or("");
  }
  return checksum(algorithm, digests) + '-' + std::to_string(parts.size());
}

}  // namespace croft::services::s3
