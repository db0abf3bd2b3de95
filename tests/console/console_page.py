"""What the console's tests share: its page in a browser, and plain requests for its data."""

import json
import pathlib
import socket
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def browser(croft, script, *arguments):
    """Runs tests/console/SCRIPT, whose failures are the test's; what it printed."""
    environment = dict(croft.environment, CROFT_GATEWAY=croft.endpoints["gateway"], CROFT_MQTT=croft.endpoints["mqtt"])
    done = subprocess.run(["node", str(HERE / script), *arguments], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}

    @property
    def json(self):
        return json.loads(self.body)


def connection(croft):
    host, port = croft.endpoints["gateway"].removeprefix("http://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def ask(croft, method, path, body=b"", **headers):
    """One request on a connection of its own; `host=` replaces the true one, None leaves a header out."""
    sent = {"host": croft.endpoints["gateway"].removeprefix("http://"), "connection": "close", "content-length": str(len(body))}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in sent.items() if value is not None]
    with connection(croft) as opened:
        opened.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        raw = b""
        while piece := opened.recv(65536):
            raw += piece
    return Answer(raw)


def data(croft, what, method="GET", body=b"", **headers):
    return ask(croft, method, "/_croft/console/api/" + what, body, **{"x_croft_console": "1", **headers})


class Feed:
    """A browser's feed of these topics, read by hand."""

    def __init__(self, croft, topics):
        self.socket = connection(croft)
        host = croft.endpoints["gateway"].removeprefix("http://")
        self.socket.sendall(f"GET /_croft/console/api/feed?topics={topics} HTTP/1.1\r\nhost: {host}\r\n"
                            "x-croft-console: 1\r\n\r\n".encode())
        self.buffer = b""
        self.head = self._until(b"\r\n\r\n")

    def take(self, size):
        """So much is waiting here at most; the rest is croft's."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def _until(self, mark):
        while mark not in self.buffer:
            piece = self.socket.recv(1 << 20)
            assert piece, "the feed ended"
            self.buffer += piece
        found, _, self.buffer = self.buffer.partition(mark)
        return found.decode()

    def event(self):
        name, text = self._until(b"\n\n").split("\n")
        return name.removeprefix("event: "), json.loads(text.removeprefix("data: "))

    def rows(self, topic):
        """The rows of the topic's next event."""
        while True:
            name, rows = self.event()
            if name == topic:
                return rows

    def close(self):
        self.socket.close()


def passed(out):
    return [line.removeprefix("ok ") for line in out.splitlines() if line.startswith("ok ")]
