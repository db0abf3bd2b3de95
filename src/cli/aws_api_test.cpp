#include "cli/aws_api.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

Error error_from(int status, std::string body, net::Headers headers = {}) {
  return error_of({status, std::move(headers), std::move(body)});
}

TEST(AwsError, IsReadFromEveryWireForm) {
  EXPECT_EQ(
      error_from(400,
                 R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"})"),
      (Error{"ResourceNotFoundException", "no table", 400}));
  EXPECT_EQ(
      error_from(404, R"({"Message":"no rule"})", {{"x-amzn-errortype", "ResourceNotFoundException:http://x/"}}),
      (Error{"ResourceNotFoundException", "no rule", 404}));
  EXPECT_EQ(error_from(400,
                       "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack</"
                       "Message></Error></ErrorResponse>"),
            (Error{"ValidationError", "Stack", 400}));
  EXPECT_EQ(
      error_from(404, "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>"),
      (Error{"NoSuchBucket", "none", 404}));
}

TEST(AwsError, AnswersWithoutADocumentKeepTheirStatus) {
  EXPECT_EQ(error_from(404, "").http_status, 404);
  EXPECT_EQ(error_from(404, "").code, "NotFound");
  EXPECT_EQ(error_from(500, "<html").code, "HttpError");
  EXPECT_EQ(error_from(502, "bad gateway").message, "HTTP status 502");
}

}  // namespace
}  // namespace croft::cli
