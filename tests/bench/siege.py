"""G14: two thousand slow sockets, and how long the others wait for their answer."""
import multiprocessing
import socket
import threading
import time

from client import ask
from figures import bound, side
from servers import SHIPPED, Bare, Runner, Webhook

SLOW = 2_000
SECONDS = 15   # longer than any deadline of the server
GOOD = 4       # clients, from an address of their own
PAUSE = 0.05   # between two requests of one of them
GIVE_UP = 20   # seconds, for one answer
HEAD = b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


class Socket:
    """One that never comes to the end of its headers."""

    def __init__(self, port, address):
        self.port, self.address, self.socket = port, address, None

    def go_on(self):
        """Says a little more; who was sent away comes back."""
        try:
            if self.socket is None:
                self.socket = socket.socket()
                self.socket.setblocking(False)
                self.socket.bind((self.address, 0))
                self.socket.connect_ex(("127.0.0.1", self.port))
                self.socket.send(HEAD)
            else:
                self.socket.send(b"a")
                if self.socket.recv(1 << 12) == b"":
                    raise ConnectionResetError
        except BlockingIOError:
            pass  # it is not connected yet, or has not been told anything: all as it should be
        except OSError:
            self.socket.close()
            self.socket = None


def besiege(port, addresses, ready):
    sockets = [Socket(port, addresses[number % len(addresses)]) for number in range(SLOW)]
    while True:
        began = time.monotonic()
        for one in sockets:
            one.go_on()
        ready.set()
        time.sleep(max(0.0, 1 - (time.monotonic() - began)))


class Good:
    """Clients that do as one should: the worst time until a push is accepted, and how often they were sent away."""

    def __init__(self, server, requests):
        self.server, self.requests, self.lock = server, requests, threading.Lock()
        self.times, self.refused, self.unheard = [], 0, 0

    def run(self, seconds):
        until = time.monotonic() + seconds
        clients = [threading.Thread(target=self.send, args=[until]) for _ in range(GOOD)]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        return self

    def send(self, until):
        while time.monotonic() < until:
            with self.lock:
                request = next(self.requests)
            began = time.monotonic()
            while not self.accepted(request, began + GIVE_UP):
                if time.monotonic() > began + GIVE_UP:
                    self.unheard += 1
                    return
                time.sleep(PAUSE)
            self.times.append(time.monotonic() - began)
            time.sleep(PAUSE)

    def accepted(self, request, until):
        try:
            status, _ = ask(self.server.port, request, "127.0.0.2", max(0.1, until - time.monotonic()))
            if 200 <= status < 300:
                return True
        except OSError:
            pass
        self.refused += 1
        return False


def under(server, addresses, requests):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    crowd = context.Process(target=besiege, args=(server.port, addresses, ready), daemon=True)
    crowd.start()
    try:
        if not ready.wait(60):
            raise SystemExit("bench: the slow sockets do not come to be")
        good = Good(server, requests).run(SECONDS)
        if not crowd.is_alive():
            raise SystemExit("bench: the slow sockets ended before their time")
        return good
    finally:
        crowd.kill()
        crowd.join()


def told(name, good):
    if good.unheard:
        print(f"    {name:<58} no answer within {GIVE_UP} s ({len(good.times)} before)", flush=True)
    else:
        side(name, [1000 * max(good.times)],
             f"ms, the worst of {len(good.times):,}; {good.refused} times sent away")


def measure(machine, commits):
    one, many = ["127.0.0.1"], [f"127.0.1.{number}" for number in range(1, 51)]
    requests = (commits.request(number) for number in range(1, commits.count + 1))
    print(f"\nA siege: {SLOW:,} sockets that send their headers byte by byte, and come back when they are sent away; "
          f"{GOOD} clients\n  from another address send pushes for {SECONDS} s, each over a new connection (once; limits "
          "as they ship)")
    worst = {}
    for which, addresses in (("one address", one), (f"{len(many)} addresses", many)):
        with Runner(machine, f"siege-{len(addresses)}", commits.folder, limits=SHIPPED) as runner:
            runner.keep_busy()
            good = under(runner, addresses, requests)
            if runner.pushes_kept() < len(good.times):
                raise SystemExit("bench: pushes were accepted and are not in the history")
        worst[which] = max(good.times) if not good.unheard else float("inf")
        told(f"iac-runner, slow sockets from {which}", good)
    with Webhook(machine, "siege-webhook") as webhook:
        told("webhook, slow sockets from one address", under(webhook, one, requests))
    with Bare(machine, "siege-bare") as bare:
        told("Poco as it is, slow sockets from one address", under(bare, one, requests))
    machine.line()
    for which, seconds in worst.items():
        bound(f"G14 worst answer beside {SLOW:,} slow sockets from {which}", [seconds], "s", 10, 1)
