#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::identity {

// The bytes of a PEM file; nothing when it does not exist; CertificateAuthorityFailure when it cannot be read.
Result<std::optional<std::string>> read_pem_file(const std::string& path);

// Replaces the file in one step (written beside it, synced, renamed) with the given permission bits from the start.
Result<void> write_pem_file(const std::string& path, std::string_view pem, unsigned mode);

Error certificate_authority_failure(std::string message);

}  // namespace croft::identity
