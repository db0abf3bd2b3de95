"""The MQTT brokers that stand beside each other in a measurement: croft, and its peers without limits of their own.

Each is started by a function (folder, core, tls) and is a rig.Process with `mqtt_port` and, with a Tls, `mqtts_port`.
A folder is for one start. All of them present the same server certificate and trust the same authority.
"""

import dataclasses
import pathlib
import shutil
import subprocess

import rig

MANY = 1_000_000  # stands for "without a limit" where a broker knows no word for it


@dataclasses.dataclass(frozen=True)
class Tls:
    """Certificates that croft made, and the flags with which the load generator uses the device's."""

    data: pathlib.Path  # a data folder of croft that knows the device's certificate
    ca: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path
    flags: tuple


def make_tls(folder, server_key="P-256", device_key="RSA-2048"):
    """The device's key is RSA-2048, as AWS makes it, or "P-256"; the server's is P-256, croft's own choice, or "RSA-2048"."""
    folder.mkdir()
    data = folder / "data"
    with rig.Croft(data) as croft:
        made = make_certificate(croft, folder, device_key)
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}'
        croft.aws("iot", "create-policy", "--policy-name", "all", "--policy-document", document)
        croft.aws("iot", "attach-policy", "--policy-name", "all", "--target", made["certificateArn"])
    (folder / "device.pem").write_text(made["certificatePem"])
    authority = data / "ca"
    if server_key == "RSA-2048":
        replace_server_key(authority)
    return Tls(data, authority / "ca.pem", authority / "server.pem", authority / "server.key",
               ("--tls", "--insecure", "--cert", folder / "device.pem", "--key", folder / "device.key"))


def make_certificate(croft, folder, kind):
    """croft's answer; the key is in device.key."""
    key, request = folder / "device.key", folder / "device.csr"
    if kind == "RSA-2048":
        made = croft.aws("iot", "create-keys-and-certificate", "--set-as-active")
        key.write_text(made["keyPair"]["PrivateKey"])
        return made
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{kind}", "-nodes", "-subj", "/CN=device",
            "-keyout", key, "-out", request)
    return croft.aws("iot", "create-certificate-from-csr", "--certificate-signing-request", f"file://{request}",
                     "--set-as-active")


def replace_server_key(authority):
    """croft keeps a server certificate that its authority signed for the right names, whatever its key is."""
    names = openssl("x509", "-in", authority / "server.pem", "-noout", "-ext", "subjectAltName").splitlines()[-1]
    extensions = authority.parent / "server.ext"
    extensions.write_text("subjectAltName=" + names.strip().replace("IP Address:", "IP:") + "\nextendedKeyUsage=serverAuth\n")
    request = authority.parent / "server.csr"
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=croft server",
            "-keyout", authority / "server.key", "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", authority / "ca.pem", "-CAkey", authority / "ca.key", "-days", "397",
            "-extfile", extensions, "-out", authority / "server.pem")


def openssl(*command):
    return subprocess.run(["openssl", *command], capture_output=True, text=True, check=True).stdout


def croft(*options):
    def start(folder, core=None, tls=None):
        data = folder / "data"
        if tls:
            shutil.copytree(tls.data, data)
        process = rig.Croft(data, *options, core=core)
        if tls and (data / "ca" / "server.key").read_bytes() != tls.key.read_bytes():
            raise RuntimeError("croft did not take the server key it was given")
        return process
    return start


def mosquitto(folder, core=None, tls=None):
    port, tls_port = rig.free_ports(2)
    lines = ["persistence false", "log_type none", "max_connections -1", "user root", "set_tcp_nodelay true",
             "max_queued_messages 0", "max_inflight_messages 0", f"listener {port} 127.0.0.1", "allow_anonymous true"]
    if tls:
        lines += [f"listener {tls_port} 127.0.0.1", f"cafile {tls.ca}", f"certfile {tls.certificate}", f"keyfile {tls.key}",
                  "require_certificate true", "allow_anonymous true"]
    configuration = folder / "mosquitto.conf"
    configuration.write_text("\n".join(lines) + "\n")
    return started(["mosquitto", "-c", configuration], folder, core, port, tls_port if tls else None)


def nats(folder, core=None, tls=None):
    """Its MQTT needs JetStream, which keeps QoS 1 messages in a file; it has one MQTT listener, here with TLS or without."""
    port, own_port = rig.free_ports(2)
    secured = ""
    if tls:
        secured = f'tls {{ ca_file: "{tls.ca}", cert_file: "{tls.certificate}", key_file: "{tls.key}", verify: true }}'
    configuration = folder / "nats.conf"
    configuration.write_text(f"""
server_name: bench
listen: "127.0.0.1:{own_port}"
max_connections: {MANY}
jetstream {{ store_dir: "{folder}/jetstream" }}
mqtt {{ listen: "127.0.0.1:{port}"
{secured} }}
""")
    return started(["nats-server", "-c", configuration], folder, core, None if tls else port, port if tls else None)


def aedes(folder, core=None, tls=None):
    port, tls_port = rig.free_ports(2)
    command = ["node", rig.BENCH / "aedes.mjs", str(port)]
    if tls:
        command += [str(tls_port), tls.ca, tls.certificate, tls.key]
    return started(command, folder, core, port, tls_port if tls else None)


def started(command, folder, core, port, tls_port):
    process = rig.Process(command, folder / "log", core)
    for each in filter(None, (port, tls_port)):
        process.wait_for_port(each)
    process.mqtt_port, process.mqtts_port = port, tls_port
    return process


PEERS = {"mosquitto": mosquitto, "nats-server": nats, "aedes": aedes}


def everyone():
    """By name: croft in each of its dialects, then the peers."""
    if "--dialect" not in subprocess.run([rig.CROFT, "serve", "--help"], capture_output=True, text=True).stdout:
        return {"croft": croft(), **PEERS}
    return {"croft": croft("--dialect", "oasis"), "croft, AWS's limits": croft("--dialect", "aws"), **PEERS}


def chosen(all_brokers, names):
    """Those whose name begins with one of `names`, separated by commas; all for ""."""
    wanted = tuple(filter(None, names.split(",")))
    return {name: start for name, start in all_brokers.items() if not wanted or name.startswith(wanted)}


def alternating(names, run):
    """The order of one run: the next run's is the other way round, so that nobody always comes first."""
    return list(names) if run % 2 == 0 else list(names)[::-1]
