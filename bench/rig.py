"""What every measurement stands on: a running croft, clients that cost next to nothing, and rows of a Markdown table.

The clients are bare sockets: an SDK takes longer for one request than what is measured here.
"""

import argparse
import contextlib
import datetime
import functools
import hashlib
import hmac
import json
import os
import pathlib
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
CROFT = os.environ.get("CROFT_BINARY", str(ROOT / "build" / "release" / "croft"))


def arguments(description, runs=5):
    """A parser with the options of every measurement."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help=f"a figure is the median of so many runs ({runs})")
    return parser


def scratch_folder():
    """On the disk that holds the build: /tmp may be memory, where an fsync costs nothing."""
    return tempfile.TemporaryDirectory(dir=ROOT / "build")


@functools.cache
def load_generator():
    """The binary of bench/mqttload, built when it is missing or old."""
    build = ROOT / "build" / "mqttload"
    subprocess.run(["cmake", "-S", BENCH / "mqttload", "-B", build, "-DCMAKE_CXX_COMPILER=clang++-16"],
                   stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["cmake", "--build", build, "-j2"], stdout=subprocess.DEVNULL, check=True)
    return str(build / "mqttload")


def load(mode, *flags, core=None):
    """One run of the load generator: its JSON line. Flags with their values; they may be numbers."""
    command = [*on_core(core), load_generator(), mode, *[str(flag) for flag in flags]]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(f"mqttload {mode} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def on_core(core):
    """The beginning of a command that may run on this core only."""
    return [] if core is None else ["taskset", "-c", str(core)]


def free_ports(count):
    """Below the ports of outgoing connections, so that none of those takes one first."""
    free = filter(is_free, range(21883, 32768))
    return [next(free) for _ in range(count)]


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def allow_many_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Process:
    """A server under measurement, on one core if told so."""

    def __init__(self, command, log, core=None):
        with open(log, "ab") as output:
            self.process = subprocess.Popen([*on_core(core), *command], stdout=output, stderr=output)
        self.pid, self.log = self.process.pid, pathlib.Path(log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def wait_for_port(self, port):
        """Returns when the server takes connections there."""
        deadline = time.monotonic() + 30
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                sys.exit(f"{self.process.args} did not get ready: {self.log.read_text()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) / 1024
        return 0

    def sockets(self):
        """Open ones; the store's files come and go by themselves."""
        found = 0
        for one in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found += os.readlink(one).startswith("socket:")
        return found


class Croft(Process):
    """One `croft serve` on free ports, in a folder of its own; `seconds_to_ready` is how long it took to start."""

    def __init__(self, data, *options, core=None):
        data = pathlib.Path(data)
        endpoints = data / "endpoints.json"
        endpoints.unlink(missing_ok=True)
        begun = time.monotonic()
        super().__init__([CROFT, "serve", "--data", data, "--mqtt-port", "0", "--mqtts-port", "0", "--gateway-port", "0",
                          "--log-level", "warn", *options], f"{data}.log", core)
        while not endpoints.exists():
            if self.process.poll() is not None:
                sys.exit(f"croft ended with {self.process.returncode}: " + pathlib.Path(f"{data}.log").read_text())
            time.sleep(0.0005)
        self.seconds_to_ready = time.monotonic() - begun
        self.data = data
        self.endpoints = json.loads(endpoints.read_text())
        self.mqtt_port = int(self.endpoints["mqtt"].rsplit(":", 1)[1])
        self.mqtts_port = int(self.endpoints["mqtts"].rsplit(":", 1)[1])
        self.gateway_port = int(self.endpoints["gateway"].rsplit(":", 1)[1])
        credentials = dict(line.split(" = ", 1) for line in (data / "credentials").read_text().splitlines() if " = " in line)
        self.signer = Signer(credentials["aws_access_key_id"], credentials["aws_secret_access_key"], credentials["region"])
        self.environment = dict(os.environ, AWS_ENDPOINT_URL=self.endpoints["gateway"], CROFT_DATA=str(data),
                                AWS_DEFAULT_REGION=credentials["region"], AWS_ACCESS_KEY_ID=credentials["aws_access_key_id"],
                                AWS_SECRET_ACCESS_KEY=credentials["aws_secret_access_key"])

    def run(self, *command):
        """croft's own command line."""
        done = subprocess.run([CROFT, *command], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"croft {' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def aws(self, *command):
        done = subprocess.run(["aws", "--endpoint-url", self.endpoints["gateway"], *command], env=self.environment,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"aws {' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def tables(self):
        return Tables(self.gateway_port, self.signer)

    def deploy_article(self, folder):
        """The article's template and handler, from a folder as a reader has it; the stack's resources by logical id."""
        for name in ("sam.yml", "handler.py"):
            (folder / name).write_bytes((ROOT / "tests" / "article" / name).read_bytes())
        self.run("deploy", str(folder / "sam.yml"), "--stack-name", "article", "--capabilities", "CAPABILITY_IAM")
        found = self.aws("cloudformation", "list-stack-resources", "--stack-name", "article", "--output", "json")
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found["StackResourceSummaries"]}

    def create_direct_rule(self, table):
        """A table, and one rule that writes both kinds of events into it without a function."""
        self.tables().create_table(table)
        rule = {"sql": "SELECT clientId AS id, eventType = 'connected' AS is_connected, versionNumber AS version "
                       "FROM '$aws/events/presence/#' WHERE eventType <> 'connect_failed'",
                "awsIotSqlVersion": "2016-03-23",
                "actions": [{"dynamoDBv2": {"roleArn": "arn:aws:iam::000000000000:role/bench", "putItem": {"tableName": table}}}]}
        self.aws("iot", "create-topic-rule", "--rule-name", "direct", "--topic-rule-payload", json.dumps(rule))
        return table

    def handler_durations_ms(self, function):
        """What the REPORT lines of a function say, oldest first."""
        durations, after = [], 0
        with socket.create_connection(("127.0.0.1", self.gateway_port)) as connection:
            while True:
                path = f"/_croft/functions/{function}/logs?after={after}"
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
                page = json.loads(read_response(connection)[1])
                if not page["lines"]:
                    return durations
                after = page["next"]
                durations += [float(line["text"].split("\tDuration: ")[1].split(" ")[0]) for line in page["lines"]
                              if line["text"].startswith("REPORT ")]


class Signer:
    """Signature Version 4 for one JSON service. A signed request may be sent again for fifteen minutes."""

    def __init__(self, key, secret, region, service="dynamodb"):
        self.key, self.secret, self.region, self.service = key, secret, region, service

    def request(self, host, target, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{self.region}/{self.service}/aws4_request"
        names = "content-type;host;x-amz-date;x-amz-target"
        content_type = "application/x-amz-json-1.0"
        canonical = (f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:{now}\nx-amz-target:{target}\n\n"
                     f"{names}\n{hashlib.sha256(body).hexdigest()}")
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        head = (f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\nX-Amz-Date: {now}\r\n"
                f"X-Amz-Target: {target}\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, "
                f"Signature={signature}\r\n\r\n")
        return head.encode() + body


def read_response(connection):
    """Status and body of one HTTP answer."""
    received = connection.recv(65536)
    while b"\r\n\r\n" not in received:
        received += more(connection)
    head, body = received.split(b"\r\n\r\n", 1)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += more(connection)
    return int(head[9:12]), body


def more(connection):
    received = connection.recv(1 << 20)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


class Tables:
    """DynamoDB requests over one connection that stays open; `host` only has to agree with the signature. With `closes` the
    server is one that closes each connection after its answer."""

    def __init__(self, port, signer, host="dynamodb.bench", closes=False):
        self.port, self.signer, self.host, self.closes = port, signer, host, closes
        self.connect()

    def connect(self):
        self.connection = socket.create_connection(("127.0.0.1", self.port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def signed(self, operation, **parameters):
        return self.signer.request(self.host, f"DynamoDB_20120810.{operation}", json.dumps(parameters).encode())

    def send(self, signed_request):
        """The answer's body, not parsed."""
        self.connection.sendall(signed_request)
        status, body = read_response(self.connection)
        if self.closes:
            self.connection.close()
            self.connect()
        if status != 200:
            raise RuntimeError(f"DynamoDB answered {status}: {body.decode()}")
        return body

    def call(self, operation, **parameters):
        return json.loads(self.send(self.signed(operation, **parameters)))

    def create_table(self, name):
        self.call("CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST",
                  AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                  KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        while self.call("DescribeTable", TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.01)

    def all_items(self, name):
        start = {}
        while True:
            page = self.call("Scan", TableName=name, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


class Device:
    """A bare MQTT 3.1.1 client. connect() only sends CONNECT; accepted() waits for its CONNACK."""

    def __init__(self, port, client_id):
        self.client_id = client_id
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = struct.pack("!H4sBBHH", 4, b"MQTT", 4, 2, 1200, len(client_id)) + client_id.encode()
        self.packet = bytes([0x10, len(body)]) + body

    def connect(self):
        self.socket.sendall(self.packet)

    def accepted(self):
        connack = self.socket.recv(4)
        if connack != b"\x20\x02\x00\x00":
            raise RuntimeError(f"{self.client_id} was not accepted: {connack}")
        return self

    def disconnect(self):
        self.socket.sendall(b"\xe0\x00")
        self.socket.close()

    def drop(self):
        """Ends the connection with a reset and no DISCONNECT."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def percentile(values, share):
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return statistics.median(values)


def print_head(*columns):
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)


def spread(values, unit, digits=1):
    """The median of all runs, with the least and the greatest."""
    shown = f"{median(values):,.{digits}f}" + (f" {unit}" if unit else "")
    return shown if len(values) == 1 else f"{shown} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def print_row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)
