"""G13, G14: what one caller, one step, or a crowd of slow sockets can do to a server and to the others."""
import socket
import threading
import time
from pathlib import Path

import siege
from client import ask
from commits import signed
from figures import bound, ratio, side
from machine import children, grown_mib, memory_kib, settle, wait_for
from servers import SHIPPED, Runner, Webhook

MIB = 1 << 20
BODY, CAP = 512, 25  # MiB: of what is sent, and of webhook_body as it ships
KEPT = 16            # MiB: step_output as it ships
PRINTED = 1024       # MiB
PEER_PRINTED = 256   # MiB: webhook takes several times that
WAYS = ("announced", "in chunks")
NOTHING = 0.01       # of the cap: the goal is nothing, and memory grows in pages
SMALL = signed("/webhook", b'{"ref":"refs/heads/other"}', {"X-GitHub-Event": "push"})


def seq(mebibytes):
    """The N for which `seq N` prints so much: a line for every number."""
    left, digits = mebibytes * MIB, 1
    while left > 9 * 10 ** (digits - 1) * (digits + 1):
        left -= 9 * 10 ** (digits - 1) * (digits + 1)
        digits += 1
    return 10 ** (digits - 1) + left // (digits + 1)


def oversized(server, way):
    """Sends BODY MiB with a wrong signature, for as long as somebody takes it: the status of the answer."""
    block = b"x" * MIB
    told = f"Content-Length: {BODY * MIB}"
    if way == "in chunks":
        block, told = f"{MIB:x}\r\n".encode() + block + b"\r\n", "Transfer-Encoding: chunked"
    with socket.create_connection(("127.0.0.1", server.port), 60) as line:
        line.sendall(f"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{told}\r\n"
                     f"X-Hub-Signature-256: sha256={'0' * 64}\r\n\r\n".encode())
        try:
            for _ in range(BODY):
                line.sendall(block)
            if way == "in chunks":
                line.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it takes no more; what it said about that can still be read
        answer = line.recv(1 << 16)
    return int(answer.split(None, 2)[1])


def bodies(machine, repository, rounds):
    """By how many MiB each server grows, a new one for each body."""
    grown = {}
    for number in range(rounds):
        for way in WAYS:
            name = f"bodies-{number}-{way.split()[-1]}"
            for kind, start in (("runner", lambda: Runner(machine, name, repository, limits=SHIPPED)),
                                ("webhook", lambda: Webhook(machine, name + "-webhook"))):
                with start() as server:
                    ask(server.port, SMALL)  # whatever a first request costs
                    settle(server.pid)
                    told = []
                    mib = grown_mib(server.pid, lambda: told.append(oversized(server, way)))
                    if kind == "runner" and told != [413]:
                        raise SystemExit(f"bench: a body of {BODY} MiB was answered {told}")
                    grown.setdefault((kind, way), []).append(mib)
    return grown


class Child:
    """The most that a child of that name has taken, in MiB, while this is entered."""

    def __init__(self, pid, name):
        self.pid, self.name, self.most, self.over = pid, name, 0, threading.Event()
        self.watch = threading.Thread(target=self.look)

    def look(self):
        while not self.over.wait(0.01):
            for child in children(self.pid):
                try:
                    # Until it has the name it has the memory of its parent.
                    if Path(f"/proc/{child}/comm").read_text().strip() == self.name:
                        self.most = max(self.most, memory_kib(child, "VmHWM") / 1024)
                except (FileNotFoundError, ProcessLookupError, StopIteration):
                    pass  # it has just ended

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()


def printing(machine, repository, number):
    """A step that prints PRINTED MiB: how much the runner grows, how much its child takes, how much is kept."""
    last = seq(PRINTED)
    services = [f"{{ id: bench/{name}, executor: command, with: {{ command: [ seq, '{count}' ] }} }}"
                for name, count in (("little", 1_000), ("much", last))]
    with Runner(machine, f"printing-{number}", repository, services=services, limits=SHIPPED) as runner:
        recorded(runner, "bench/little")  # the clone, and whatever else happens once
        settle(runner.pid)
        began, made = time.monotonic(), []
        with Child(runner.pid, "plugin-host") as child:
            grown = grown_mib(runner.pid, lambda: made.append(recorded(runner, "bench/much")))
        took = time.monotonic() - began
        log = next((runner.data / "logs" / str(made[0])).glob("*.log"))
        kept = log.read_bytes()
        if not kept.startswith(b"1\n2\n") or not kept.rstrip().endswith(str(last).encode()):
            raise SystemExit(f"bench: {log} has not the beginning and the end of what was printed")
        return {"grown": grown, "child": child.most, "kept": len(kept) / MIB, "rate": PRINTED / took}


def recorded(runner, service):
    answer = runner.post("/sync", {"services": [service]})
    runner.finish(answer["deployment_id"], 300)
    return answer["deployment_id"]


def printing_webhook(machine):
    """By how many MiB webhook grows when its command prints PEER_PRINTED."""
    with Webhook(machine, "printing-webhook", command="/usr/bin/seq",
                 arguments=[{"source": "string", "name": str(seq(PEER_PRINTED))}]) as webhook:
        def run():
            ask(webhook.port, SMALL)
            wait_for(lambda: children(webhook.pid), 20, "webhook starts no command")
            wait_for(lambda: not children(webhook.pid), 120, "the command of webhook does not end")
            settle(webhook.pid)
        return grown_mib(webhook.pid, run)


def report_bodies(machine, grown, rounds):
    print(f"\nOne body of {BODY} MiB with a wrong signature; the cap is {CAP} MiB ({rounds} rounds, a new server for "
          "each)")
    machine.line()
    for way in WAYS:
        side(f"iac-runner grows by, the body {way}", grown["runner", way], "MiB", "{:.2f}")
        side(f"webhook grows by, the body {way}", grown["webhook", way], "MiB", "{:.2f}")
        ratio(f"G13 growth / the cap, the body {way}", grown["runner", way], [CAP] * rounds, 1.0, NOTHING, True)


def report_output(machine, ours, theirs):
    print(f"\nOne step that prints {PRINTED} MiB of lines ({len(ours)} rounds); the command of webhook prints "
          f"{PEER_PRINTED} MiB (once)")
    machine.line()
    for name, what, unit in (("iac-runner takes in", "rate", "MiB/s"),
                             ("the memory of its plugin host, at most", "child", "MiB"),
                             (f"kept on disk; step_output is {KEPT} MiB", "kept", "MiB")):
        side(name, [one[what] for one in ours], unit, "{:.2f}")
    side("webhook grows by", [theirs], "MiB", "{:.2f}")
    bound(f"G13 growth of the runner for {PRINTED} MiB of output", [one["grown"] for one in ours], "MiB", 8, 2)
    most = max(one["kept"] for one in ours)
    if most > KEPT + 1:
        raise SystemExit(f"bench: {most:.1f} MiB of one step are kept, and step_output is {KEPT} MiB")


def measure(machine, commits, rounds):
    some = max(1, rounds // 2)
    report_bodies(machine, bodies(machine, commits.folder, some), some)
    report_output(machine, [printing(machine, commits.folder, number) for number in range(some)],
                  printing_webhook(machine))
    siege.measure(machine, commits)
