"""Why a client was refused: `croft devices why`, its page, and the line of the log."""

import json
import ssl
import urllib.error
import urllib.request

import pytest
from conftest import wait_until
from mqtt_wire import CONNACK, PUBACK, SUBACK, V3, V5, Wire, connect, log_of, publish, reason, subscribe

ARN = "arn:aws:iot:us-east-1:000000000000:"


def statement(action, resource, effect="Allow", **more):
    return {"Effect": effect, "Action": f"iot:{action}", "Resource": ARN + resource, **more}


class Device:
    """A registered certificate with policies of its own."""

    def __init__(self, croft, folder, **policies):
        self.croft, self.iot = croft, croft.client("iot")
        made = self.iot.create_keys_and_certificate(setAsActive=True)
        self.id, self.arn = made["certificateId"], made["certificateArn"]
        for name, statements in policies.items():
            self.iot.create_policy(policyName=name, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
            self.iot.attach_policy(policyName=name, target=self.arn)
        (folder / self.id).write_text(made["certificatePem"] + made["keyPair"]["PrivateKey"])
        self.context = ssl.create_default_context(cafile=croft.endpoints["ca"])
        self.context.load_cert_chain(folder / self.id)

    def wire(self):
        return Wire(self.croft.port("mqtts"), tls=self.context)

    def connected(self, client_id, version=V5):
        wire = self.wire()
        assert reason(wire.send(connect(client_id, version)).packet(), 1) == (CONNACK, 0)
        return wire


def why(croft, client_id):
    done = croft.run("devices", "why", client_id, "--json")
    answer = json.loads(done.stdout)
    assert answer["clientId"] == client_id
    return answer["refusals"]


def test_a_denying_statement_is_named(croft, tmp_path):
    device = Device(croft, tmp_path, whyAll=[statement("*", "*")],
                    whyDeny=[statement("Publish", "topic/fine"), statement("Publish", "topic/closed/*", "Deny", Sid="NotThere")])
    with device.connected("why-deny") as wire:
        wire.send(publish("closed/a", b"1", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        refusal, = why(croft, "why-deny")
        assert refusal.pop("time") > 1_600_000_000_000
        assert sorted(refusal.pop("policies")) == ["whyAll", "whyDeny"]
        assert refusal == {"action": "iot:Publish", "resource": ARN + "topic/closed/a", "principal": device.id,
                           "ipAddress": "127.0.0.1", "decision": "EXPLICIT_DENY", "count": 1, "policy": "whyDeny",
                           "statement": 2, "sid": "NotThere",
                           "reason": 'statement 2 ("NotThere") of policy whyDeny denies it'}


def test_what_is_not_allowed_names_the_policies_that_were_asked(croft, tmp_path):
    device = Device(croft, tmp_path, whyConnect=[statement("Connect", "client/*")],
                    whySubscribe=[statement("Subscribe", "topicfilter/a/*")])
    with device.connected("why-silent") as wire:
        wire.send(publish("a/b", b"1", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(subscribe("b/#", "$share/g/a/b", packet_id=2))
        assert wire.packet() == (SUBACK, b"\x00\x02\x00\x87\x87")
        wire.send(subscribe("a/b", packet_id=3))
        assert wire.packet() == (SUBACK, b"\x00\x03\x00\x01")
        with Wire(croft.port("mqtt")) as sender:
            sender.send(connect("why-sender")).packet()
            sender.send(publish("a/b", b"2", qos=1))
            assert sender.packet()[0] == PUBACK
        assert wire.is_silent()
        refusals = why(croft, "why-silent")
        assert [(r["action"], r["resource"]) for r in refusals] == [
            ("iot:Publish", ARN + "topic/a/b"), ("iot:Subscribe", ARN + "topicfilter/b/#"),
            ("iot:Subscribe", ARN + "topicfilter/$share/g/a/b"), ("iot:Receive", ARN + "topic/a/b")]
        assert {r["decision"] for r in refusals} == {"IMPLICIT_DENY"}
        assert all(sorted(r["policies"]) == ["whyConnect", "whySubscribe"] for r in refusals)
        assert refusals[0]["reason"] == "no statement allows it; policies looked at: whyConnect, whySubscribe"


@pytest.mark.parametrize("version", [V3, V5])
def test_a_refused_connect_says_why(croft, tmp_path, version):
    device = Device(croft, tmp_path)
    with device.wire() as wire:
        assert reason(wire.send(connect(f"why-none-{version}", version)).packet(), 1) == (CONNACK, 5 if version == V3 else 0x87)
    refusal, = why(croft, f"why-none-{version}")
    assert (refusal["action"], refusal["resource"]) == ("iot:Connect", ARN + f"client/why-none-{version}")
    assert (refusal["principal"], refusal["policies"]) == (device.id, [])
    assert refusal["reason"] == "no policy is attached to the principal"


def test_repeats_are_counted_and_sixteen_are_kept(croft, tmp_path):
    device = Device(croft, tmp_path, whyOnlyConnect=[statement("Connect", "client/*")])
    with device.connected("why-many") as wire:
        for topic in ["again"] * 3 + [f"t/{i}" for i in range(16)]:
            wire.send(publish(topic, b"", qos=1))
            assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        assert [r["resource"] for r in why(croft, "why-many")] == [ARN + f"topic/t/{i}" for i in range(16)]
        for _ in range(3):
            wire.send(publish("again", b"", qos=1))
            assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        assert (why(croft, "why-many")[-1]["resource"], why(croft, "why-many")[-1]["count"]) == (ARN + "topic/again", 3)


def test_a_refused_handshake_is_found_by_its_thing_and_its_certificate(croft, tmp_path):
    device = Device(croft, tmp_path)
    device.iot.create_thing(thingName="why-thing")
    device.iot.attach_thing_principal(thingName="why-thing", principal=device.arn)
    device.iot.update_certificate(certificateId=device.id, newStatus="REVOKED")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with device.wire() as wire:
            assert wire.send(connect("why-thing")).packet() is None
            raise ConnectionError
    for subject in ["why-thing", device.id]:
        refusal = wait_until(lambda: why(croft, subject))[0]
        assert (refusal["action"], refusal["principal"]) == ("TLS", device.id)
        assert (refusal["decision"], refusal["reason"]) == ("REFUSED", "the certificate is REVOKED")


def test_people_read_lines(croft, tmp_path):
    device = Device(croft, tmp_path, whyLines=[statement("Connect", "client/*")])
    with device.connected("why/lines") as wire:
        for _ in range(2):
            wire.send(publish("a", b"top-secret-payload", qos=1))
            assert reason(wire.packet(), 2) == (PUBACK, 0x87)
    lines = croft.run("devices", "why", "why/lines").stdout.splitlines()
    assert lines[0].endswith(f"  iot:Publish  {ARN}topic/a  (2 times)")
    assert lines[1:] == ["    no statement allows it; policies looked at: whyLines", f"    principal {device.id}, from 127.0.0.1"]
    log = [line for line in log_of(croft).splitlines() if b"why/lines" in line and b"refused" in line]
    assert len(log) == 1, "what repeats is logged once"
    assert log[0].endswith(f"client 'why/lines' was refused iot:Publish on {ARN}topic/a: "
                           "no statement allows it; policies looked at: whyLines".encode())
    assert b"top-secret-payload" not in log_of(croft)


def test_nobody_was_refused(croft):
    assert croft.run("devices", "why", "why-nobody").stdout == "Nothing was refused to why-nobody since croft started.\n"
    assert why(croft, "why-nobody") == []
    assert croft.run("devices", "why", check=False).returncode == 2
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(croft.endpoints["gateway"] + "/_croft/refusals/", timeout=10)
    assert caught.value.code == 404


def test_devices_still_lists_devices(croft):
    with Wire(croft.port("mqtt")) as wire:
        wire.send(connect("why-listed")).packet()
        assert "why-listed" in croft.run("devices").stdout
        assert "why-listed" in [d["clientId"] for d in json.loads(croft.run("devices", "--json").stdout)["devices"]]
