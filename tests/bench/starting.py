"""G9: from the start of a program to its first answer."""
import shutil
import time

import pages
from client import ask
from commits import signed
from figures import ratio, side
from servers import ELSEWHERE, Runner, Webhook

PING = signed("/webhook", b'{"zen":"Keep it logically awesome."}', {"X-GitHub-Event": "ping"})


def first_answer(server):
    """Milliseconds from the start of a server that stopped until it has answered a signed ping."""
    began = time.monotonic()
    server.spawn()
    answer = None
    while answer is None:
        try:
            answer = ask(server.port, PING, ELSEWHERE)
        except ConnectionRefusedError:
            if server.process.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit(f"bench: it does not start; its log is {server.log_file}") from None
            time.sleep(0.0002)
    took = (time.monotonic() - began) * 1000
    if answer[0] != 200:
        raise SystemExit(f"bench: the first answer was {answer}; the log is {server.log_file}")
    server.stop()
    return took


def measure(machine, repository, rounds, rows):
    many = pages.filled(machine, rows)
    with Runner(machine, "starting", repository) as empty, Webhook(machine, "starting-webhook") as webhook, \
            Runner(machine, "starting-many", repository) as full:
        for one in (empty, webhook, full):
            one.stop()
        for old in full.data.glob("history.db*"):
            old.unlink()
        shutil.move(many, full.data / "history.db")
        full.start()  # once, for what it writes down about this configuration
        found = full.ask("SELECT COUNT(*) FROM deployments")[0][0]
        if found < rows:
            raise SystemExit(f"bench: of {rows} deployments {found} are in the history")
        full.stop()
        turns = [[first_answer(one) for one in (webhook, empty, full)] for _ in range(rounds)]
    theirs, ours, ours_full = (list(one) for one in zip(*turns))
    print(f"\nStarting: from the start of the process to the answer to a signed ping ({rounds} rounds)")
    machine.line()
    side("webhook", theirs, "ms", "{:.1f}")
    side("iac-runner, an empty history", ours, "ms", "{:.1f}")
    side(f"iac-runner, {rows:,} deployments", ours_full, "ms", "{:.1f}")
    ratio("G9 start to first answer / webhook's, empty", ours, theirs, 10, 3, True)
    ratio(f"G9 the same with {rows:,} deployments", ours_full, theirs, 20, 5, True)
