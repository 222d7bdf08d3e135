"""wrk, with pushes that were signed in advance: each request has a body of its own."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

from machine import pinned
from servers import CLIENT_CORE, SECRET

HERE = Path(__file__).resolve().parent


class Pushes:
    """A file of signed pushes in memory; every round gets a new one, so no body is ever sent twice."""

    def __init__(self, machine, count):
        self.machine, self.count, self.seed = machine, count, 0
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        descriptor, self.file = tempfile.mkstemp(prefix="iac-bench-", dir=memory)
        os.close(descriptor)
        self.renew()

    def renew(self):
        self.seed += 1
        self.sent = {}  # to each server, by its port
        sizes = self.machine.output(self.machine.program("pushes"), self.count, self.seed, SECRET, self.file)
        self.size, self.body = (int(one) for one in sizes.split())

    def close(self):
        os.unlink(self.file)


def load(pushes, server, connections, seconds, last=0, pin=True):
    """One run of wrk against a server, with pushes it has not seen. last: stop after so many."""
    first = pushes.sent.get(server.port, 0)
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
            "-s", str(HERE / "push.lua"), f"http://127.0.0.1:{server.port}/webhook"]
    told = {"PUSHES": pushes.file, "SIZE": pushes.size, "COUNT": pushes.count, "FIRST": first,
            "LAST": first + last if last else 0}
    done = subprocess.run(pinned(argv, CLIENT_CORE) if pin else argv, check=True, text=True,
                          stdout=subprocess.PIPE,
                          env={**os.environ, **{name: str(value) for name, value in told.items()}})
    line = next((one for one in done.stdout.splitlines() if one.startswith("result ")), None)
    if line is None:
        raise SystemExit("bench: wrk gave no result:\n" + done.stdout)
    result = json.loads(line[len("result "):])
    if result["refused"] or result["broken"]:
        raise SystemExit(f"bench: {result['refused']} requests were refused, {result['broken']} broke off: {line}")
    if result["next"] > pushes.count:
        raise SystemExit(f"bench: {pushes.count} signed pushes are too few for this machine; raise BENCH_PUSHES")
    pushes.sent[server.port] = result["next"]
    result["rate"] = result["requests"] / result["seconds"]
    return result
