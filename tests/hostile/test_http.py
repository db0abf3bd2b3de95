"""HTTP, JSON, XML and signatures that mean no good, against the gateway's port."""

import datetime
import hashlib
import hmac
import json
import re
import socket
import urllib.parse

import pytest
from mqtt_wire import assert_serves, memory_mb, short
from raw_connection import RawConnection


class Http(RawConnection):
    """One raw connection to the gateway."""

    def __init__(self, croft, timeout=10):
        super().__init__(croft.port("gateway"), timeout)

    def answer(self):
        """(status, headers, body), or None when the connection was closed without one."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.read():
                return None
        head, rest = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        while len(rest) < length and self.read():
            rest = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.buffer = rest[length:]
        return int(lines[0].split()[1]), headers, rest[:length]

    def is_closed(self):
        while self.read():
            pass
        return True


@pytest.fixture(autouse=True)
def still_serves(croft):
    yield
    assert_serves(croft)


@pytest.fixture(scope="module")
def table(croft):
    croft.client("dynamodb").create_table(
        TableName="things", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")
    return "things"


def signed(croft, service, target, body, method="POST", path="/", query="", now=None, region=None, payload=None, headers=None,
           secret=None):
    """The bytes of a request that is signed with version 4 by hand, so that any part of it can be wrong."""
    credentials = croft.credentials
    now = now or datetime.datetime.utcnow()
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    region = region or credentials["region"]
    payload = payload or hashlib.sha256(body).hexdigest()
    sent = {"host": "localhost", "x-amz-date": stamp, "x-amz-content-sha256": payload, **(headers or {})}
    if target:
        sent["x-amz-target"] = target
        sent["content-type"] = "application/x-amz-json-1.0"
    names = sorted(sent)
    canonical_path = path if service == "s3" else urllib.parse.quote(path)
    canonical = "\n".join([method, canonical_path, query, *[f"{n}:{sent[n]}" for n in names], "", ";".join(names), payload])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + (secret or credentials["aws_secret_access_key"])).encode()
    for part in [day, region, service, "aws4_request"]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (f"AWS4-HMAC-SHA256 Credential={credentials['aws_access_key_id']}/{scope}, "
                             f"SignedHeaders={';'.join(names)}, Signature={signature}")
    if "content-length" not in sent:
        sent["content-length"] = str(len(body))
    head = f"{method} {path}{'?' + query if query else ''} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in sent.items())
    return head.encode() + b"\r\n" + body


def ask(croft, *arguments, **more):
    with Http(croft) as http:
        return http.send(signed(croft, *arguments, **more)).answer()


def dynamodb(croft, operation, body):
    status, _, answer = ask(croft, "dynamodb", f"DynamoDB_20120810.{operation}",
                            body if isinstance(body, bytes) else json.dumps(body).encode())
    return status, json.loads(answer)


# The grammar of HTTP.

@pytest.mark.parametrize("sent, status", [
    (b"\x00\x01\x02\x03\r\n\r\n", 400), (b"GET\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
    (b"GET /\x00 HTTP/1.1\r\nhost: a\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nhost: a\r\nx: a\x00b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nbad name: x\r\n\r\n", 400), (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400),
    (b"POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
    (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", 400),
    (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\ncontent-length: 200000000\r\n\r\n", 413), (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000, 431),
    (b"GET /" + b"y" * 70_000, 431), (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000, 431),
    (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"e" * 70_000, 431)], ids=short)
def test_what_breaks_the_grammar_or_the_limits_is_answered_and_closed(croft, sent, status):
    with Http(croft) as http:
        answer = http.send(sent).answer()
        assert answer and answer[0] == status, answer
        assert http.is_closed()


def test_a_chunked_body_without_end_ends_at_the_limit(fresh_croft):
    croft = fresh_croft()
    with Http(croft) as http:
        http.send(b"PUT /bucket/key HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        for _ in range(140):
            http.send(chunk)
        status, _, _ = http.answer()
        assert status == 413
    assert memory_mb(croft) < 400
    assert_serves(croft)


def test_expect_continue_is_answered_once_and_not_for_a_body_that_is_too_large(croft):
    with Http(croft) as http:
        http.send(b"POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert http.answer()[0] == 100
        assert http.send(b"{").send(b"}").answer()[0] == 403
        http.send(b"POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 200000000\r\n\r\n")
        assert http.answer()[0] == 413


def test_requests_in_one_piece_are_answered_in_order(croft):
    with Http(croft) as http:
        last = b"GET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        http.send(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n" * 500 + last)
        assert [http.answer()[0] for _ in range(501)] == [200] * 500 + [403]
        assert http.is_closed()


def test_many_connections_that_never_finish_a_request_harm_nobody(croft):
    open_ones = [Http(croft).send(b"POST / HTTP/1.1\r\ncontent-length: 1000\r\n\r\n" + b"x" * 500) for _ in range(500)]
    assert_serves(croft)
    for http in open_ones:
        http.socket.close()


@pytest.mark.parametrize("path", [b"/%00", b"/%ff%fe", b"/a/%2e%2e/%2e%2e/credentials", b"/../../etc/passwd", b"//", b"/%",
                                  b"/%zz", b"/a%0d%0ab"], ids=short)
def test_paths_that_mean_no_good_reach_no_file(croft, path):
    with Http(croft) as http:
        status, _, body = http.send(b"GET " + path + b" HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").answer()
        assert 400 <= status < 500, (status, body)
        assert b"aws_secret_access_key" not in body and b"root:" not in body
        assert http.is_closed()


# Documents.

@pytest.mark.parametrize("body", [
    b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"{", b'{"a":1}x', b'{"TableName":"t\xff"}',
    b"\xef\xbb\xbf{}",
    b'{"a":NaN}', b'{"a":01}', b"null", b"[]", b'"text"'], ids=short)
def test_broken_json_is_a_serialization_exception(croft, body):
    status, answer = dynamodb(croft, "GetItem", body)
    assert (status, answer["__type"]) == (400, "com.amazon.coral.service#SerializationException"), answer


def test_odd_members_are_members_like_any_other(croft, table):
    status, answer = dynamodb(croft, "PutItem", {"TableName": table, "Item": {
        "id": {"S": "__proto__"}, "__proto__": {"M": {"constructor": {"S": "x"}}}}})
    assert (status, answer) == (200, {})
    status, answer = dynamodb(croft, "GetItem", {"TableName": table, "Key": {"id": {"S": "__proto__"}}})
    assert answer["Item"]["__proto__"] == {"M": {"constructor": {"S": "x"}}}


@pytest.mark.parametrize("limit", ["1e999", "-1", "0", "99999999999999999999", "0.5", '"5"', "true"], ids=short)
def test_numbers_out_of_range_are_refused(croft, table, limit):
    status, answer = dynamodb(croft, "Scan", f'{{"TableName":"{table}","Limit":{limit}}}'.encode())
    assert status == 400, answer
    assert answer["__type"].split("#")[1] in ["SerializationException", "ValidationException"], answer


@pytest.mark.parametrize("number", ["1e999", "1e126", "1e-131", "1" * 39, "NaN", "Infinity", "0x10", "", " 1", "1e", "--1",
                                    "1" * 100_000], ids=short)
def test_attribute_numbers_out_of_range_are_refused(croft, table, number):
    status, answer = dynamodb(croft, "PutItem", {"TableName": table, "Item": {"id": {"S": "n"}, "n": {"N": number}}})
    assert (status, answer["__type"]) == (400, "com.amazon.coral.validate#ValidationException"), answer


def test_of_a_member_sent_twice_one_counts(croft, table):
    status, answer = dynamodb(croft, "PutItem",
                              b'{"TableName":"none","TableName":"things","Item":{"id":{"S":"a"},"id":{"S":"b"}}}')
    assert (status, answer) == (200, {})
    assert dynamodb(croft, "GetItem", {"TableName": table, "Key": {"id": {"S": "b"}}})[1]["Item"] == {"id": {"S": "b"}}
    assert dynamodb(croft, "GetItem", {"TableName": table, "Key": {"id": {"S": "a"}}})[1] == {}


@pytest.mark.parametrize("expression", [
    "(" * 2000 + "a = :a" + ")" * 2000, "NOT " * 2000 + "a = :a", " AND ".join(["a = :a"] * 1000), "a" + "[0]" * 1000 + " = :a",
    "a = :a" + " " * 5000,
    ".".join(["a"] * 40) + " = :a", "\x00", "a = :a OR", "size(" * 500 + "a" + ")" * 500], ids=short)
def test_deep_and_long_expressions_are_refused(croft, table, expression):
    status, answer = dynamodb(croft, "Scan",
                              {"TableName": table, "FilterExpression": expression,
                               "ExpressionAttributeValues": {":a": {"S": "x"}}})
    assert (status, answer["__type"]) == (400, "com.amazon.coral.validate#ValidationException"), answer
    assert len(json.dumps(answer)) < 2000


def test_a_document_of_more_than_sixteen_megabytes_is_refused(croft):
    status, _, body = ask(croft, "dynamodb", "DynamoDB_20120810.PutItem", b'{"x":"' + b"y" * (17 << 20) + b'"}')
    assert (status, json.loads(body)["__type"]) == (413, "com.amazon.coral.service#RequestEntityTooLargeException")


@pytest.mark.parametrize("body", [
    b"<a>" * 10_000, b'<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;&b;">]><Delete><Object><Key>&d;</Key></Object></Delete>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete/>', b"<Delete>" + b"<Object><Key>k</Key></Object>" * 60_000 + b"</Delete>",
    b"\xff\xfe<", b"<Delete>"], ids=short)
def test_hostile_xml_is_malformed(croft, body):
    croft.client("s3").create_bucket(Bucket="xml")
    status, _, answer = ask(croft, "s3", "", body, path="/xml", query="delete=")
    assert status == 400 and b"<Code>MalformedXML</Code>" in answer, answer[:300]


def test_answers_cannot_be_split_by_what_a_request_says(croft):
    s3 = croft.client("s3")
    s3.create_bucket(Bucket="split")
    s3.put_object(Bucket="split", Key="k\r\nx-injected: yes", Body=b"x", Metadata={"a": "b"})
    for name in ["response-content-type", "response-content-disposition"]:
        for evil in ["a%0D%0Ax-injected%3A%20yes", "a%0Ax-injected%3A%20yes", "a%00b"]:
            status, headers, _ = ask(croft, "s3", "", b"", method="GET", path="/split/k%0D%0Ax-injected%3A%20yes",
                                     query=f"{name}={evil}")
            assert "x-injected" not in headers and not any("\0" in value for value in headers.values()), headers
            assert status == 200
    status, headers, _ = ask(croft, "s3", "", b"", method="GET", path="/split/none%0D%0Ax-injected%3A%20yes")
    assert status == 404 and "x-injected" not in headers


# Templates.

@pytest.mark.parametrize("template", [
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n"
                                              for a, b in zip("abcdefghi", "bcdefghij")),
    "[" * 20_000, "{" * 20_000, "a: " * 5_000, "!Sub " * 5_000 + "x", "Resources: *x", "\x00", "%YAML 9.9\n---\n",
    '{"Resources":' * 5_000,
    "Resources: {a: {Type: AWS::S3::Bucket, Properties: !Ref a}}", "? " * 5_000, "&a " * 5_000, "- " * 20_000], ids=short)
def test_templates_that_mean_no_good_are_a_validation_error(croft, template):
    cloudformation = croft.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError) as refused:
        cloudformation.create_stack(StackName="bad", TemplateBody=template)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert len(refused.value.response["Error"]["Message"]) < 2000


def test_a_template_that_grows_without_measure_is_refused(croft):
    template = json.dumps({"Parameters": {"P": {"Type": "String", "Default": "x" * 4000}},
                           "Resources": {"B": {"Type": "AWS::S3::Bucket",
                                               "Properties": {"BucketName": {"Fn::Sub": "${P}" * 10_000}}}}})
    cloudformation = croft.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError) as refused:
        cloudformation.create_stack(StackName="grows", TemplateBody=template)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


# Signatures.

LIST = ("dynamodb", "DynamoDB_20120810.ListTables", b"{}")


def kind(answer):
    return answer[0], json.loads(answer[2]).get("__type", "").split("#")[-1]


def test_a_request_may_be_replayed_within_its_time_as_with_aws(croft):
    request = signed(croft, *LIST)
    with Http(croft) as http:
        assert [http.send(request).answer()[0] for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("more, code", [
    ({"now": datetime.timedelta(minutes=-16)}, "InvalidSignatureException"),
    ({"now": datetime.timedelta(minutes=16)}, "InvalidSignatureException"),
    ({"now": datetime.timedelta(days=-4000)}, "InvalidSignatureException"),
    ({"region": "eu-west-1"}, "InvalidSignatureException"),
    ({"secret": "guess"}, "InvalidSignatureException"),
    ({"payload": hashlib.sha256(b"other").hexdigest()}, "InvalidSignatureException"),
    ({"payload": "UNSIGNED-PAYLOAD"}, "InvalidSignatureException")], ids=short)
def test_signatures_that_are_late_foreign_or_wrong_are_refused(croft, more, code):
    if "now" in more:
        more = {"now": datetime.datetime.utcnow() + more["now"]}
    answer = ask(croft, *LIST, **more)
    assert kind(answer) == (400, code), answer
    assert croft.credentials["aws_secret_access_key"].encode() not in answer[2]


@pytest.mark.parametrize("authorization, code", [
    ("", "MissingAuthenticationTokenException"), ("AWS4-HMAC-SHA256", "IncompleteSignatureException"),
    ("AWS4-HMAC-SHA256 " + "a=b," * 5000, "IncompleteSignatureException"),
    ("AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;;, Signature=", "IncompleteSignatureException"),
    ("AWS4-HMAC-SHA256 Credential=AKIA/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=" + ";".join(["host"] * 5000)
     + ", Signature=" + "0" * 64,
     "IncompleteSignatureException")], ids=short)
def test_malformed_signatures_are_refused(croft, authorization, code):
    header = f"authorization: {authorization}\r\n" if authorization else ""
    with Http(croft) as http:
        answer = http.send((f"POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-date: 20200101T000000Z\r\n{header}"
                            "x-amz-target: DynamoDB_20120810.ListTables\r\n"
                            "content-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}").encode()).answer()
        assert kind(answer) == (400, code), answer


def test_a_folded_header_is_read_as_one_line_or_refused(croft):
    request = signed(croft, *LIST).replace(b"x-amz-target: DynamoDB", b"x-amz-target:\r\n DynamoDB")
    with Http(croft) as http:
        assert http.send(request).answer()[0] in (200, 400)


def test_s3_takes_unsigned_payloads_and_keeps_odd_keys_apart(croft):
    croft.client("s3").create_bucket(Bucket="odd")
    keys = ["/odd/a%2Fb", "/odd/a/b/", "/odd/a//b", "/odd//a", "/odd/.././a", "/odd/%25"]
    for path in keys:
        assert ask(croft, "s3", "", path.encode(), method="PUT", path=path, payload="UNSIGNED-PAYLOAD")[0] == 200, path
    for path in keys:
        status, _, body = ask(croft, "s3", "", b"", method="GET", path=path)
        assert (status, body) == (200, path.encode())


@pytest.mark.parametrize("body, declared", [
    (b"5;chunk-signature=" + b"0" * 64 + b"\r\nhello\r\n", 5), (b"5\r\nhello\r\n", 5), (b"ffffffffffffffff\r\n", 5),
    (b"5\r\nhello\r\n0\r\n\r\n", 6), (b"5\r\nhello\r\n0\r\n\r\nmore", 5), (b"", 5), (b"-1\r\n", 5),
    (b"5" + b" " * 5000 + b"\r\nhello\r\n0\r\n\r\n", 5)], ids=short)
@pytest.mark.parametrize("payload", ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"], ids=short)
def test_broken_chunk_frames_are_refused(croft, payload, body, declared):
    croft.client("s3").create_bucket(Bucket="frames")
    status, _, answer = ask(croft, "s3", "", body, method="PUT", path="/frames/k", payload=payload,
                            headers={"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(declared)})
    code = re.search(b"<Code>(.*)</Code>", answer)
    assert status in (400, 403) and code and code[1] in (b"SignatureDoesNotMatch", b"IncompleteBody", b"InvalidRequest",
                                                         b"MalformedTrailerError"), answer
    assert "Contents" not in croft.client("s3").list_objects_v2(Bucket="frames")
