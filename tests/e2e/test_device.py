"""croft's own device, used as the article uses greengrassd: on the terminal, against a real server."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import wait_until

NAME = "pump"


class Watcher:
    """Presence events as `croft watch` shows them."""

    def __init__(self, croft):
        self.events = []
        self.process = subprocess.Popen([croft.binary, "watch", "--json", "--data", croft.data], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert "Watching" in self.process.stderr.readline()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line)["payload"])

    def of(self, client):
        return [event for event in self.events if event["clientId"] == client]

    def wait(self, client, count):
        wait_until(lambda: len(self.of(client)) >= count, what=f"event {count} of {client}")
        return self.of(client)[count - 1]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=10)
        self.thread.join(timeout=10)
        return code


class Greengrass:
    """The device of one folder."""

    def __init__(self, croft, root, name=NAME):
        self.croft, self.root, self.name = croft, pathlib.Path(root), name
        croft.run("device", "create", name, "--dir", str(root))

    def __call__(self, *arguments, check=0):
        done = subprocess.run([str(self.root / "ggc/core/greengrassd"), *arguments], capture_output=True, text=True, timeout=120)
        if check is not None:
            assert done.returncode == check, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    @property
    def pid(self):
        return int((self.root / "ggc/var/run/greengrassd.pid").read_text())

    def log(self):
        return (self.root / "ggc/var/log/system/runtime.log").read_text()

    def configure(self, change):
        path = self.root / "config/config.json"
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def wait_connected(self):
        wait_until(lambda: ", connected since" in self("status"), what="connected")


def is_running(pid):
    """Not a zombie either, which waits only for its parent to look."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def device(croft, tmp_path, request):
    made = Greengrass(croft, tmp_path / "greengrass", re.sub("[^a-z_]", "", request.node.name)[-60:])
    yield made
    made("stop", check=None)


@pytest.fixture
def watcher(croft):
    made = Watcher(croft)
    yield made
    assert made.end() == 0


def test_start_prints_what_greengrassd_prints(device):
    assert re.fullmatch("Setting up greengrass daemon\n"
                        "Validating hardlink/softlink protection\n"
                        "Waiting for up to 1m10s for Daemon to start\n"
                        "\n"
                        r"Greengrass successfully started with PID: \d+" "\n", device("start"))
    assert f"PID: {device.pid}" in device("restart")


def test_stop_prints_what_greengrassd_prints(device):
    device("start")
    pid = device.pid
    assert re.fullmatch(f"Stopping greengrass daemon of PID: {pid}\n"
                        r"Waiting\.+" "\n"
                        "Stopped greengrass daemon, exiting with success\n", device("stop"))
    assert device("stop") == ""
    assert not (device.root / "ggc/var/run/greengrassd.pid").exists()
    assert not is_running(pid)


def test_presence_of_start_and_stop_is_the_articles(device, watcher):
    device("start")
    connected = watcher.wait(device.name, 1)
    assert connected["eventType"] == "connected"
    device("stop")
    disconnected = watcher.wait(device.name, 2)
    assert disconnected["eventType"] == "disconnected"
    assert disconnected["clientInitiatedDisconnect"] is False
    assert disconnected["disconnectReason"] == "CONNECTION_LOST"
    assert disconnected["sessionIdentifier"] == connected["sessionIdentifier"]
    assert disconnected["versionNumber"] == connected["versionNumber"]
    certificate = next((device.root / "certs").glob("*.cert.pem"))
    assert connected["principalIdentifier"].startswith(certificate.name[:10])


def test_clean_stop_is_the_clients_wish(device, watcher):
    device("start")
    watcher.wait(device.name, 1)
    device("stop", "--clean")
    event = watcher.wait(device.name, 2)
    assert event["clientInitiatedDisconnect"] is True
    assert event["disconnectReason"] == "CLIENT_INITIATED_DISCONNECT"


def test_clean_stop_can_be_configured(device, watcher):
    device.configure(lambda c: c.update(croft={"cleanDisconnectOnStop": True}))
    device("start")
    watcher.wait(device.name, 1)
    device("stop")
    assert watcher.wait(device.name, 2)["clientInitiatedDisconnect"] is True


def test_kill_looks_like_a_lost_connection_and_start_works_again(device, watcher):
    device("start")
    watcher.wait(device.name, 1)
    os.kill(device.pid, signal.SIGKILL)
    assert watcher.wait(device.name, 2)["disconnectReason"] == "CONNECTION_LOST"
    assert "dead" in device("status", check=1)
    assert "successfully started" in device("start")
    assert watcher.wait(device.name, 3)["versionNumber"] == 1


def test_restart_gives_disconnected_then_connected(device, watcher):
    device("start")
    watcher.wait(device.name, 1)
    device("restart")
    watcher.wait(device.name, 3)
    assert [(e["eventType"], e["versionNumber"]) for e in watcher.of(device.name)] == [
        ("connected", 0), ("disconnected", 0), ("connected", 1)]


def test_status_tells_running_connected_and_stopped(device):
    assert device("status", check=3) == "stopped\n"
    device("start")
    device.wait_connected()
    assert re.match(rf"running, PID {device.pid}, connected since ", device("status"))
    device("stop")
    assert device("status", check=3) == "stopped\n"


def test_ps_finds_it_as_aws_documents(device):
    device("start")
    command = pathlib.Path(f"/proc/{device.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    assert re.search("greengrass.*daemon", command)
    assert re.search(r"bin/daemon -core-dir \S+/ggc/packages/[0-9.]+ -greengrassdPid \d+", command)


def test_second_start_names_the_running_one(device):
    device("start")
    pid = device.pid
    assert device("start") == f"Greengrass daemon is already running with PID: {pid}\n"
    assert device.pid == pid


def test_many_starts_at_once_leave_one_daemon(device):
    starts = [subprocess.Popen([str(device.root / "ggc/core/greengrassd"), "start"], stdout=subprocess.PIPE, text=True)
              for _ in range(8)]
    outputs = [start.communicate(timeout=60)[0] for start in starts]
    assert all(start.returncode == 0 for start in starts), outputs
    assert sum("successfully started" in text for text in outputs) == 1, outputs


def test_pid_file_of_a_strangers_process_is_replaced(device):
    pid_file = device.root / "ggc/var/run/greengrassd.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert device("stop") == ""  # and this process still lives
    pid_file.write_text("1\n")
    assert "successfully started" in device("start")


def test_pid_and_log_survive_a_log_rotation(device):
    device("start")
    log = device.root / "ggc/var/log/system/runtime.log"
    log.rename(log.with_suffix(".old"))
    os.kill(device.pid, signal.SIGHUP)
    device("restart")
    assert "Greengrass Version" in log.read_text()


def test_takeover_by_a_second_client_ends_right(croft, device, watcher):
    device("start")
    first = watcher.wait(device.name, 1)
    stranger = socket.create_connection(("127.0.0.1", croft.port("mqtt")))
    body = struct.pack("!H4sBBHH", 4, b"MQTT", 4, 2, 60, len(device.name)) + device.name.encode()
    stranger.sendall(bytes([0x10, len(body)]) + body)
    assert stranger.recv(4) == b"\x20\x02\x00\x00"
    assert watcher.wait(device.name, 2)["disconnectReason"] == "DUPLICATE_CLIENTID"
    watcher.wait(device.name, 5)  # it comes back, and takes its id from the stranger
    kinds = [(e["eventType"], e["versionNumber"]) for e in watcher.of(device.name)]
    assert kinds[:5] == [("connected", first["versionNumber"]), ("disconnected", 0), ("connected", 1), ("disconnected", 1), ("connected", 2)]
    device.wait_connected()
    stranger.close()


def test_twenty_cycles_leave_the_status_right(croft, device, watcher):
    for cycle in range(20):
        device("start")
        watcher.wait(device.name, 2 * cycle + 1)
        device("stop")
        watcher.wait(device.name, 2 * cycle + 2)
    events = [(e["eventType"], e["versionNumber"]) for e in watcher.of(device.name)]
    assert events == [(kind, n) for n in range(20) for kind in ("connected", "disconnected")]
    known = json.loads(croft.run("devices", "--json").stdout)["devices"]
    assert next(d for d in known if d["clientId"] == device.name)["status"] == "disconnected"


def test_it_starts_offline_and_connects_when_the_server_comes(fresh_croft, tmp_path):
    croft = fresh_croft()
    device = Greengrass(croft, tmp_path / "gg")
    port = croft.endpoints["mqtts"].rsplit(":", 1)[1]
    croft.stop()
    assert "successfully started" in device("start")
    assert "not connected" in device("status")

    croft.options += ["--mqtts-port", port]
    croft.start()
    device.wait_connected()
    device("stop")


def test_it_comes_back_after_the_server_was_killed(fresh_croft, tmp_path):
    croft = fresh_croft()
    device = Greengrass(croft, tmp_path / "gg")
    port = croft.endpoints["mqtts"].rsplit(":", 1)[1]
    device("start")
    device.wait_connected()
    croft.kill()
    wait_until(lambda: "not connected" in device("status"))

    croft.options += ["--mqtts-port", port]
    croft.start()
    device.wait_connected()
    device("stop")


@pytest.mark.parametrize("change, reason", [
    (lambda c: c["coreThing"].update(keepAlive=29), "keepAlive must be between 30 and 1200"),
    (lambda c: c["coreThing"].update(iotMqttPort=70000), "iotMqttPort"),
    (lambda c: c["coreThing"].update(thingArn="x"), "thingArn"),
    (lambda c: c["coreThing"].pop("iotHost"), "iotHost is missing"),
    (lambda c: c["runtime"]["cgroup"].update(useSystemd="perhaps"), "useSystemd"),
    (lambda c: c["crypto"].pop("caPath"), "The configuration file is missing the CaPath, CertPath or KeyPath"),
    (lambda c: c["crypto"].update(caPath="pkcs11:x"), "ErrUnknownURIScheme"),
    (lambda c: c["crypto"].update(caPath="file:///none/ca.pem"), "/none/ca.pem"),
    (lambda c: c["coreThing"].update(networkProxy={"proxy": {"url": "http://p:1"}}), "networkProxy"),
])
def test_configuration_errors_are_told_on_the_terminal(device, change, reason):
    device.configure(change)
    output = device("start", check=78)
    assert re.search(r"Greengrass daemon \d+ failed to start\n", output)
    assert reason in output
    assert device("status", check=None) != ""


def test_broken_json_is_told(device):
    (device.root / "config/config.json").write_text("{")
    assert "Failed to parse" in device("start", check=78)


def test_key_of_another_certificate_is_told(croft, device, tmp_path):
    other = Greengrass(croft, tmp_path / "other", device.name + "other")
    shutil.copy(next((other.root / "certs").glob("*.private.key")), next((device.root / "certs").glob("*.private.key")))
    assert "key values mismatch" in device("start", check=78)


def test_wrong_ca_is_logged_and_never_connects(device):
    own = next((device.root / "certs").glob("*.cert.pem"))
    shutil.copy(own, device.root / "certs/root.ca.pem")
    device("start")
    wait_until(lambda: "[ERROR]" in device.log())
    assert "cannot be trusted" in device.log()
    assert "not connected" in device("status")


def test_client_id_that_the_policy_denies_is_logged_once(device):
    device.configure(lambda c: (c["coreThing"].update(coreClientId="somebody-else"), c.update(mqttMaxConnectionRetryInterval=1)))
    device("start")
    wait_until(lambda: device.log().count("Reconnecting in") >= 2)
    assert device.log().count("[ERROR]") == 1
    assert "not connected" in device("status")


def test_certificate_that_was_switched_off_is_not_let_in(croft, device):
    iot = croft.client("iot")
    arn = iot.list_thing_principals(thingName=device.name)["principals"][0]
    iot.update_certificate(certificateId=arn.rsplit("/", 1)[1], newStatus="INACTIVE")
    device("start")
    wait_until(lambda: "Not connected to cloud" in device.log())
    assert "not connected" in device("status")


def test_silent_network_is_noticed_by_the_server(croft, device, watcher):
    """A proxy that stops forwarding without closing: no FIN, no RST."""
    server = ("127.0.0.1", croft.port("mqtts"))
    listener = socket.create_server(("127.0.0.1", 0))
    cut = threading.Event()

    def pump(source, sink):
        while data := source.recv(65536):
            if not cut.is_set():
                sink.sendall(data)

    def serve():
        near, _ = listener.accept()
        far = socket.create_connection(server)
        kept.extend([near, far])
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        pump(far, near)

    kept = []
    threading.Thread(target=serve, daemon=True).start()
    device.configure(lambda c: c["coreThing"].update(iotMqttPort=listener.getsockname()[1], keepAlive=30))
    device("start")
    watcher.wait(device.name, 1)
    cut.set()
    begun = time.monotonic()
    wait_until(lambda: len(watcher.of(device.name)) >= 2, timeout=60)
    assert watcher.of(device.name)[1]["disconnectReason"] == "MQTT_KEEP_ALIVE_TIMEOUT"
    assert 20 < time.monotonic() - begun < 50
    listener.close()


def test_create_writes_a_least_rights_device_and_never_overwrites(croft, device):
    key = next((device.root / "certs").glob("*.private.key"))
    assert key.stat().st_mode & 0o777 == 0o600
    iot = croft.client("iot")
    policy = json.loads(iot.get_policy(policyName=device.name + "-device")["policyDocument"])
    assert "*" not in [r for s in policy["Statement"] for r in s["Resource"]]
    before = len(iot.list_certificates()["certificates"])
    again = croft.run("device", "create", device.name, "--dir", str(device.root), check=False)
    assert again.returncode == 1 and "nothing is overwritten" in again.stderr
    assert len(iot.list_certificates()["certificates"]) == before


def test_greengrassd_answers_its_version_and_refuses_the_rest(device):
    assert re.fullmatch(r"Greengrass daemon version: [0-9.]+\n", device("--version"))
    device("frobnicate", check=2)
    device(check=2)


def test_the_device_runs_in_the_foreground(croft, device, watcher):
    process = subprocess.Popen([croft.binary, "device", "run", "--dir", str(device.root)], stderr=subprocess.PIPE, text=True)
    watcher.wait(device.name, 1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0
    assert "Deployment agent connected to cloud" in process.stderr.read()
    assert watcher.wait(device.name, 2)["disconnectReason"] == "CONNECTION_LOST"
