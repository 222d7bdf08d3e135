"""The programs that are compared: the runner, webhook, and Poco alone."""
import hashlib
import hmac
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

from machine import CORES, PLAIN, pinned, wait_for

SECRET = "the-secret-of-the-benchmark"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A program that listens on a port of its own; its log lies beside its data. Each has a session of
    its own, as a service has: a busy kernel shares by sessions."""

    def __init__(self, argv, log, port, core=None):
        self.port = port
        self.log = open(log, "wb")
        self.began = time.monotonic()
        self.process = subprocess.Popen(pinned(argv, core) if core is not None else argv,
                                        env=PLAIN, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        self.pid = self.process.pid
        wait_for(self.answers, 20, f"{argv[0]} does not answer; its log is {log}")

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"bench: a server ended by itself; its log is {self.log.name}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            return True
        except OSError:
            return False

    def post(self, path, body, headers=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", raw, {
            "Content-Type": "application/json", "X-Hub-Signature-256": signature, **(headers or {})})
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
  limits: {{ connections_per_address: 128, waiting_deployments: 1000000 }}
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
{steps}
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
engine: {{ stop_grace: 1s }}
"""
STEPS = 6  # services of each executor that a deployment of "all the no-ops" has


class Runner(Server):
    def __init__(self, machine, name, repository, core=None):
        self.folder = machine.folder / name
        self.folder.mkdir()
        self.data = self.folder / "data"
        self.stamp = self.folder / "stamp"
        port = free_port()
        steps = "\n".join(
            f"  - {{ id: {kind}/s{i}, executor: {kind}{', with: { task: noop }' if kind == 'invoke' else ''} }}"
            for kind in ("invoke", "noop") for i in range(STEPS))
        file = self.folder / "iac-runner.yaml"
        file.write_text(CONFIGURATION.format(port=port, secret=SECRET, data=self.data, build=machine.build,
                                             repository=repository, stamp=self.stamp, steps=steps))
        super().__init__([str(machine.build / "bin" / "iac-runner"), "serve", "--config", str(file)],
                         self.folder / "log", port, core)

    def ask(self, sql, *values):
        with sqlite3.connect(f"file:{self.data}/history.db?mode=ro", uri=True) as database:
            return database.execute(sql, values).fetchall()

    def pushes_kept(self):
        """Pushes in the history: every one of them is a deployment, merged into another or not."""
        return self.ask("SELECT COUNT(*) FROM deployments WHERE trigger_name = 'github'")[0][0]

    def finish(self, deployment):
        """Waits for the end of a deployment, and takes no part in it."""
        def ended():
            state = self.ask("SELECT state FROM deployments WHERE id = ?", deployment)[0][0]
            if state == "failed":
                raise SystemExit(f"bench: deployment {deployment} failed; the log is {self.folder}/log")
            return state == "success"
        wait_for(ended, 60, f"deployment {deployment} does not end; the log is {self.folder}/log")

    def keep_busy(self):
        """The one deployment that runs while pushes come in: its step sleeps."""
        self.post("/sync", {"services": ["bench/busy"]})
        wait_for(lambda: self.ask("SELECT COUNT(*) FROM steps WHERE state = 'running'")[0][0] == 1, 20,
                 "the lane does not become busy")


class Webhook(Server):
    def __init__(self, machine, name, core=None):
        if not shutil.which("webhook"):
            raise SystemExit("bench: webhook is not installed")
        port = free_port()
        hooks = machine.folder / f"{name}.json"
        hooks.write_text(json.dumps([{
            "id": "webhook", "execute-command": "/bin/true", "http-methods": ["POST"],
            "trigger-rule": {"match": {
                "type": "payload-hmac-sha256", "secret": SECRET,
                "parameter": {"source": "header", "name": "X-Hub-Signature-256"}}}}]))
        super().__init__(["webhook", "-hooks", str(hooks), "-ip", "127.0.0.1", "-port", str(port),
                          "-urlprefix", ""], machine.folder / f"{name}.log", port, core)


class Bare(Server):
    def __init__(self, machine, name, core=None):
        port = free_port()
        super().__init__([machine.program("bare_server"), str(port), SECRET],
                         machine.folder / f"{name}.log", port, core)


SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
