// Source of codes, texts and statuses: S3 API Reference, "Error responses".
#pragma once

#include <string>

#include "text/json.h"
#include "types/result.h"

namespace croft::services::s3 {

inline Error no_such_bucket(const std::string& bucket) {
  return {"NoSuchBucket", "The specified bucket does not exist", 404,
          json::dump(json::object{{"BucketName", bucket}})};
}
inline Error no_such_key(const std::string& key) {
  return {"NoSuchKey", "The specified key does not exist.", 404, json::dump(json::object{{"Key", key}})};
}
inline Error no_such_upload(const std::string& upload_id) {
  return {"NoSuchUpload",
          "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
          "completed.",
          404, json::dump(json::object{{"UploadId", upload_id}})};
}
inline Error invalid_bucket_name(const std::string& bucket) {
  return {"InvalidBucketName", "The specified bucket is not valid.", 400,
          json::dump(json::object{{"BucketName", bucket}})};
}
inline Error invalid_argument(const std::string& message) {
  return {"InvalidArgument", message, 400};
}
inline Error invalid_request(const std::string& message) {
  return {"InvalidRequest", message, 400};
}
inline Error malformed_xml() {
  return {"MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
          400};
}
inline Error precondition_failed(const std::string& condition) {
  return {"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
          json::dump(json::object{{"Condition", condition}})};
}
inline Error access_denied() {
  return {"AccessDenied", "Access Denied", 403};
}
inline Error not_implemented(const std::string& what) {
  return {"NotImplemented", "A header or query you provided implies functionality that is not implemented: " + what,
          501};
}

}  // namespace croft::services::s3
