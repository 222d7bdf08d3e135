"""The programs that are compared: the runner, webhook, a runner in Flask, and Poco alone."""
import hashlib
import hmac
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from client import ask
from machine import CORES, PLAIN, pinned, wait_for

SECRET = "the-secret-of-the-benchmark"
# Where to ask from whether somebody listens already: from 127.0.0.1 the system may give the port that is asked for,
# and who has it is connected with itself.
ELSEWHERE = "127.0.0.2"


def signature(body):
    """As GitHub writes it into X-Hub-Signature-256."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A program that listens on a port of its own; its log lies beside its data. Each has a session of
    its own, as a service has: a busy kernel shares by sessions."""

    def __init__(self, argv, log, port, core=None, descriptors=0):
        """core: the one it has to itself. descriptors: how many it may open, if not as many as all."""
        self.argv = pinned(argv, core) if core is not None else argv
        if descriptors:
            self.argv = ["prlimit", f"--nofile={descriptors}", *self.argv]
        self.port, self.log_file = port, log
        self.start()

    def start(self):
        """Also again, after stop() or kill()."""
        self.spawn()
        wait_for(self.answers, 20, f"{self.argv[0]} does not answer; its log is {self.log_file}")

    def spawn(self):
        self.log = open(self.log_file, "ab")
        self.process = subprocess.Popen(self.argv, env=PLAIN, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        self.pid = self.process.pid

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"bench: a server ended by itself; its log is {self.log.name}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2, (ELSEWHERE, 0)).close()
            return True
        except OSError:
            return False

    def post(self, path, body, headers=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", raw, {
            "Content-Type": "application/json", "X-Hub-Signature-256": signature(raw), **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"bench: POST {path}: {refused.code} {refused.read().decode()}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()

    def kill(self):
        """As kill -9 does. What it started goes on."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


CONFIGURATION = """
server:
  listen: 127.0.0.1:{port}
  secret: "{secret}"
  limits: {limits}
data: {data}
plugins: [ "{build}/lib/iac-runner/plugins", "{build}/tests/bench/plugins" ]
repository: {{ url: "{repository}" }}
environments:
  staging: {{ variables: {{ DEPLOY_ENV: staging, BENCH_STAMP: "{stamp}" }} }}
services:
  - {{ id: platform/postgres, executor: noop }}
  - {{ id: platform/redis, executor: noop }}
  - {{ id: bench/busy, executor: noop, with: {{ seconds: 3600 }} }}
  - {{ id: bench/stamp, executor: invoke, with: {{ task: stamp }} }}
{services}
triggers:
  github: {{ plugin: iac.github, environment: staging, with: {{ secret: "{secret}" }} }}
  manual: {{ plugin: iac.manual, environment: staging, with: {{ secret: "{secret}", wait: 0 }} }}
mappers:
  - plugin: iac.path-rules
    with:
      rules:
        - {{ path: "bootstrap/**", skip: "deployed by hand" }}
        - {{ path: "platform/*.{{name}}/**", service: "platform/{{name}}" }}
        - {{ path: "stamp/**", service: bench/stamp }}
        - {{ path: "libs/**", service: "platform/*" }}
executors:
  invoke: {{ plugin: iac.invoke, timeout: 60s }}
  noop: {{ plugin: bench.noop, timeout: 2h, grace: 1s }}
  command: {{ plugin: iac.command, timeout: 10m }}
engine: {{ stop_grace: 1s }}
keep: {{ deployments: 0s, events: 0s }}
"""
STEPS = 6  # services of each executor that a deployment of "all the no-ops" has
ONE_ADDRESS = "{ connections_per_address: 128, waiting_deployments: 1000000 }"  # all load comes from one
SHIPPED = "{}"


class Runner(Server):
    def __init__(self, machine, name, repository, core=None, services=(), limits=ONE_ADDRESS, descriptors=0):
        """services: lines of the configuration, beside those that every benchmark has."""
        self.folder = machine.folder / name
        self.folder.mkdir(exist_ok=True)
        self.data = self.folder / "data"
        self.stamp = self.folder / "stamp"
        port = free_port()
        steps = [
            f"{{ id: {kind}/s{i}, executor: {kind}{', with: { task: noop }' if kind == 'invoke' else ''} }}"
            for kind in ("invoke", "noop") for i in range(STEPS)]
        file = self.folder / "iac-runner.yaml"
        file.write_text(CONFIGURATION.format(port=port, secret=SECRET, data=self.data, build=machine.build,
                                             repository=repository, stamp=self.stamp, limits=limits,
                                             services="\n".join("  - " + one for one in [*steps, *services])))
        super().__init__([str(machine.build / "bin" / "iac-runner"), "serve", "--config", str(file)],
                         self.folder / "log", port, core, descriptors)

    def ask(self, sql, *values):
        with sqlite3.connect(f"file:{self.data}/history.db?mode=ro", uri=True) as database:
            return database.execute(sql, values).fetchall()

    def pushes_kept(self):
        """Pushes in the history: every one of them is a deployment, merged into another or not."""
        return self.ask("SELECT COUNT(*) FROM deployments WHERE trigger_name = 'github'")[0][0]

    def drained(self):
        """Nothing waits, and nothing runs."""
        return self.ask("SELECT COUNT(*) FROM deployments WHERE state IN ('queued', 'running')")[0][0] == 0

    def finish(self, deployment, seconds=60):
        """Waits for the end of a deployment, and takes no part in it."""
        def ended():
            state = self.ask("SELECT state FROM deployments WHERE id = ?", deployment)[0][0]
            if state == "failed":
                raise SystemExit(f"bench: deployment {deployment} failed; the log is {self.folder}/log")
            return state == "success"
        wait_for(ended, seconds, f"deployment {deployment} does not end; the log is {self.folder}/log")

    def keep_busy(self):
        """The one deployment that runs while pushes come in: its step sleeps."""
        self.post("/sync", {"services": ["bench/busy"]})
        wait_for(lambda: self.ask("SELECT COUNT(*) FROM steps WHERE state = 'running'")[0][0] == 1, 20,
                 "the lane does not become busy")


class Webhook(Server):
    def __init__(self, machine, name, core=None, command="/bin/true", arguments=(), folder=None,
                 descriptors=0):
        """arguments: what hooks.json says of them. folder: where the command runs."""
        if not shutil.which("webhook"):
            raise SystemExit("bench: webhook is not installed")
        port = free_port()
        hooks = machine.folder / f"{name}.json"
        hook = {
            "id": "webhook", "execute-command": str(command), "http-methods": ["POST"],
            "pass-arguments-to-command": list(arguments),
            "trigger-rule": {"match": {
                "type": "payload-hmac-sha256", "secret": SECRET,
                "parameter": {"source": "header", "name": "X-Hub-Signature-256"}}}}
        if folder:
            hook["command-working-directory"] = str(folder)
        hooks.write_text(json.dumps([hook]))
        super().__init__(["webhook", "-hooks", str(hooks), "-ip", "127.0.0.1", "-port", str(port),
                          "-urlprefix", ""], machine.folder / f"{name}.log", port, core, descriptors)


DEBIANS_PYTHON = "/usr/bin/python3"  # another may be in PATH, without Debian's packages


class Flask(Server):
    """flask_runner.py, as it is usually run."""

    @staticmethod
    def missing():
        """Why it cannot run here; empty: it can."""
        found = subprocess.run([DEBIANS_PYTHON, "-c", "import flask, gunicorn"], stderr=subprocess.DEVNULL,
                               check=False)
        return "python3-flask and gunicorn are not installed" if found.returncode else ""

    def __init__(self, machine, name, core=None):
        port = free_port()
        super().__init__([DEBIANS_PYTHON, "-B", "-m", "gunicorn", "--workers=1", "--threads=4",
                          f"--bind=127.0.0.1:{port}", f"--chdir={Path(__file__).resolve().parent}",
                          f"--env=WEBHOOK_SECRET={SECRET}", "flask_runner:app"],
                         machine.folder / f"{name}.log", port, core)

    def start(self):
        super().start()
        ask(self.port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")  # gunicorn listens before its worker is there


class Bare(Server):
    def __init__(self, machine, name, core=None):
        port = free_port()
        super().__init__([machine.program("bare_server"), str(port), SECRET],
                         machine.folder / f"{name}.log", port, core)


SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
