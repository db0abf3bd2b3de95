"""Starts the real croft for the black-box tests and gives them real clients. Everything is on loopback."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("CROFT_BINARY", str(ROOT / "build" / "release" / "croft"))
ARTICLE = ROOT / "tests" / "article"


class Croft:
    """One `croft serve` process on free ports."""

    def __init__(self, data, *options):
        self.binary = BINARY
        self.data = str(data)
        self.options = list(options)
        self.process = None
        self.start()

    def start(self):
        endpoints = pathlib.Path(self.data) / "endpoints.json"
        endpoints.unlink(missing_ok=True)
        self.log = open(pathlib.Path(self.data).parent / (pathlib.Path(self.data).name + ".log"), "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data, "--mqtt-port", "0", "--mqtts-port", "0", "--gateway-port", "0",
             *self.options],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while not endpoints.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"croft ended with {self.process.returncode}: {self.output()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"croft was not ready in time: {self.output()}")
            time.sleep(0.005)
        self.endpoints = json.loads(endpoints.read_text())
        self.credentials = dict(
            line.split(" = ", 1) for line in (pathlib.Path(self.data) / "credentials").read_text().splitlines()
            if " = " in line)

    def output(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")[-4000:]

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def client(self, service, **more):
        return boto3.client(service, endpoint_url=self.endpoints["gateway"], region_name=self.credentials["region"],
                            aws_access_key_id=more.pop("key", self.credentials["aws_access_key_id"]),
                            aws_secret_access_key=more.pop("secret", self.credentials["aws_secret_access_key"]),
                            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=60), **more)

    @property
    def environment(self):
        """What AWS's own tools need to talk to this croft."""
        return dict(os.environ, AWS_ENDPOINT_URL=self.endpoints["gateway"], AWS_DEFAULT_REGION=self.credentials["region"],
                    AWS_ACCESS_KEY_ID=self.credentials["aws_access_key_id"], AWS_EC2_METADATA_DISABLED="true",
                    AWS_SECRET_ACCESS_KEY=self.credentials["aws_secret_access_key"], CROFT_DATA=self.data, AWS_PAGER="")

    def run(self, *arguments, check=True, **more):
        """croft's own command line."""
        done = subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=more.pop("timeout", 60), **more)
        if check and done.returncode != 0:
            raise AssertionError(f"croft {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def port(self, name):
        return int(self.endpoints[name].rsplit(":", 1)[1])


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("croft") / "data")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture
def fresh_croft(tmp_path):
    """Makes servers of a test's own; all of them are ended with it."""
    made = []

    def start(*options, data=None):
        server = Croft(data or tmp_path / f"data{len(made)}", *options)
        made.append(server)
        return server

    yield start
    for server in made:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture
def client(croft):
    return croft.client


def wait_until(check, timeout=20, interval=0.02, what="the condition"):
    """The first true value of check()."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {timeout} s")
        time.sleep(interval)


@pytest.fixture
def eventually():
    return wait_until


def have(program):
    return shutil.which(program) is not None


sys.path.insert(0, str(ROOT / "tests"))
