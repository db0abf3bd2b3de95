"""TLS that is never finished, broken or foreign, and connections that only cost time."""

import datetime
import os
import ssl
import threading
import time

import pytest
from conftest import wait_until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mqtt_wire import CONNACK, Wire, assert_serves, connect, log_of, memory_mb, reason

ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}'


def trust(croft, certificate=None, key=None, folder=None):
    """A client context that trusts croft, with a client certificate or none."""
    context = ssl.create_default_context(cafile=croft.endpoints["ca"])
    if certificate:
        (folder / "c.pem").write_text(certificate)
        (folder / "k.pem").write_text(key)
        context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return context


def own_certificate(common_name):
    """A certificate that nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), text.decode()


def attempt(croft, context):
    """The CONNACK's reason, or None when the handshake or the connection ended."""
    try:
        with Wire(croft.port("mqtts"), tls=context) as wire:
            return reason(wire.send(connect("tls")).packet(), 1)
    except (ssl.SSLError, ConnectionError):
        return None


def test_whoever_has_not_said_connect_in_time_is_closed(croft):
    """Plain and TLS, silent and one byte a second: all at once, because each takes the ten seconds it is given."""
    hello = ssl.MemoryBIO()
    unfinished = trust(croft).wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        unfinished.do_handshake()
    drips = {("mqtt", "silent"): b"", ("mqtt", "drip"): connect("x" * 100), ("mqtts", "silent"): b"",
             ("mqtts", "drip"): hello.read(), ("mqtts", "half"): b"\x16\x03\x01\x40\x00"}
    took = {}

    def drip(case, data):
        begun = time.monotonic()
        with Wire(croft.port(case[0]), timeout=30) as wire:
            wire.socket.settimeout(0.9)
            while time.monotonic() - begun < 20:
                wire.send(data[:1])
                data = data[1:]
                try:
                    if not wire.socket.recv(100):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
            took[case] = time.monotonic() - begun

    threads = [threading.Thread(target=drip, args=one) for one in drips.items()]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert_serves(croft)
    for thread in threads:
        thread.join()
    assert all(9 < seconds < 13 for seconds in took.values()), took
    assert_serves(croft)


@pytest.mark.parametrize("sent", [
    b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000,
    b"\x16\x03\x01\x00\x00" * 1000, b"\x80\x2e\x01\x00\x02" + b"\x00" * 100, b"\x15\x03\x03\x00\x02\x02\x28", b"\x00" * 100])
def test_what_is_no_handshake_is_closed(croft, sent):
    with Wire(croft.port("mqtts")) as wire:
        wire.send(sent)
        while wire.read():  # an alert, perhaps
            pass
    assert_serves(croft)


def test_certificates_that_are_not_registered_and_active_are_refused(croft, tmp_path):
    iot = croft.client("iot")
    assert attempt(croft, trust(croft)) is None, "no certificate"
    assert attempt(croft, trust(croft, *own_certificate("stranger"), tmp_path)) is None, "unknown"
    made = iot.create_keys_and_certificate(setAsActive=False)
    context = trust(croft, made["certificatePem"], made["keyPair"]["PrivateKey"], tmp_path)
    assert attempt(croft, context) is None, "inactive"
    iot.update_certificate(certificateId=made["certificateId"], newStatus="ACTIVE")
    assert attempt(croft, context) == (CONNACK, 0x87), "active, but without a policy"
    iot.create_policy(policyName="all", policyDocument=ALLOW_ALL)
    iot.attach_policy(policyName="all", target=made["certificateArn"])
    assert attempt(croft, context) == (CONNACK, 0)
    iot.update_certificate(certificateId=made["certificateId"], newStatus="REVOKED")
    assert attempt(croft, context) is None, "revoked"


def test_old_protocols_are_refused(croft):
    for version in [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]:
        context = trust(croft)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        assert attempt(croft, context) is None


def test_a_common_name_and_a_server_name_with_escapes_do_not_reach_the_terminal(croft, tmp_path):
    iot = croft.client("iot")
    certificate, key = own_certificate("\x1b[31mpump\x07")
    registered = iot.register_certificate_without_ca(certificatePem=certificate, status="ACTIVE")
    iot.create_policy(policyName="named", policyDocument=ALLOW_ALL.replace(
        '"Resource":"*"', '"Resource":"arn:aws:iot:us-east-1:000000000000:client/${iot:Certificate.Subject.CommonName}"'))
    iot.attach_policy(policyName="named", target=registered["certificateArn"])
    assert attempt(croft, trust(croft, certificate, key, tmp_path)) == (CONNACK, 0x87)

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust(croft).wrap_bio(incoming, outgoing, server_hostname="marker.example.org")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with Wire(croft.port("mqtts")) as wire:
        wire.send(outgoing.read().replace(b"marker.example.org", b"\x1b[2J\x07\r\nforged!!!!!"))
        wire.read()
    assert not [byte for byte in log_of(croft) if byte < 32 and byte != 10]
    assert_serves(croft)


def test_thousands_of_broken_handshakes_leave_nothing_behind(croft):
    files = len(os.listdir(f"/proc/{croft.process.pid}/fd"))
    for _ in range(200):
        Wire(croft.port("mqtts")).send(os.urandom(50)).socket.close()
    before = memory_mb(croft)
    for _ in range(2000):
        Wire(croft.port("mqtts")).send(b"\x16\x03\x01\x00\x40" + os.urandom(50)).socket.close()
    wait_until(lambda: len(os.listdir(f"/proc/{croft.process.pid}/fd")) <= files + 5, what="descriptors given back")
    assert memory_mb(croft) - before < 30
    assert_serves(croft)


def device(croft, key_type):
    """The id of a new, active certificate that may do all, it and its key."""
    iot = croft.client("iot")
    if key_type == "RSA":
        made = iot.create_keys_and_certificate(setAsActive=True)
        certificate, key = made["certificatePem"], made["keyPair"]["PrivateKey"]
    else:
        certificate, key = own_certificate("pump")
        made = iot.register_certificate_without_ca(certificatePem=certificate, status="ACTIVE")
    policy = "device-" + made["certificateId"]
    iot.create_policy(policyName=policy, policyDocument=ALLOW_ALL)
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    return made["certificateId"], certificate, key


@pytest.mark.parametrize("key_type", ["RSA", "P-256"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_is_judged_again(croft, tmp_path, version, key_type):
    certificate_id, certificate, key = device(croft, key_type)
    context = trust(croft, certificate, key, tmp_path)
    context.minimum_version = context.maximum_version = version
    with Wire(croft.port("mqtts"), tls=context) as wire:
        assert reason(wire.send(connect("resume")).packet(), 1) == (CONNACK, 0)
        wire.send(b"\xc0\x00").packet()  # PINGREQ: a client that stays gets its ticket
        session = wire.socket.session

    def resumed():
        with Wire(croft.port("mqtts"), tls=context, session=session) as again:
            assert again.socket.session_reused
            return reason(again.send(connect("resume")).packet(), 1)

    assert resumed() == (CONNACK, 0)
    croft.client("iot").update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    assert resumed() == (CONNACK, 0x87), "the ticket outlives the certificate, the right does not"


def handshake_messages(flight):
    """(type, body) of the messages in a server's flight of TLS 1.2, up to what is encrypted."""
    messages = b""
    while flight[:1] == b"\x16":
        length = int.from_bytes(flight[3:5], "big")
        messages, flight = messages + flight[5:5 + length], flight[5 + length:]
    found = []
    while messages:
        length = int.from_bytes(messages[1:4], "big")
        found.append((messages[0], messages[4:4 + length]))
        messages = messages[4 + length:]
    return found


def test_a_ticket_carries_who_the_client_is_but_not_its_certificate(croft, tmp_path):
    """Reading it would cost more than the rest of a resumed handshake."""
    _, certificate, key = device(croft, "RSA")
    context = trust(croft, certificate, key, tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with Wire(croft.port("mqtts")) as wire:
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.send(outgoing.read())
                flight = wire.socket.recv(65536)
                incoming.write(flight)
    new_session_ticket = dict(handshake_messages(flight))[4]
    assert 64 < len(new_session_ticket) < 400 < len(ssl.PEM_cert_to_DER_cert(certificate))
