// What can be refused, and how a refusal is told. See docs/architecture.md, "Errors".
#pragma once

#include <boost/system/result.hpp>
#include <exception>
#include <string>
#include <utility>

namespace croft {

// A refusal in AWS's terms: `code` is the exception name a client sees (ResourceNotFoundException), `message` the
// sentence beside it, `http_status` what the gateway answers with. `details` holds further members of the error
// document as JSON text ("" for none), for example DynamoDB's `Item` or IoT's `resourceArn`.
struct Error {
  // Not an aggregate: a lone string must not turn into an Error, or Result<std::string> could not tell them apart.
  Error() = default;
  Error(std::string code, std::string message, int http_status = 400, std::string details = {})
      : code(std::move(code)), message(std::move(message)), http_status(http_status), details(std::move(details)) {}

  std::string code;
  std::string message;
  int http_status = 400;
  std::string details;

  friend bool operator==(const Error&, const Error&) = default;
};

// The exception form of Error, thrown by Result::value() and caught once, at the edge (gateway, lanes, deployer).
class ApiError : public std::exception {
 public:
  explicit ApiError(Error error) : error_(std::move(error)) {}
  const Error& error() const noexcept { return error_; }
  const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

// Found by boost::system::result when value() is called on an error.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw ApiError(error);
}

// A value or an Error. `if (!r) return r.error();` below the services, `.value()` in a service operation.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace croft
