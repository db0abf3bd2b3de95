"""What the console's tests share: its page in a browser, and plain requests for its data."""

import json
import os
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


def passed(out):
    return [line.removeprefix("ok ") for line in out.splitlines() if line.startswith("ok ")]
