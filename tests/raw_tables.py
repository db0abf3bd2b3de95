"""Tables for the tests of refusals, and calls that no SDK checks first."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest

INVALID = "One or more parameter values were invalid: "


def schema(text, types):
    """The KeySchema of "p:S c:N"; the types of its attributes go to `types`."""
    out = []
    for part, kind in zip(text.split(), ("HASH", "RANGE")):
        attribute, types[attribute] = part.split(":")
        out.append({"AttributeName": attribute, "KeyType": kind})
    return out


def create(client, name, keys, **more):
    """keys and indexes as "p:S c:N"."""
    types = {}
    request = {"KeySchema": schema(keys, types)}
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if member in more:
            request[member] = [{"IndexName": index, "KeySchema": schema(index_keys, types), "Projection": projection}
                               for index, index_keys, projection in more[member]]
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **request, AttributeDefinitions=[
        {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in types.items()])


ALL = {"ProjectionType": "ALL"}


@pytest.fixture(scope="module")
def tables(croft):
    client = croft.client("dynamodb")
    create(client, "one", "p:S")
    create(client, "two", "p:S c:N")
    create(client, "bin", "p:B")
    create(client, "indexed", "p:S c:S", GlobalSecondaryIndexes=[
        ("inc", "g:S", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["proj"]})],
        LocalSecondaryIndexes=[("loc", "p:S l:S", ALL)])
    return client


@pytest.fixture(scope="module")
def raw(croft, tables):
    """Sends what botocore would not: (status, document)."""
    session = botocore.httpsession.URLLib3Session()
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])

    def call(operation, body):
        request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", {
            "X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0"},
            json.dumps(body).encode())
        botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
        answer = session.send(request.prepare())
        return answer.status_code, json.loads(answer.content)
    return call


@pytest.fixture(scope="module")
def send(raw):
    """The answer, or (code, message)."""
    def call(operation, body):
        status, document = raw(operation, body)
        if status == 200:
            return document
        assert status == 400, document
        return document["__type"].split("#")[1], document.get("message", document.get("Message"))
    return call


@pytest.fixture
def refusal(send):
    """The message of a ValidationException."""
    def told(operation, body):
        answer = send(operation, body)
        assert isinstance(answer, tuple) and answer[0] == "ValidationException", answer
        return answer[1]
    return told


@pytest.fixture
def problems(refusal):
    """The messages of "N validation errors detected"."""
    def told(operation, body):
        message = refusal(operation, body)
        head, _, rest = message.partition(" detected: ")
        found = rest.split("; ")
        assert head == f"{len(found)} validation error{'s' if len(found) > 1 else ''}"
        return found
    return told


KEY = {"p": {"S": "k"}}
NULL = "failed to satisfy constraint: Member must not be null"


def enum(value, member, names):
    return f"Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{names}]"


SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
