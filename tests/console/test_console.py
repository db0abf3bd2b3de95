"""The console: its page in Debian's Chromium against a real croft with real devices, and who is let in."""

import concurrent.futures
import gzip
import json
import re
import socket
import time
import urllib.parse

import pytest
from console_page import Feed, ask, browser, data, passed


# Who is let in.

def test_a_browser_at_the_root_is_sent_to_the_console_and_nobody_else(croft):
    page = ask(croft, "GET", "/", accept="text/html,application/xhtml+xml")
    tool = ask(croft, "GET", "/", accept="*/*")
    assert (page.status, page.headers["location"]) == (302, "/_croft/console/")
    assert tool.status == 403 and b"<Code>AccessDenied</Code>" in tool.body
    assert croft.client("s3").list_buckets()["Buckets"] == []


def test_the_page_has_a_strict_policy(croft):
    page = ask(croft, "GET", "/_croft/console/presence")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    host = croft.endpoints["gateway"].removeprefix("http://")
    assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert policy == {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
                      "connect-src": f"'self' ws://{host} wss://{host}", "base-uri": "'none'", "form-action": "'none'",
                      "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "croft-xml"}
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert b"<script>" not in page.body and b"style=" not in page.body


def test_files_are_kept_by_browsers_and_the_page_is_not(croft):
    page = ask(croft, "GET", "/_croft/console/")
    script = "/_croft/console/" + re.search(rb'src="/_croft/console/(assets/[^"]+\.js)"', page.body).group(1).decode()
    first = ask(croft, "GET", script, accept_encoding="gzip, deflate, br")
    again = ask(croft, "GET", script, if_none_match=first.headers["etag"])
    assert page.headers["cache-control"] == "no-cache"
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(first.body) == ask(croft, "GET", script).body
    assert (again.status, again.body) == (304, b"")
    assert ask(croft, "GET", "/_croft/console/assets/none.js").status == 404
    assert ask(croft, "HEAD", script).body == b""
    assert ask(croft, "POST", "/_croft/console/").status == 405


def test_the_first_page_is_small(croft):
    page = ask(croft, "GET", "/_croft/console/", accept_encoding="gzip")
    wanted = re.findall(r'(?:src|href)="(/_croft/console/[^"]+)"', gzip.decompress(page.body).decode())
    total = len(page.body) + sum(len(ask(croft, "GET", path, accept_encoding="gzip").body) for path in wanted)
    assert len(wanted) >= 3 and total < 300 * 1024


REBOUND = "The console answers to localhost, 127.0.0.1 and [::1], not to another name."
OTHER_SITE = "A page of another site may not use the console."
NO_MARK = "A request for the console's data has the header x-croft-console: 1."


@pytest.mark.parametrize("headers, why", [
    ({"host": "attacker.example"}, REBOUND),
    ({"host": "127.0.0.1.attacker.example:4566"}, REBOUND),
    ({"host": None}, REBOUND),
    ({"origin": "http://attacker.example"}, OTHER_SITE),
    ({"origin": "null"}, OTHER_SITE),
    ({"origin": "http://127.0.0.1:1"}, OTHER_SITE),
    ({"sec_fetch_site": "cross-site"}, OTHER_SITE),
    ({"sec_fetch_site": "same-site"}, OTHER_SITE),
    ({"x_croft_console": None}, NO_MARK),
    ({"x_croft_console": "yes"}, NO_MARK),
])
def test_other_sites_get_no_data(croft, headers, why):
    for what in ("about", "clients", "calls", "history", "mqtt", "feed?topics=clients"):
        refused = data(croft, what, **headers)
        assert refused.status == 403 and refused.json == {"message": why}, what
    target = {"x_amz_target": "DynamoDB_20120810.ListTables"}
    assert data(croft, "aws/dynamodb", "POST", b"{}", **target, **headers).status == 403


def test_a_rebound_name_gets_no_page(croft):
    refused = ask(croft, "GET", "/_croft/console/", host="attacker.example")
    assert refused.status == 403 and REBOUND.encode() in refused.body
    assert ask(croft, "GET", "/_croft/console/", sec_fetch_site="cross-site").status == 200, "a link may lead here"


def test_the_page_of_this_machine_is_let_in_by_each_of_its_names(croft):
    port = croft.port("gateway")
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"):
        answer = data(croft, "about", host=host, origin=f"http://{host}", sec_fetch_site="same-origin")
        assert answer.json == {"region": "us-east-1", "account": "000000000000", "who": "loopback", "role": "admin"}


# What the page is told.

def test_aws_calls_are_answered_as_the_account_without_a_signature(croft):
    made = data(croft, "aws/dynamodb", "POST", json.dumps({
        "TableName": "from-the-page", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}).encode(), x_amz_target="DynamoDB_20120810.CreateTable")
    assert made.status == 200
    assert croft.client("dynamodb").list_tables()["TableNames"] == ["from-the-page"]
    missing = data(croft, "aws/dynamodb", "POST", b'{"TableName":"none"}', x_amz_target="DynamoDB_20120810.DescribeTable")
    assert missing.status == 400 and missing.json["__type"].endswith("#ResourceNotFoundException")
    assert data(croft, "aws/iot/things/pump", "POST", b"{}").json["thingName"] == "pump"
    assert croft.client("iot").describe_thing(thingName="pump")["thingName"] == "pump"
    assert data(croft, "aws/iot/things?maxResults=1").json["things"][0]["thingName"] == "pump"
    caller = data(croft, "aws/sts", "POST", b"Action=GetCallerIdentity&Version=2011-06-15",
                  content_type="application/x-www-form-urlencoded")
    assert b"<Arn>arn:aws:iam::000000000000:root</Arn>" in caller.body
    assert data(croft, "aws/sqs", "POST", b"{}", x_amz_target="AmazonSQS.ListQueues").status == 200
    assert data(croft, "aws/none", "POST", b"{}").status == 404


def test_without_the_page_signatures_are_asked_for_as_before(croft):
    unsigned = ask(croft, "POST", "/", b"{}", x_amz_target="DynamoDB_20120810.ListTables", x_croft_console="1")
    assert unsigned.status == 400 and unsigned.json["__type"].endswith("#MissingAuthenticationTokenException")


def test_calls_are_listed_with_their_outcome(croft):
    with pytest.raises(Exception):
        croft.client("dynamodb").describe_table(TableName="not-there")
    rows = data(croft, "calls").json
    row = next(row for row in reversed(rows) if row[3] == "DescribeTable" and row[10] == 0)
    number, at, service, operation, status, took, agent, address, request_id, error, own = row
    assert (service, status, address, error, own) == ("dynamodb", 400, "127.0.0.1", "ResourceNotFoundException", 0)
    assert "Boto3" in agent and 0 <= took < 5_000 and abs(at / 1000 - time.time()) < 60 and len(request_id) == 36
    assert [row[0] for row in rows] == list(range(rows[0][0], rows[-1][0] + 1))


def connect_packet(client_id):
    name = client_id.encode()
    rest = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
    assert len(rest) < 128
    return b"\x10" + bytes([len(rest)]) + rest


def mqtt_socket(croft, client_id):
    opened = socket.create_connection(("127.0.0.1", croft.port("mqtt")), timeout=20)
    opened.sendall(connect_packet(client_id))
    assert opened.recv(4) == b"\x20\x02\x00\x00"
    return opened


def test_clients_come_in_pages_that_miss_nobody(fresh_croft):
    croft = fresh_croft()
    count = 12_000

    def visit(n):
        with mqtt_socket(croft, f"device-{n}"):
            pass

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(count)))
    seen, pages, at = [], 0, ""
    while at is not None:
        page = data(croft, "clients?at=" + at).json
        seen += [row[0] for row in page["clients"]]
        pages, at = pages + 1, page.get("next")
        assert len(page["clients"]) < 7_000
    assert sorted(seen) == sorted(f"device-{n}" for n in range(count))
    assert pages > 2
    for wrong in ("x", "0.0", "99.0.0", "0.1.1", "0.0.99999", "-1.0.0", "0..1"):
        assert data(croft, "clients?at=" + wrong).status == 400, wrong


def test_a_row_of_a_client_says_what_is_known(croft):
    with mqtt_socket(croft, "row-client"):
        def row():
            rows, at = [], ""
            while at is not None:
                page = data(croft, "clients?at=" + at).json
                rows, at = rows + page["clients"], page.get("next")
            return next((row for row in rows if row[0] == "row-client"), None)
        name, status, since, reason, version, address, principal, thing, keep_alive, protocol, expiry, subscriptions = row()
    assert (status, reason, version, address, principal, thing) == (1, "", 0, "127.0.0.1", "anonymous", "")
    assert (keep_alive, protocol, expiry, subscriptions) == (60, "3.1.1", 0, 0)
    assert abs(since / 1000 - time.time()) < 60


def row_in(feed, client_id, status):
    """The next row that says so of the client."""
    while True:
        for row in feed.rows("clients"):
            if row[:2] == [client_id, status]:
                return row


def test_the_feed_tells_changes_within_a_tenth_of_a_second(croft):
    feed = Feed(croft, "clients,figures")
    assert "content-type: text/event-stream" in feed.head and "content-length" not in feed.head
    assert feed.event() == ("hello", {})
    times = []
    for n in range(10):
        began = time.monotonic()
        opened = mqtt_socket(croft, f"live-{n}")
        row_in(feed, f"live-{n}", 1)
        opened.close()
        row_in(feed, f"live-{n}", 0)
        times.append((time.monotonic() - began) / 2)
        time.sleep(0.1)
    feed.close()
    assert min(times) < 0.1, times  # others may keep the machine busy for longer


def test_figures_come_every_second_and_are_kept(croft):
    feed = Feed(croft, "figures")
    feed.event()
    time.sleep(1.1)  # what connected before is counted
    feed.event()
    feed.event()
    with mqtt_socket(croft, "counted"):
        rows = [feed.event()[1] for _ in range(3)]
    feed.close()
    assert all(800 < later[0] - earlier[0] < 3_000 for earlier, later in zip(rows, rows[1:]))
    assert sum(row[3] for row in rows) == 1 and rows[-1][1] >= 1
    history = data(croft, "history").json
    assert rows[-1] in history and [row[0] for row in history] == sorted(row[0] for row in history)


def test_a_browser_that_does_not_read_is_sent_a_merged_state_and_holds_up_nobody(fresh_croft):
    croft = fresh_croft()
    slow = Feed(croft, "clients")
    slow.take(4096)
    rounds, names = 12, 150
    assert slow.event() == ("hello", {})
    for _ in range(rounds):
        opened = [mqtt_socket(croft, f"busy-{n}-{'x' * 60}") for n in range(names)]
        for one in opened:
            one.close()
    quick = Feed(croft, "clients")
    quick.event()
    with mqtt_socket(croft, "last"):
        row_in(quick, "last", 1)
        slow.take(1 << 20)
        seen, rows = 0, []
        while ["last", 1] not in [row[:2] for row in rows]:
            rows = slow.rows("clients")
            seen += len(rows)
    slow.close()
    quick.close()
    assert seen < 2 * rounds * names, "each change was sent"


def test_a_browser_that_was_too_long_away_reads_the_list_again(fresh_croft):
    croft = fresh_croft()
    slow = Feed(croft, "clients")
    slow.take(4096)
    assert slow.event() == ("hello", {})

    def visit(n):
        with mqtt_socket(croft, f"many-{n}-{'x' * 90}"):
            pass

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(22_000)))
    slow.take(1 << 20)
    name, value = slow.event()
    while name == "clients":
        name, value = slow.event()
    assert (name, value) == ("reload", "clients")
    with mqtt_socket(croft, "after"):
        row_in(slow, "after", 1)
    slow.close()


def test_feeds_are_few_and_end_with_their_browser(croft, eventually):
    feeds = [Feed(croft, "figures") for _ in range(32)]
    refused = data(croft, "feed?topics=figures")
    assert refused.status == 429
    for feed in feeds:
        feed.close()

    def opens():
        try:
            return Feed(croft, "figures")
        except AssertionError:
            return None
    first = eventually(lambda: data(croft, "feed?topics=none").status == 400 and opens(), what="a feed")
    assert "200 OK" in first.head
    first.close()


def test_the_pages_mqtt_client_is_signed_as_awss_own(croft):
    answer = data(croft, "mqtt").json
    url = urllib.parse.urlsplit(answer["url"])
    query = urllib.parse.parse_qs(url.query)
    assert (url.scheme, url.netloc, url.path) == ("ws", croft.endpoints["gateway"].removeprefix("http://"), "/mqtt")
    assert query["X-Amz-Credential"][0].endswith("/us-east-1/iotdevicegateway/aws4_request")
    assert re.fullmatch(r"iotconsole-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer["clientId"])


# In the browser.

def test_presence(fresh_croft):
    assert len(passed(browser(fresh_croft(), "presence.mjs"))) == 8


def test_the_mqtt_client(fresh_croft):
    assert len(passed(browser(fresh_croft(), "mqtt.mjs"))) == 5


def test_every_screen_is_accessible_in_light_and_dark(fresh_croft):
    assert len(passed(browser(fresh_croft(), "screens.mjs"))) == 3
