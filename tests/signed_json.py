"""Signed calls of services that speak JSON, for members and services that Debian's botocore does not know."""

import json
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def call(croft, service, target, document, credentials=None):
    """The status and the answer. `credentials` are key, secret and token, those of the account when not given; () for none."""
    if credentials is None:
        credentials = croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"]
    body = json.dumps(document).encode()
    request = AWSRequest("POST", croft.endpoints["gateway"] + "/", data=body,
                         headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"})
    if credentials:
        SigV4Auth(Credentials(*credentials), service, croft.credentials["region"]).add_auth(request)
    try:
        sent = urllib.request.Request(request.url, body, dict(request.headers), method="POST")
        with urllib.request.urlopen(sent) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def dynamodb(croft, operation, **document):
    """The answer of an operation that is done."""
    status, answer = call(croft, "dynamodb", f"DynamoDB_20120810.{operation}", document)
    assert status == 200, answer
    return answer


def refused_by_dynamodb(croft, operation, **document):
    """Code and message of an operation that is refused."""
    status, answer = call(croft, "dynamodb", f"DynamoDB_20120810.{operation}", document)
    assert status == 400, answer
    return answer["__type"].split("#")[-1], answer.get("message", answer.get("Message"))
