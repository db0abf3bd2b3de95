"""Services elsewhere by TLS, S3 elsewhere, and endpoints that are not there."""

import datetime
import ipaddress
import time

import pytest
from conftest import Croft
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_text import Change, fetch
from remote_endpoint import KEY_ID, REGION, RemoteEndpoint, SilentEndpoint, closed_port
from remote_rules import ROLE, Rule, keys_in


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority -> (certificate, key)."""
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "remote")])
    now = datetime.datetime.utcnow()
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
                   .add_extension(x509.SubjectAlternativeName([address]), False)
                   .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture(scope="module")
def secure(authority):
    server = RemoteEndpoint(authority)
    yield server
    assert server.faults == []
    server.close()


@pytest.fixture(scope="module")
def distant_croft(tmp_path_factory, secure, authority):
    """Services over TLS, one that is not there, one that never answers, and one with a wrong secret."""
    folder = tmp_path_factory.mktemp("distant")
    silent, wrong = SilentEndpoint(), RemoteEndpoint(secret="another")
    settings = f"authorities = '{authority[0]}'\n" + keys_in(folder)
    for service, url in (("sns", secure.url), ("s3", secure.url), ("es", secure.url.replace("127.0.0.1", "localhost")),
                         ("kinesis", f"http://127.0.0.1:{closed_port()}"), ("firehose", silent.url), ("logs", wrong.url)):
        settings += f"[services.{service}]\nendpoint = '{url}'\ntimeout-ms = {100 if service == 'firehose' else 5000}\n"
    (folder / "croft.toml").write_text(settings)
    server = Croft(folder / "data", "--config", str(folder / "croft.toml"))
    server.wrong = wrong
    yield server
    assert server.stop() == 0, server.output()
    silent.close()
    wrong.close()


def failed(croft, secure, eventually, action):
    """The error message of an action, told by an error action that goes to the S3 that is elsewhere."""
    secure.forget()
    rule = Rule(croft, action)
    rule.fire({"a": 1})
    eventually(lambda: any(request.path == "/failures/" + rule.name for request in secure.requests))
    request = next(request for request in secure.requests if request.method == "PUT")
    return request.json["failures"][0]["errorMessage"]


def test_over_tls_with_an_own_authority(distant_croft, secure, eventually):
    secure.forget()
    rule = Rule(distant_croft, {"sns": {"targetArn": "arn:aws:sns:r:1:t", "roleArn": ROLE}})

    for _ in range(3):
        rule.fire({"a": 1})

    eventually(lambda: len(secure.requests) == 3)
    assert secure.requests[0].form["Message"] == '{"a": 1}'


def test_s3_elsewhere(distant_croft, secure, eventually):
    secure.forget()
    rule = Rule(distant_croft, {"s3": {"bucketName": "my-bucket", "key": "${topic(1)}/a b+é", "roleArn": ROLE,
                                       "cannedAcl": "public-read"}})

    rule.fire(b"\x00\xff")

    eventually(lambda: secure.requests)
    request = secure.requests[0]
    assert (request.method, request.target) == ("PUT", "/my-bucket/remote/a%20b%2B%C3%A9")
    assert (request.headers["x-amz-acl"], request.headers["content-type"]) == ("public-read", "application/octet-stream")
    assert request.body == b"\x00\xff"
    assert request.scope == (KEY_ID, REGION, "s3")


def test_a_certificate_for_another_name_is_refused(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually,
                     {"openSearch": {"endpoint": "https://x", "index": "i", "type": "t", "id": "1", "roleArn": ROLE}})

    assert "no TLS connection to https://localhost:" in message and "hostname mismatch" in message
    assert "Error Code: TlsFailure" in message


def test_a_closed_port(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually, {"kinesis": {"streamName": "s", "roleArn": ROLE}})

    assert "The error received was cannot connect to 127.0.0.1:" in message and "Error Code: ConnectionFailed" in message


def test_a_service_that_does_not_answer(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually, {"firehose": {"deliveryStreamName": "s", "roleArn": ROLE}})

    assert "within 100 ms (Service: firehose; Status Code: 503; Error Code: RequestTimeout)" in message


def test_a_service_that_fails_again_and_again_is_left_alone(distant_croft, secure, eventually):
    secure.forget()
    change = Change(distant_croft)
    rules = [Rule(distant_croft, {"kinesis": {"streamName": "s", "roleArn": ROLE}}) for _ in range(5)]
    for rule in rules:  # each topic has its own lane
        rule.fire({"a": 1})
    eventually(lambda: len(secure.requests) == 5)
    assert all("cannot connect to" in request.json["failures"][0]["errorMessage"] for request in secure.requests)

    started = time.monotonic()
    message = failed(distant_croft, secure, eventually, {"kinesis": {"streamName": "s", "roleArn": ROLE}})

    assert "the service 'kinesis' failed again and again and is not asked for a while" in message
    assert time.monotonic() - started < 0.9, "without a pause"
    for outcome, count in (("failed", 5), ("not_asked", 1), ("success", 0)):
        assert change("croft_service_calls_total", service="kinesis", outcome=outcome) == count, outcome
    assert change("croft_service_retries_total", service="kinesis") == 10
    page = fetch(distant_croft)
    assert page.value("croft_service_left_alone", service="kinesis") == 1
    assert page.value("croft_service_left_alone", service="s3") == 0


def test_croft_ends_while_a_service_does_not_answer(fresh_croft, tmp_path, eventually):
    silent = SilentEndpoint()
    (tmp_path / "croft.toml").write_text(keys_in(tmp_path) + f"[services.kinesis]\nendpoint = '{silent.url}'\n")
    croft = fresh_croft("--config", str(tmp_path / "croft.toml"))
    Rule(croft, {"kinesis": {"streamName": "s", "roleArn": ROLE}}).fire({"a": 1})
    connection, _ = silent.socket.accept()
    assert connection.recv(100).startswith(b"POST / HTTP/1.1\r\n")

    assert croft.stop() == 0, croft.output()

    connection.close()
    silent.close()


def test_the_fake_endpoint_checks_signatures(distant_croft, eventually):
    Rule(distant_croft, {"cloudwatchLogs": {"logGroupName": "g", "roleArn": ROLE}}).fire({"a": 1})

    eventually(lambda: distant_croft.wrong.faults == ["signature"])
