"""Crofts whose tables are in another croft, for the tests of tables that are elsewhere."""

import json
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.exceptions import ClientError
from conftest import wait_until
from remote_endpoint import closed_port

ROLE = "arn:aws:iam::000000000000:role/r"
UNAVAILABLE = ("ServiceUnavailable", 503)


def settings_file(folder, text, services=""):
    """A configuration whose tables are where `text` says."""
    path = folder / "croft.toml"
    path.write_text(f"[tables]\n{text}\n{services}")
    return str(path)


def at(croft, folder, endpoint=None, secret=None, more=""):
    """The lines of [tables] for another croft."""
    (folder / "far-secret").write_text(secret or croft.credentials["aws_secret_access_key"])
    return (f"endpoint = '{endpoint or croft.endpoints['gateway']}'\nregion = '{croft.credentials['region']}'\n"
            f"access-key-id = '{croft.credentials['aws_access_key_id']}'\n"
            f"secret-access-key-file = '{folder}/far-secret'\n{more}\n")


def table(dynamodb, name, key="id", **more):
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}], **more)


def rule(croft, name, sql, *actions, failures=None):
    payload = {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions)}
    if failures:
        payload["errorAction"] = {"s3": {"roleArn": ROLE, "bucketName": failures, "key": name}}
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload=payload)


def put_into(name):
    return {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": name}}}


def rows(dynamodb, name, key, value):
    found = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        found.update({item[key]["S"]: item[value] for item in page["Items"]})
    return found


def error_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def document_in(croft, bucket, key):
    s3 = croft.client("s3")

    def written():
        try:
            return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None
    return wait_until(written, what=f"the error action of {key}")


def logged(croft):
    return open(croft.log.name, errors="replace").read()


def signed(croft, target, body, **headers):
    """(status, headers, body) of a signed request with exactly this body."""
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", data=body, headers={
        "content-type": "application/x-amz-json-1.0", "x-amz-target": target, **headers})
    keys = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(keys, "dynamodb", croft.credentials["region"]).add_auth(request)
    sent = urllib.request.Request(request.url, body, dict(request.headers))
    try:
        answer = urllib.request.urlopen(sent, timeout=30)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


@pytest.fixture
def pair(fresh_croft, tmp_path):
    """Makes a croft and one that has its tables there, by default at a port that it keeps over restarts."""

    def start(more=""):
        far = fresh_croft("--gateway-port", str(closed_port()))
        return fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, more=more))), far
    return start
