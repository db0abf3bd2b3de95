"""Tables for the tests of their operations, and calls that Debian's botocore does not know."""

import json
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from botocore.exceptions import ClientError

INVALID = "One or more parameter values were invalid: "
ONE_INDEX = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"


@pytest.fixture(scope="module")
def dynamodb(croft):
    return croft.client("dynamodb")


def attribute(name, kind="S"):
    return {"AttributeName": name, "AttributeType": kind}


def hash_key(name):
    return [{"AttributeName": name, "KeyType": "HASH"}]


def index(name, key, **more):
    return {"IndexName": name, "KeySchema": hash_key(key), "Projection": {"ProjectionType": "ALL"}, **more}


def make(client, name=None, **more):
    name = name or "t-" + uuid.uuid4().hex[:12]
    more.setdefault("AttributeDefinitions", [attribute("id")])
    more.setdefault("KeySchema", hash_key("id"))
    if "ProvisionedThroughput" not in more:
        more.setdefault("BillingMode", "PAY_PER_REQUEST")
    client.create_table(TableName=name, **more)
    return name


def described(client, name):
    return client.describe_table(TableName=name)["Table"]


def update(client, name, **members):
    return client.update_table(TableName=name, **members)["TableDescription"]


def refusal(call, **members):
    with pytest.raises(ClientError) as refused:
        call(**members)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


def update_refusal(client, name, **members):
    return refusal(client.update_table, TableName=name, **members)


def raw(croft, operation, body, headers=None):
    """An operation or a member that this botocore does not know: the answer."""
    headers = {"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0", **(headers or {})}
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", headers, body)
    keys = croft.credentials
    credentials = botocore.credentials.Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
    return botocore.httpsession.URLLib3Session().send(request.prepare())


def ask(croft, operation, body):
    answer = raw(croft, operation, body)
    document = json.loads(answer.content)
    if answer.status_code == 200:
        return document
    assert answer.status_code == 400
    return document["__type"].split("#")[1], document.get("message", document.get("Message"))


def new_index(name="byg", key="g", **more):
    return {"AttributeDefinitions": [attribute(key)], "GlobalSecondaryIndexUpdates": [{"Create": index(name, key, **more)}]}


def global_index(client, name, of="byg"):
    return next((one for one in described(client, name).get("GlobalSecondaryIndexes", []) if one["IndexName"] == of), None)
