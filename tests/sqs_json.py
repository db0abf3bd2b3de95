"""SQS by AWS JSON 1.0, as newer SDKs speak it: Debian's boto3 knows the query protocol only."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession


def json_call(croft, operation, path="/", **members):
    """(status, body, headers) of one signed call."""
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + path, {
        "X-Amz-Target": "AmazonSQS." + operation, "Content-Type": "application/x-amz-json-1.0"}, json.dumps(members).encode())
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "sqs", croft.credentials["region"]).add_auth(request)
    answer = botocore.httpsession.URLLib3Session().send(request.prepare())
    return answer.status_code, json.loads(answer.content or b"{}"), answer.headers
