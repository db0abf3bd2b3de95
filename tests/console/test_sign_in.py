"""Who may use the console and croft's own pages beyond loopback: over TLS on 0.0.0.0, reached by 127.0.0.1."""

import http.client
import json
import os
import pathlib
import pty
import re
import ssl
import subprocess
import threading
import time
import urllib.parse

import boto3
import paho.mqtt.client as paho
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from console_page import HERE, passed

PASSWORDS = {"anna": "anna's long passphrase", "ben": "ben reads and never writes"}
TOKEN = "prometheus-reads-this-0123456789"
MARK = {"x-croft-console": "1"}
PAGES = ["/_croft/devices", "/_croft/log", "/_croft/rules", "/_croft/refusals/x", "/_croft/functions/f/logs", "/metrics"]


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Tls:
    """A croft that is reached over TLS, as a browser asks it."""

    def __init__(self, croft):
        self.croft = croft
        self.port = croft.port("gatewayTls")
        self.context = ssl.create_default_context(cafile=croft.endpoints["ca"])

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def connection(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=20)

    def ask(self, method, path, body=None, cookie=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if cookie:
            sent["cookie"] = cookie
        connection = self.connection()
        try:
            connection.request(method, path, body, sent)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def data(self, what, method="GET", body=None, cookie=None, **headers):
        return self.ask(method, "/_croft/console/api/" + what, body, cookie, **{"x_croft_console": "1", **headers})

    def try_password(self, name, password, **more):
        return self.data("session", "POST", json.dumps({"name": name, "password": password}), **more)

    def sign_in(self, name, **more):
        """The cookie of a new session."""
        reply = self.try_password(name, PASSWORDS[name], **more)
        assert reply.status == 200, reply.body
        return reply.headers["set-cookie"].split(";")[0]

    def dynamodb(self, operation, document, cookie):
        return self.data("aws/dynamodb", "POST", json.dumps(document), cookie, x_amz_target=f"DynamoDB_20120810.{operation}")


def users(croft, *arguments, password=None, check=True):
    more = [] if password is None else ["--password-stdin"]
    return croft.run("users", *arguments, *more, input=password, check=check)


BEYOND = ["--gateway-tls-listen", "0.0.0.0", "--gateway-tls-port", "0"]


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    from conftest import Croft
    folder = tmp_path_factory.mktemp("croft")
    (folder / "token").write_text(TOKEN + "\n")
    server = Croft(folder / "data", *BEYOND, "--metrics-token-file", str(folder / "token"))
    users(server, "add", "anna", password=PASSWORDS["anna"])
    users(server, "add", "ben", "--role", "read-only", password=PASSWORDS["ben"])
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def tls(croft):
    return Tls(croft)


@pytest.fixture(scope="module")
def anna(tls):
    return tls.sign_in("anna")


@pytest.fixture(scope="module")
def ben(tls):
    return tls.sign_in("ben")


# Users.

def test_users_are_listed_with_their_roles(croft):
    listed = {row["Name"]: row["Role"] for row in map(json.loads, users(croft, "list", "--json").stdout.splitlines())}
    assert listed == {"anna": "admin", "ben": "read-only"}


@pytest.mark.parametrize("arguments, password, said", [
    (["add", "anna"], "another passphrase", "UserExists: there is a user 'anna' already"),
    (["add", "carl"], "eleven char", "InvalidPassword: a password has at least 12 characters"),
    (["add", "carl"], "", "InvalidPassword: a password has at least 12 characters"),
    (["add", "Carl"], "a good passphrase", "InvalidName: a user's name has 1 to 32"),
    (["add", "loopback"], "a good passphrase", "InvalidName: a user's name has 1 to 32"),
    (["password", "nobody"], "a good passphrase", "NoSuchUser: there is no user 'nobody'"),
    (["remove", "nobody"], None, "NoSuchUser: there is no user 'nobody'"),
    (["role", "nobody", "admin"], None, "NoSuchUser: there is no user 'nobody'"),
])
def test_what_cannot_be_done_to_users_is_told(croft, arguments, password, said):
    done = users(croft, *arguments, password=password, check=False)
    assert done.returncode == 1 and done.stderr.startswith("croft: " + said), done.stderr
    assert users(croft, "list", "--json").stdout.count("\n") == 2


def test_a_password_is_asked_for_at_the_terminal_and_not_shown(croft):
    def type_in(*lines):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(croft.binary, [croft.binary, "users", "password", "ben"], croft.environment)
        shown = b""
        for line in lines:
            while not shown.endswith(b": "):
                shown += os.read(terminal, 1024)
            shown += b"|"
            os.write(terminal, line.encode() + b"\n")
        try:
            while piece := os.read(terminal, 1024):
                shown += piece
        except OSError:
            pass  # the terminal went with the program
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    code, shown = type_in(PASSWORDS["ben"], PASSWORDS["ben"])
    assert code == 0 and "ben has a new password and is signed out" in shown
    assert PASSWORDS["ben"] not in shown and "Password of ben: |" in shown
    code, shown = type_in(PASSWORDS["ben"], "something else")
    assert code == 1 and "Mismatch" in shown


def test_a_function_may_not_make_users(croft):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    arn = croft.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    keys = croft.client("sts").assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
    body = json.dumps({"Name": "eve", "Role": "admin", "Password": "eve has a passphrase"}).encode()
    request = AWSRequest("POST", croft.endpoints["gateway"] + "/", data=body,
                         headers={"X-Amz-Target": "Croft_1.CreateUser", "Content-Type": "application/x-amz-json-1.0"})
    SigV4Auth(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]), "croft",
              croft.credentials["region"]).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", croft.port("gateway"))
    connection.request("POST", "/", body, dict(request.headers))
    refused = Reply(connection.getresponse())
    assert refused.status == 403 and b"only the account may change who signs in" in refused.body


# Signing in.

def test_the_page_is_there_for_who_will_sign_in_and_shows_nothing(tls):
    page = tls.ask("GET", "/_croft/console/presence")
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert f"connect-src 'self' ws://127.0.0.1:{tls.port} wss://127.0.0.1:{tls.port};" in page.headers["content-security-policy"]
    root = tls.ask("GET", "/", accept="text/html")
    assert (root.status, root.headers["location"]) == (302, "/_croft/console/")


def test_nothing_is_told_without_a_session(tls):
    for what in ("about", "clients", "calls", "history", "mqtt", "feed?topics=clients"):
        refused = tls.data(what)
        assert refused.status == 401, what
        assert refused.json == {"code": "SignInRequired", "message": "Sign in to use the console."}
    assert tls.dynamodb("ListTables", {}, None).status == 401
    assert tls.data("about", cookie="__Host-croft=" + "0" * 64).status == 401


def test_the_cookie_is_for_this_page_alone(tls):
    reply = tls.try_password("anna", PASSWORDS["anna"])
    assert reply.json == {"region": "us-east-1", "account": "000000000000", "who": "anna", "role": "admin", "signedIn": True}
    assert re.fullmatch(r"__Host-croft=[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure", reply.headers["set-cookie"])
    assert reply.headers["cache-control"] == "no-store"
    cookie = reply.headers["set-cookie"].split(";")[0]
    assert tls.data("about", cookie=cookie).json == reply.json
    assert tls.data("about", cookie=cookie.replace("__Host-croft", "croft_session")).status == 401


def test_a_wrong_password_and_a_name_that_nobody_has_are_answered_alike(tls):
    wrong = tls.try_password("anna", "not anna's passphrase")
    unknown = tls.try_password("nobody", "not anna's passphrase")
    assert wrong.status == unknown.status == 401
    assert wrong.json == unknown.json == {"code": "WrongPassword", "message": "The name or the password is wrong."}
    tls.sign_in("anna")  # this address is not counted on


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', "{" * 20_000, '{"name":"' + "x" * 20_000 + '"}'])
def test_a_sign_in_of_another_form_is_refused(tls, body):
    refused = tls.data("session", "POST", body)
    assert refused.status == 400 and refused.json == {"message": "Signing in takes a name and a password, as JSON."}


@pytest.mark.parametrize("headers", [
    {"x_croft_console": None}, {"origin": "https://attacker.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"}])
def test_pages_of_other_sites_neither_sign_in_nor_use_a_session(tls, anna, headers):
    assert tls.try_password("anna", PASSWORDS["anna"], **headers).status == 403
    assert tls.data("about", cookie=anna, **headers).status == 403
    assert tls.data("session", "DELETE", cookie=anna, **headers).status == 403
    assert tls.data("aws/dynamodb", "POST", "{}", anna, x_amz_target="DynamoDB_20120810.ListTables", **headers).status == 403
    assert tls.data("about", cookie=anna, origin=tls.url, sec_fetch_site="same-origin").status == 200


def test_a_session_that_was_planted_is_not_taken_over(tls):
    planted = "__Host-croft=" + "ab" * 32
    mine = tls.sign_in("anna", cookie=planted)
    assert mine != planted and tls.data("about", cookie=planted).status == 401
    again = tls.sign_in("anna", cookie=mine)
    assert tls.data("about", cookie=mine).status == 401, "the session before ended"
    assert tls.data("about", cookie=again).status == 200


def test_signing_out_ends_the_session(tls):
    cookie = tls.sign_in("anna")
    reply = tls.data("session", "DELETE", cookie=cookie)
    assert reply.status == 200
    assert reply.headers["set-cookie"] == "__Host-croft=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
    assert tls.data("about", cookie=cookie).status == 401


# Roles.

def test_a_reader_calls_what_reads_and_is_refused_the_rest(croft, tls, anna, ben):
    table = {"TableName": "readers", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    refused = tls.dynamodb("CreateTable", table, ben)
    assert refused.status == 403
    assert refused.json["__type"].endswith("AccessDeniedException")
    assert refused.json["message" if "message" in refused.json else "Message"] == (
        "User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:CreateTable because the role read-only does not allow it")
    assert tls.dynamodb("CreateTable", table, anna).status == 200
    assert tls.dynamodb("ListTables", {}, ben).json == {"TableNames": ["readers"]}
    item = {"TableName": "readers", "Item": {"id": {"S": "a"}}}
    assert tls.dynamodb("PutItem", item, ben).status == 403
    assert tls.dynamodb("PutItem", item, anna).status == 200
    assert tls.dynamodb("GetItem", {"TableName": "readers", "Key": {"id": {"S": "a"}}}, ben).json == {"Item": {"id": {"S": "a"}}}
    assert tls.dynamodb("ExecuteStatement", {"Statement": "SELECT * FROM readers"}, ben).json["Items"] == [{"id": {"S": "a"}}]
    assert tls.dynamodb("ExecuteStatement", {"Statement": "DELETE FROM readers WHERE id = 'a'"}, ben).status == 403
    assert tls.data("aws/iot/things/t", "POST", "{}", ben).status == 403
    assert tls.data("aws/iot/things", cookie=ben).json == {"things": []}
    query = tls.data("aws/iam", "POST", "Action=DeleteRole&Version=2010-05-08&RoleName=x", ben, content_type="application/x-www-form-urlencoded")
    assert query.status == 403 and b"<Code>AccessDenied</Code>" in query.body
    assert tls.data("aws/s3/made-by-a-reader", "PUT", cookie=ben).status == 403
    assert tls.data("aws/croft", "POST", '{"Name":"eve","Role":"admin","Password":"eve has a passphrase"}', ben,
                    x_amz_target="Croft_1.CreateUser").status == 403
    assert tls.data("aws/croft", "POST", "{}", ben, x_amz_target="Croft_1.BeginBackup").status == 403
    assert "eve" not in users(croft, "list").stdout


def connect(tls, cookie, client_id=None):
    """The page's MQTT client as that person. What happened to it is in its list `told`."""
    place = tls.data("mqtt", cookie=cookie).json
    url = urllib.parse.urlsplit(place["url"])
    assert (url.scheme, url.netloc) == ("wss", f"127.0.0.1:{tls.port}")
    client = paho.Client(client_id or place["clientId"], transport="websockets")
    client.told = []
    client.on_connect = lambda c, u, flags, code: client.told.append(("connect", code))
    client.on_disconnect = lambda c, u, code: client.told.append(("disconnect", code))
    client.on_message = lambda c, u, message: client.told.append((message.topic, message.payload))
    client.on_subscribe = lambda c, u, number, granted: client.told.append(("suback", granted))
    client.tls_set_context(tls.context)
    client.ws_set_options(path=f"{url.path}?{url.query}")
    client.connect("127.0.0.1", tls.port)
    client.loop_start()
    return client


def test_a_reader_listens_and_publishes_nothing(croft, tls, anna, ben, eventually):
    reader, writer = connect(tls, ben), connect(tls, anna)
    try:
        eventually(lambda: ("connect", 0) in reader.told and ("connect", 0) in writer.told)
        reader.subscribe("plant/#", 1)
        writer.subscribe("plant/#", 1)
        eventually(lambda: ("suback", (1,)) in reader.told and ("suback", (1,)) in writer.told)
        writer.publish("plant/1", b"from anna", qos=1).wait_for_publish(10)
        eventually(lambda: ("plant/1", b"from anna") in reader.told)
        reader.publish("plant/1", b"from ben", qos=0)
        eventually(lambda: b"role read-only does not allow it" in tls.ask("GET", f"/_croft/refusals/{reader._client_id.decode()}", cookie=anna).body)
        assert ("plant/1", b"from ben") not in writer.told
        principal = {d["clientId"]: d["principalIdentifier"] for d in tls.ask("GET", "/_croft/devices", cookie=anna).json["devices"]}
        assert re.fullmatch(r"AROA[A-Z2-7]{16}:ben@[0-9a-f]{16}", principal[reader._client_id.decode()])
    finally:
        for client in (reader, writer):
            client.loop_stop()
            client.disconnect()


def test_a_reader_takes_neither_a_name_nor_a_share_of_others(tls, ben, eventually):
    thief, sharer = connect(tls, ben, "pump-1"), connect(tls, ben)
    try:
        eventually(lambda: ("connect", 5) in thief.told)
        eventually(lambda: ("connect", 0) in sharer.told)
        sharer.subscribe("$share/workers/plant/#", 0)
        eventually(lambda: ("suback", (128,)) in sharer.told or any(what[0] == "disconnect" for what in sharer.told))
    finally:
        thief.loop_stop()
        sharer.loop_stop()


# What ends sessions.

@pytest.mark.parametrize("change", ["password", "role", "remove"])
def test_a_changed_user_is_signed_out_everywhere(croft, tls, eventually, change):
    name = "carl-" + change
    PASSWORDS[name] = "carl comes and goes"
    users(croft, "add", name, password=PASSWORDS[name])
    cookie = tls.sign_in(name)
    client = connect(tls, cookie)
    feed = tls.connection()
    feed.request("GET", "/_croft/console/api/feed?topics=clients", headers={**MARK, "cookie": cookie})
    events = feed.getresponse()
    assert events.status == 200 and events.fp.readline() == b"event: hello\n"
    eventually(lambda: ("connect", 0) in client.told)
    try:
        if change == "password":
            users(croft, "password", name, password="carl has another one")
        else:
            users(croft, change, name, *(["read-only"] if change == "role" else []))
        refused = tls.data("about", cookie=cookie)
        assert (refused.status, refused.json["code"]) == (401, "SignInRequired")
        eventually(lambda: any(what[0] == "disconnect" for what in client.told), what="the end of the MQTT connection")
        assert events.fp.read() is not None  # to its end
        again = tls.try_password(name, PASSWORDS[name])
        assert again.status == (200 if change == "role" else 401)
        if change == "role":
            assert again.json["role"] == "read-only"
    finally:
        client.loop_stop()
        feed.close()
        if change != "remove":
            users(croft, "remove", name)
        tls.sign_in("anna")  # this address is not counted on


def test_a_restart_signs_everybody_out_and_keeps_the_users(fresh_croft):
    server = fresh_croft(*BEYOND)
    users(server, "add", "anna", password=PASSWORDS["anna"])
    cookie = Tls(server).sign_in("anna")
    assert server.stop() == 0
    server.start()
    assert Tls(server).data("about", cookie=cookie).json["code"] == "SignInRequired"
    Tls(server).sign_in("anna")


# Guessing.

def test_who_guesses_waits_and_nobody_else_does(fresh_croft, eventually):
    server = fresh_croft(*BEYOND)
    users(server, "add", "anna", password=PASSWORDS["anna"])
    tls = Tls(server)
    assert [tls.try_password("anna", f"a wrong guess {n}").status for n in range(5)] == [401] * 5
    waits = eventually(lambda: (reply := tls.try_password("anna", "a wrong guess again")).status == 429 and reply, what="a wait")
    seconds = int(waits.headers["retry-after"])
    assert 1 <= seconds <= 300
    assert waits.json == {"code": "TooManyTries", "message": f"Too many tries. Try again in {seconds} s."}
    elsewhere = http.client.HTTPSConnection("127.0.0.1", tls.port, context=tls.context, source_address=("127.0.0.2", 0))
    elsewhere.request("POST", "/_croft/console/api/session", json.dumps({"name": "anna", "password": PASSWORDS["anna"]}), MARK)
    assert elsewhere.getresponse().status == 200, "nobody else waits"
    time.sleep(seconds)
    assert tls.try_password("anna", PASSWORDS["anna"]).status == 200
    assert [tls.try_password("anna", f"a wrong guess {n}").status for n in range(4)] == [401] * 4, "counted from the beginning"


def test_many_guesses_at_once_are_counted_too(fresh_croft):
    server = fresh_croft(*BEYOND)
    users(server, "add", "anna", password=PASSWORDS["anna"])
    tls = Tls(server)
    answers = []
    guessers = [threading.Thread(target=lambda: answers.append(tls.try_password("anna", "a wrong guess here").status)) for _ in range(20)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    # The first wait is a second: where starting twenty takes longer, one that came after it is looked at, too.
    assert 5 <= answers.count(401) <= 7 and answers.count(401) + answers.count(429) == 20, answers


# The other pages.

@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_for_a_session_or_a_signature_beyond_loopback(croft, tls, ben, path):
    refused = tls.ask("GET", path)
    assert (refused.status, refused.json["code"]) == (401, "SignInRequired")
    assert tls.ask("GET", path, cookie=ben).status == 200
    assert tls.ask("GET", path, cookie=ben, sec_fetch_site="cross-site").status == 403
    request = AWSRequest("GET", tls.url + path)
    SigV4Auth(Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"]), "croft",
              croft.credentials["region"]).add_auth(request)
    signed = dict(request.headers)
    assert tls.ask("GET", path, **signed).status == 200
    signed["Authorization"] = signed["Authorization"][:-4] + "beef"
    forged = tls.ask("GET", path, **signed)
    assert (forged.status, forged.json["code"]) == (403, "InvalidSignatureException")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", [
    {"host": "attacker.example"}, {"host": "127.0.0.1.attacker.example:4566"}, {"origin": "http://attacker.example"},
    {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
def test_on_loopback_pages_are_open_to_this_machine_and_to_no_other_site(croft, path, headers):
    def ask(**more):
        connection = http.client.HTTPConnection("127.0.0.1", croft.port("gateway"), timeout=20)
        connection.request("GET", path, headers=more)
        return Reply(connection.getresponse())

    assert ask().status == 200
    refused = ask(**headers)
    assert (refused.status, refused.json["code"]) == (403, "Forbidden")


def test_a_reader_tries_rules_and_changes_nothing_by_pages(tls, ben):
    trial = json.dumps({"sql": "SELECT a FROM 't'", "topic": "t", "payload": '{"a":1}'})
    assert tls.ask("POST", "/_croft/rules/test", trial, ben, x_croft_console="1").status == 200
    assert tls.ask("POST", "/_croft/rules/test", trial, ben).status == 403
    refused = tls.ask("POST", "/_croft/devices", "{}", ben, x_croft_console="1")
    assert (refused.status, refused.json["code"]) == (403, "ReadOnly")


def test_health_is_open_and_metrics_to_the_token(tls):
    assert tls.ask("GET", "/health").json == {"status": "ok"}
    metrics = tls.ask("GET", "/metrics", authorization="Bearer " + TOKEN)
    assert metrics.status == 200 and b"croft_mqtt_connections" in metrics.body
    assert tls.ask("GET", "/metrics", authorization="Bearer " + TOKEN[:-1]).status == 401
    assert tls.ask("GET", "/metrics", authorization="Basic " + TOKEN).status == 401
    assert tls.ask("GET", "/_croft/devices", authorization="Bearer " + TOKEN).status == 401


def test_the_tools_work_from_elsewhere(croft, tls):
    remote = {**croft.environment, "AWS_ENDPOINT_URL": tls.url, "AWS_CA_BUNDLE": croft.endpoints["ca"], "CROFT_DATA": "/nonexistent"}
    for arguments in (["devices"], ["users", "list"], ["rules", "metrics"], ["tables", "list"]):
        done = subprocess.run([croft.binary, *arguments], env=remote, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, (arguments, done.stderr)
    del remote["AWS_CA_BUNDLE"]
    refused = subprocess.run([croft.binary, "devices"], env=remote, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 1 and "TlsFailure" in refused.stderr and "AWS_CA_BUNDLE" in refused.stderr
    sts = boto3.client("sts", endpoint_url=tls.url, verify=croft.endpoints["ca"], region_name="us-east-1",
                       aws_access_key_id=croft.credentials["aws_access_key_id"],
                       aws_secret_access_key=croft.credentials["aws_secret_access_key"])
    assert sts.get_caller_identity()["Account"] == "000000000000"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(tls):
    context = ssl.create_default_context(cafile=tls.croft.endpoints["ca"])
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        http.client.HTTPSConnection("127.0.0.1", tls.port, context=context, timeout=5).connect()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    http.client.HTTPSConnection("127.0.0.1", tls.port, context=context, timeout=5).connect()


# Settings.

def test_the_tools_find_a_gateway_that_speaks_tls_alone(fresh_croft):
    server = fresh_croft(*BEYOND, "--gateway-port", "off")
    where = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CROFT_"))}
    told = subprocess.run([server.binary, "env", "--data", server.data], env=where, capture_output=True, text=True, timeout=20).stdout
    assert f"export AWS_ENDPOINT_URL='https://127.0.0.1:{server.port('gatewayTls')}'" in told
    assert f"export AWS_CA_BUNDLE='{server.endpoints['ca']}'" in told
    done = subprocess.run([server.binary, "devices", "--data", server.data], env=where, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (0, "No device has connected yet.\n"), done.stderr


def test_before_the_first_user_the_page_says_what_to_do(fresh_croft):
    tls = Tls(fresh_croft(*BEYOND))
    nobody = {"code": "NoUsers", "message": "Nobody can sign in yet: run `croft users add NAME` on croft's machine."}
    assert (tls.data("about").status, tls.data("about").json) == (401, nobody)
    assert (tls.try_password("anna", "a good passphrase").status, tls.try_password("anna", "a good passphrase").json) == (401, nobody)


def test_loopback_stays_open_and_can_be_closed(croft, fresh_croft):
    def about(server, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port("gateway"), timeout=20)
        connection.request("GET", "/_croft/console/api/about", headers={**MARK, **headers})
        return Reply(connection.getresponse())

    assert about(croft).json == {"region": "us-east-1", "account": "000000000000", "who": "loopback", "role": "admin"}
    assert about(croft, **{"x-forwarded-for": "192.0.2.7"}).status == 401, "a proxy on this machine"
    closed = fresh_croft("--console.sign-in", "always")
    users(closed, "add", "anna", password=PASSWORDS["anna"])
    assert about(closed).json["code"] == "SignInRequired"
    connection = http.client.HTTPConnection("127.0.0.1", closed.port("gateway"), timeout=20)
    connection.request("POST", "/_croft/console/api/session", json.dumps({"name": "anna", "password": PASSWORDS["anna"]}), MARK)
    cookie = connection.getresponse().headers["set-cookie"]
    assert re.fullmatch(r"croft_session=[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict", cookie)
    assert about(closed, cookie=cookie.split(";")[0]).json["who"] == "anna"


def test_a_certificate_of_ones_own(croft, fresh_croft, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=own",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    files = ["--gateway-certificate", str(tmp_path / "cert.pem"), "--gateway-key", str(tmp_path / "key.pem")]
    tls = Tls(fresh_croft(*BEYOND, *files))
    tls.context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    assert tls.ask("GET", "/health").status == 200


@pytest.mark.parametrize("options, said", [
    (["--gateway-listen", "0.0.0.0"], "the gateway speaks plain HTTP and is not opened on 0.0.0.0: give --gateway-listen 127.0.0.1 or "
                                      "--gateway-port off; --gateway-tls-port opens it over TLS"),
    ([*BEYOND, "--signatures", "false"], "without signatures the gateway on 0.0.0.0 would be open to everyone: leave --signatures on"),
    ([*BEYOND, "--gateway-key", "k.pem"], "gateway-certificate and gateway-key go together"),
    ([*BEYOND, "--gateway-certificate", "/nonexistent", "--gateway-key", "/nonexistent"], "gateway-certificate: /nonexistent cannot be read"),
    (["--metrics-token-file", "/nonexistent"], "metrics-token-file: /nonexistent cannot be read"),
    (["--metrics-token-file", "/dev/null"], "metrics-token-file: /dev/null holds no token: one line of 16 bytes or more, without spaces"),
    (["--console.sign-in", "maybe"], "--console.sign-in: console.sign-in: 'maybe' is neither always nor elsewhere"),
])
def test_settings_that_would_open_too_much_are_refused(croft, tmp_path, options, said):
    done = subprocess.run([croft.binary, "serve", "--data", str(tmp_path / "data"), "--mqtt-port", "0", "--mqtts-port", "0", "--gateway-port", "0",
                           *options], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (2, f"croft: {said}\n")


# The browser.

def test_signing_in_with_a_browser(croft, tls):
    environment = dict(croft.environment, CROFT_GATEWAY=tls.url, CROFT_MQTT=croft.endpoints["mqtt"], CROFT_PASSWORDS=json.dumps(PASSWORDS),
                       CROFT_BINARY=croft.binary)
    done = subprocess.run(["node", str(HERE / "sign_in.mjs")], env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(passed(done.stdout)) == 4


# Last, when everything was used.

def test_no_password_and_no_token_is_written_anywhere(croft, tls):
    anna = tls.sign_in("anna")
    tls.try_password(PASSWORDS["anna"], PASSWORDS["anna"])  # typed into the wrong field
    secrets = [password.encode() for password in PASSWORDS.values()] + [TOKEN.encode(), anna.split("=")[1].encode()]
    calls = tls.data("calls", cookie=anna)
    told = calls.body + b"".join(tls.data(f"calls/{row[0]}", cookie=anna).body for row in calls.json if row[2] == "croft")
    assert b"CreateUser" in calls.body
    folder = pathlib.Path(croft.data)
    written = {"calls": told, "log": pathlib.Path(croft.log.name).read_bytes()}
    written.update({str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()})
    assert any(b"console-user/anna" in text for text in written.values())
    found = [(place, secret) for place, text in written.items() for secret in secrets if secret in text]
    assert found == []
