"""Settings and files that are missing, empty, unreadable or for everyone: croft refuses to start with one line, or denies."""

import pathlib
import re
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import BINARY
from mqtt_wire import assert_serves, device, log_of, short

PORTS = ["--mqtt-port", "0", "--mqtts-port", "0", "--gateway-port", "0"]


def refused(*options):
    done = subprocess.run([BINARY, "serve", *PORTS, *options], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == "" and re.fullmatch("croft: [^\n]+\n", done.stderr), done.stderr
    return done.stderr


@pytest.mark.parametrize("text, said", [
    ("region = ", ":1:"), ("region = ''", "region"), ("region = 'EU'", "region"), ("account-id = 12", "account-id"),
    ("mqtt-port = 70000", "mqtt-port"),
    ("mqtt-port = -1", "mqtt-port"), ("mqtt-port = 1.5", ":1:"), ("mqtt-port = [1]", ":1:"),
    ("[broker]\ntopic-levels = 8", ":2: there is no setting 'broker.topic-levels'"), ("signatures = 'maybe'", "signatures"),
    ("listen = '0.0.0.0'", "0.0.0.0"), ("mqtt-listen = ''\nlisten = '::'", "::"),
    ("gateway-listen = '192.168.1.1'", "192.168.1.1"), ("mqtt-listen = 'localhost.evil.org'", "evil"),
    ("keep-alive-min = 100\nkeep-alive-max = 50", "keep-alive-min"), ("topic-levels = 0", "topic-levels"),
    ("device-shards = 65", "device-shards"),
    ("log-level = 'loud'", "log-level"), ("unknown = 1", "unknown"), ("region = 'a'\nregion = 'b'", ":2:"), ("\x00", ":1:"),
    ("\xff", ":1:"),
    ("a = " + "[" * 5000, ":1:"), ("listen = '127.0.0.1\\u001b[31m'", "")], ids=short)
def test_a_bad_settings_file_is_told_in_one_line(tmp_path, text, said):
    file = tmp_path / "croft.toml"
    file.write_bytes(text.encode("latin-1"))
    line = refused("--data", str(tmp_path / "data"), "--config", str(file))
    assert said in line and "\x1b" not in line
    assert not (tmp_path / "data" / "endpoints.json").exists()


def test_a_settings_file_that_cannot_be_read_is_told(tmp_path):
    assert "cannot be read" in refused("--data", str(tmp_path / "d"), "--config", str(tmp_path / "missing.toml"))
    assert "cannot be read" in refused("--data", str(tmp_path / "d"), "--config", str(tmp_path))


def test_a_data_folder_that_cannot_be_used_is_told(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    assert str(file) in refused("--data", str(file))
    assert "/proc/none" in refused("--data", "/proc/none")


@pytest.fixture
def old_data(fresh_croft, tmp_path):
    """The folder of a croft that has stopped."""
    croft = fresh_croft(data=tmp_path / "old")
    device(croft, "earlier").socket.close()
    assert croft.stop() == 0
    return tmp_path / "old"


@pytest.mark.parametrize("damage", [
    lambda d: (d / "ca/ca.key").write_text(""), lambda d: (d / "ca/ca.key").unlink(), lambda d: (d / "ca/ca.pem").unlink(),
    lambda d: (d / "ca/ca.pem").write_text("-----BEGIN CERTIFICATE-----\n"), lambda d: (d / "db/CURRENT").write_text("nonsense"),
    lambda d: (d / "db/CURRENT").unlink(),
    lambda d: [manifest.write_bytes(b"\xff" * 100) for manifest in (d / "db").glob("MANIFEST*")]],
    ids=["empty key", "no key", "no certificate", "half a certificate", "bad CURRENT", "no CURRENT", "bad MANIFEST"])
def test_a_damaged_data_folder_is_told_and_left_as_it_is(old_data, damage):
    damage(old_data)
    before = {path: path.read_bytes() for path in old_data.joinpath("ca").iterdir()}
    refused("--data", str(old_data))
    assert {path: path.read_bytes() for path in old_data.joinpath("ca").iterdir()} == before


def test_what_is_left_over_from_a_crash_does_not_stop_the_next_start(fresh_croft, old_data):
    (old_data / "endpoints.json").write_text("{")
    (old_data / "credentials.new").write_text("half")
    (old_data / "db/LOCK").write_text("")
    assert_serves(fresh_croft(data=old_data))


def test_secrets_are_files_of_the_owner_and_never_in_the_log(fresh_croft, tmp_path):
    croft = fresh_croft("--log-level", "debug", data=tmp_path / "data")
    iot = croft.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    session = croft.client("sts").assume_role(RoleArn=croft.client("iam").create_role(RoleName="r",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
                                              ["Role"]["Arn"], RoleSessionName="session")["Credentials"]
    with pytest.raises(Exception):
        croft.client("dynamodb", secret="wrong").list_tables()
    assert croft.stop() == 0

    secrets = [croft.credentials["aws_secret_access_key"], made["keyPair"]["PrivateKey"].splitlines()[1],
               session["SecretAccessKey"], session["SessionToken"]]
    log = log_of(croft).decode()
    assert not [secret for secret in secrets if secret in log]
    assert pathlib.Path(croft.data).stat().st_mode & 0o777 == 0o700
    private = ["credentials", "ca/ca.key", "ca/server.key"]
    assert [name for name in private if (pathlib.Path(croft.data) / name).exists()][:2] == private[:2]
    for path in pathlib.Path(croft.data).rglob("*"):
        text = path.read_bytes() if path.is_file() else b""
        if b"PRIVATE KEY" in text or croft.credentials["aws_secret_access_key"].encode() in text:
            assert path.stat().st_mode & 0o077 == 0 or path.parent.name == "db", path
        assert made["keyPair"]["PrivateKey"].splitlines()[1].encode() not in text, f"a device's key is kept in {path}"


def test_the_readiness_line_and_pages_name_no_secret(croft):
    for page in ["/health", "/_croft/devices", "/_croft/functions/none/logs"]:
        try:
            with urllib.request.urlopen(croft.endpoints["gateway"] + page) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as refusal:
            text = refusal.read().decode()
        assert croft.credentials["aws_secret_access_key"] not in text
    assert croft.credentials["aws_secret_access_key"] not in log_of(croft).decode()
