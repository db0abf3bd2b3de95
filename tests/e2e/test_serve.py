"""croft serve: its options, its refusals, its end."""

import json
import pathlib
import socket
import subprocess
import urllib.request

from conftest import BINARY


def serve(*options, timeout=20):
    return subprocess.run([BINARY, "serve", *options], capture_output=True, text=True, timeout=timeout)


def assert_refused(done, *words):
    assert done.returncode == 2, done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_health_and_endpoints(croft):
    with urllib.request.urlopen(croft.endpoints["gateway"] + "/health") as answer:
        assert json.load(answer)["status"] == "ok"
    assert croft.endpoints["pid"] == croft.process.pid
    assert pathlib.Path(croft.endpoints["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_secrets_are_for_the_owner_only(croft):
    data = pathlib.Path(croft.data)
    for secret in [data / "credentials", data / "ca" / "ca.key"]:
        assert secret.stat().st_mode & 0o077 == 0, secret


def test_ends_at_once_and_removes_its_endpoints(fresh_croft):
    croft = fresh_croft()
    assert croft.stop() == 0
    assert not (pathlib.Path(croft.data) / "endpoints.json").exists()


def test_a_locked_data_folder_is_told(croft):
    assert_refused(serve("--data", croft.data, "--mqtt-port", "0", "--mqtts-port", "0", "--gateway-port", "0"),
                   "in use by another croft")


def test_a_taken_port_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ["--mqtt-port", "--mqtts-port", "--gateway-port"]:
            ports = {"--mqtt-port": "0", "--mqtts-port": "0", "--gateway-port": "0", option: port}
            done = serve("--data", str(tmp_path / "data"), *[word for pair in ports.items() for word in pair])
            assert_refused(done, port, "in use")


def test_plaintext_beyond_loopback_is_refused(tmp_path):
    assert_refused(serve("--data", str(tmp_path / "d"), "--listen", "0.0.0.0"), "0.0.0.0")


def test_unknown_settings_are_refused(tmp_path):
    assert_refused(serve("--frobnicate", "1"), "frobnicate")
    file = tmp_path / "croft.toml"
    file.write_text("region = 'us-east-1'\nmqtt-prot = 1\n")
    assert_refused(serve("--config", str(file)), "croft.toml:2", "mqtt-prot")


def test_ephemeral_keeps_nothing(fresh_croft, tmp_path):
    croft = fresh_croft("--ephemeral")
    croft.client("dynamodb").create_table(
        TableName="kept", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")
    assert croft.stop() == 0
    croft.start()
    assert croft.client("dynamodb").list_tables()["TableNames"] == []
