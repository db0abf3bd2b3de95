#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace croft::identity {

// What a guess costs: 128 * r * 2^log_n bytes of memory and p times the work. Source: RFC 7914, section 2. OWASP's password
// storage sheet asks for at least 2^15 with r = 8 and p = 3, or more memory and less work.
struct ScryptCost {
  unsigned log_n = 16;
  unsigned r = 8;
  unsigned p = 2;
};

// RFC 7914's function. "" when the cost is beyond what is taken from a stored hash.
std::string scrypt(std::string_view password, std::string_view salt, ScryptCost cost, std::size_t bytes);

// "scrypt$LOG_N$R$P$SALT$HASH", salt and hash in base64, with a salt of its own: what is kept of a password. Blocks for some
// tenths of a second and takes 64 MB meanwhile.
std::string hash_password(std::string_view password, ScryptCost cost = {});
// One that no password fits and that takes as long to try: for names that nobody has.
std::string hash_of_nobody();
// Whether that is the password; as slow as the hash was to make. False for text of another form.
bool is_password(std::string_view password, std::string_view stored);

}  // namespace croft::identity
