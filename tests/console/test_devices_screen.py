"""Devices in the console: the registry, the wizard, who was refused why."""

import subprocess
import sys
import textwrap

from console_page import ask, browser, passed
from conftest import BINARY


def test_the_screen(fresh_croft):
    assert len(passed(browser(fresh_croft(), "devices.mjs", BINARY))) == 14


def test_what_this_croft_is(fresh_croft, tmp_path):
    croft = fresh_croft("--device-port", "0", data=tmp_path / "data")
    page = ask(croft, "GET", "/_croft/instance").json
    ca = page.pop("caCertificatePem")
    started = page.pop("startedAt")
    assert ca == open(croft.endpoints["ca"]).read() and started > 1_600_000_000_000
    listeners = {name: croft.endpoints[name] for name in ("gateway", "mqtt", "mqtts", "device")}
    assert page == {"version": page["version"], "pid": croft.process.pid, "region": "us-east-1", "account": "000000000000",
                    "dataFolder": str(tmp_path / "data"), "durability": "fsync", "endpoints": listeners, "deviceHost": "127.0.0.1"}
    assert page["version"].count(".") == 2
    kept_nowhere = ask(fresh_croft("--ephemeral"), "GET", "/_croft/instance").json
    assert (kept_nowhere["dataFolder"], kept_nowhere["durability"]) == ("", "memory")


def test_who_was_refused_lately_is_listed_newest_first(croft):
    assert ask(croft, "GET", "/_croft/refusals").json == {"refused": []}
    iot = croft.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    folder = croft.data
    with open(folder + "/c.pem", "w") as certificate, open(folder + "/k.pem", "w") as key:
        certificate.write(made["certificatePem"])
        key.write(made["keyPair"]["PrivateKey"])

    def connect(client_id):
        return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(croft.port("mqtts")), "--cafile", croft.endpoints["ca"],
                               "--cert", folder + "/c.pem", "--key", folder + "/k.pem", "-i", client_id, "-t", "t", "-m", "x"],
                              capture_output=True, timeout=20).returncode
    for name in ("one", "two", "one"):
        assert connect(name) != 0
    refused = ask(croft, "GET", "/_croft/refusals").json["refused"]
    assert [one["clientId"] for one in refused] == ["one", "two"]
    last = refused[0]["last"]
    assert (last["action"], last["decision"], last["count"], last["reason"]) == (
        "iot:Connect", "IMPLICIT_DENY", 2, "no policy is attached to the principal")
    iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
    assert connect("three") != 0
    newest = ask(croft, "GET", "/_croft/refusals").json["refused"][0]
    assert newest["certificateId"] == made["certificateId"] and newest["last"]["action"] == "TLS"


# The device SDK for Python is not a package of Debian's: here stands what the program calls, with the SDK's own names of arguments
# (awsiotsdk 1.31, awsiot/mqtt5_client_builder.py and awscrt/mqtt5.py), and connects with what it was told.
STAND_IN = '''
import subprocess, types, threading
from concurrent.futures import Future

KNOWN = {"endpoint", "port", "cert_filepath", "pri_key_filepath", "ca_filepath", "client_id", "keep_alive_interval_sec",
         "on_publish_received", "on_lifecycle_connection_success", "on_lifecycle_connection_failure"}


class Client:
    def __init__(self, given):
        assert set(given) == KNOWN, set(given) ^ KNOWN
        self.given = given
        self.subscribed = None

    def tool(self, name, *more):
        given = self.given
        return [name, "-h", given["endpoint"], "-p", str(given["port"]), "--cafile", given["ca_filepath"], "--cert",
                given["cert_filepath"], "--key", given["pri_key_filepath"], "-k", str(given["keep_alive_interval_sec"]), *more]

    def start(self):
        self.given["on_lifecycle_connection_success"](types.SimpleNamespace(connack_packet=object()))

    def subscribe(self, packet):
        one = packet.subscriptions[0]
        command = self.tool("mosquitto_sub", "-i", self.given["client_id"], "-t", one.topic_filter, "-q", str(one.qos), "-C", "1", "-F", "%t %p")
        self.subscribed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return done()

    def publish(self, packet):
        command = self.tool("mosquitto_pub", "-i", self.given["client_id"] + "-2", "-t", packet.topic, "-q", str(packet.qos), "-m", packet.payload)
        while self.subscribed.poll() is None:
            subprocess.run(command, check=True)
        topic, payload = self.subscribed.stdout.read().strip().split(" ", 1)
        publish_packet = types.SimpleNamespace(topic=topic, payload=payload.encode())
        self.given["on_publish_received"](types.SimpleNamespace(publish_packet=publish_packet))
        return done()

    def stop(self):
        pass


def done():
    future = Future()
    future.set_result(None)
    return future


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made
    return made


import sys
packet = lambda *names: lambda **given: types.SimpleNamespace(**given) if set(given) == set(names) else sys.exit(str(given))
mqtt5 = module("awscrt.mqtt5", Subscription=packet("topic_filter", "qos"), SubscribePacket=packet("subscriptions"),
               PublishPacket=packet("topic", "payload", "qos"), QoS=types.SimpleNamespace(AT_LEAST_ONCE=1))
module("awscrt", mqtt5=mqtt5)
builder = module("awsiot.mqtt5_client_builder", mtls_from_path=lambda **given: Client(given))
module("awsiot", mqtt5_client_builder=builder)
exec(compile(open("pubsub.py").read(), "pubsub.py", "exec"))
'''


def test_the_program_for_the_python_device_sdk_asks_for_what_the_sdk_has(fresh_croft, tmp_path):
    croft = fresh_croft()
    browser(croft, "kit.mjs", str(tmp_path))
    (tmp_path / "stand_in.py").write_text(textwrap.dedent(STAND_IN))
    done = subprocess.run([sys.executable, str(tmp_path / "stand_in.py")], cwd=tmp_path / "py-1", input="\n",
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["connected", 'py-1/hello {"message": "hello"}', "Enter ends"]
