"""Tables that are elsewhere: at a second croft, and at an endpoint that records what is sent."""

import json
import re
import socket
import ssl
import threading

import pytest
from conftest import ARTICLE, Croft, wait_until
from distant_tables import (ROLE, UNAVAILABLE, at, document_in, error_of, logged, put_into, rows, rule, settings_file, signed,
                            table)
from own_authority import Signed


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("far") / "data", "--ephemeral", "--region", "eu-west-3",
                   "--account-id", "210987654321")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def near(far, tmp_path_factory):
    folder = tmp_path_factory.mktemp("near")
    server = Croft(folder / "data", "--config", settings_file(folder, at(far, folder)))
    yield server
    assert server.stop() == 0, server.output()


# --- the API, at another croft ---

def test_tables_made_here_are_there(near, far):
    here, there = near.client("dynamodb"), far.client("dynamodb")

    table(here, "made-here")
    here.put_item(TableName="made-here", Item={"id": {"S": "a"}, "n": {"N": "1"}})
    there.put_item(TableName="made-here", Item={"id": {"S": "b"}, "n": {"N": "2"}})

    assert here.describe_table(TableName="made-here")["Table"]["TableArn"] == \
        "arn:aws:dynamodb:eu-west-3:210987654321:table/made-here"
    assert rows(here, "made-here", "id", "n") == rows(there, "made-here", "id", "n") == {"a": {"N": "1"}, "b": {"N": "2"}}
    assert "made-here" in there.list_tables()["TableNames"]


def test_every_kind_of_request_passes(near, far):
    here = near.client("dynamodb")
    table(here, "kinds")

    here.batch_write_item(RequestItems={"kinds": [{"PutRequest": {"Item": {"id": {"S": str(n)}, "n": {"N": str(n)}}}}
                                                  for n in range(5)]})
    here.update_item(TableName="kinds", Key={"id": {"S": "0"}}, UpdateExpression="ADD n :one",
                     ExpressionAttributeValues={":one": {"N": "41"}})
    here.delete_item(TableName="kinds", Key={"id": {"S": "4"}})

    assert here.get_item(TableName="kinds", Key={"id": {"S": "0"}})["Item"]["n"] == {"N": "41"}
    got = here.batch_get_item(RequestItems={"kinds": {"Keys": [{"id": {"S": "1"}}, {"id": {"S": "4"}}]}})
    assert got["Responses"]["kinds"] == [{"id": {"S": "1"}, "n": {"N": "1"}}]
    assert here.query(TableName="kinds", KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": {"S": "2"}},
                      ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"] == {"TableName": "kinds", "CapacityUnits": 0.5}
    assert here.scan(TableName="kinds", Select="COUNT")["Count"] == 4
    arn = here.describe_table(TableName="kinds")["Table"]["TableArn"]
    here.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert far.client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    here.delete_table(TableName="kinds")
    assert error_of(here.describe_table, TableName="kinds") == (
        "ResourceNotFoundException", 400, "Requested resource not found: Table: kinds not found")


def test_a_large_page_passes(near):
    here = near.client("dynamodb")
    table(here, "large")
    for n in range(8):
        here.put_item(TableName="large", Item={"id": {"S": str(n)}, "b": {"B": bytes(390 * 1024)}})

    keys = [{"id": {"S": str(n)}} for n in range(8)]
    got = here.batch_get_item(RequestItems={"large": {"Keys": keys}})["Responses"]["large"]

    assert sorted(item["id"]["S"] for item in got) == [str(n) for n in range(8)]
    assert all(item["b"]["B"] == bytes(390 * 1024) for item in got), "more than a megabyte in one answer"


def test_a_refusal_with_its_item_passes(near):
    here = near.client("dynamodb")
    table(here, "conditional")
    item = {"id": {"S": "a"}, "version": {"N": "7"}}
    here.put_item(TableName="conditional", Item=item)

    status, _, body = signed(near, "DynamoDB_20120810.PutItem", json.dumps({
        "TableName": "conditional", "Item": {"id": {"S": "a"}, "version": {"N": "6"}}, "ConditionExpression": "version < :v",
        "ExpressionAttributeValues": {":v": {"N": "6"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}).encode())

    assert (status, json.loads(body)) == (400, {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed",
        "Item": item})
    assert here.get_item(TableName="conditional", Key={"id": {"S": "a"}})["Item"] == item


def test_the_callers_signature_is_checked_here(near, far):
    stranger = near.client("dynamodb", key=far.credentials["aws_access_key_id"],
                           secret=far.credentials["aws_secret_access_key"])
    impostor = near.client("dynamodb", secret="wrong")

    assert error_of(stranger.list_tables)[:2] == ("UnrecognizedClientException", 400)
    assert error_of(impostor.list_tables)[:2] == ("InvalidSignatureException", 400)


def test_a_client_that_follows_the_endpoint_stays_here(near):
    assert near.client("dynamodb").describe_endpoints()["Endpoints"] == [
        {"Address": near.endpoints["gateway"].removeprefix("http://"), "CachePeriodInMinutes": 1440}]


def test_the_command_line_shows_them(near):
    table(near.client("dynamodb"), "by-command")
    near.client("dynamodb").put_item(TableName="by-command", Item={"id": {"S": "row-of-far"}})

    assert "by-command" in near.run("tables", "list").stdout
    assert "row-of-far" in near.run("tables", "scan", "by-command").stdout


def test_sql_reads_items_there(near, far):
    dynamodb = far.client("dynamodb")
    table(dynamodb, "sql-places")
    table(dynamodb, "sql-results")
    dynamodb.put_item(TableName="sql-places", Item={"id": {"S": "dev-1"}, "place": {"S": "roof"}})
    rule(near, "with_place", "SELECT id, get_dynamodb('sql-places', 'id', id, '" + ROLE + "').place AS place FROM 'where'",
         put_into("sql-results"))

    near.client("iot-data").publish(topic="where", qos=1, payload=b'{"id":"dev-1"}')

    wait_until(lambda: rows(dynamodb, "sql-results", "id", "place") == {"dev-1": {"S": "roof"}})


# --- loud errors ---

def test_a_wrong_key_is_told_everywhere(far, fresh_croft, tmp_path):
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, secret="not-the-secret")))

    told = r"tables are at http://\S+, which answers InvalidSignatureException: The request signature"
    assert wait_until(lambda: re.search(told, logged(near)))
    assert error_of(near.client("dynamodb").list_tables)[:2] == ("InvalidSignatureException", 400)
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "denied", "SELECT n FROM 'denied'", put_into("t"), failures="failures")
    near.client("iot-data").publish(topic="denied", qos=1, payload=b'{"n":"1"}')
    [failure] = document_in(near, "failures", "denied")["failures"]
    assert failure["errorMessage"].startswith("The request signature we calculated does not match the signature you provided.")
    done = near.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "s", "--capabilities", "CAPABILITY_IAM", check=False)
    assert done.returncode != 0
    assert "The request signature we calculated does not match the signature you provided." in done.stdout + done.stderr


def test_a_service_of_that_name_is_told_where_its_table_is(tmp_path):
    path = tmp_path / "croft.toml"
    path.write_text("[services.dynamodb]\nendpoint = 'http://127.0.0.1:1'\n")
    with pytest.raises(RuntimeError) as refused:
        Croft(tmp_path / "data", "--config", str(path))
    assert "where tables are is told in [tables]: tables.endpoint" in str(refused.value)


class TlsFront:
    """Takes TLS connections for a server that has none."""

    def __init__(self, certificate, target):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.pem, certificate.key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.context, self.target = context, target
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(taken,), daemon=True).start()

    def serve(self, taken):
        try:
            inner = self.context.wrap_socket(taken, server_side=True)
        except OSError:
            return
        outer = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self.pump, args=(outer, inner), daemon=True).start()
        self.pump(inner, outer)

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def tls(far, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = Signed(folder, "authority")
    front = TlsFront(Signed(folder, "server", addresses=["127.0.0.1"], issuer=authority), far.port("gateway"))
    yield front.url, authority.pem
    front.close()


def test_by_tls_with_an_authority_of_ones_own(far, tls, fresh_croft, tmp_path):
    url, authority = tls
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, endpoint=url)), "--authorities", authority,
                       "--ephemeral")
    table(near.client("dynamodb"), "by-tls")
    rule(near, "tls", "SELECT * FROM 'tls'", put_into("by-tls"))

    near.client("iot-data").publish(topic="tls", qos=1, payload=b'{"id":"a","v":"1"}')

    wait_until(lambda: rows(far.client("dynamodb"), "by-tls", "id", "v") == {"a": {"S": "1"}})


def test_a_certificate_that_nobody_trusts_is_told(far, tls, fresh_croft, tmp_path):
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, endpoint=tls[0])), "--ephemeral")

    told = r"which answers TlsFailure: no TLS connection to " + tls[0] + ": .*certificate"
    assert wait_until(lambda: re.search(told, logged(near)))
    code, status, message = error_of(near.client("dynamodb").list_tables)
    assert (code, status) == UNAVAILABLE and "no TLS connection" in message
