"""G1 to G4, G6, G8: pushes taken, by the runner, by webhook, by a runner in Flask, and by Poco alone."""
import os
from contextlib import ExitStack

from figures import ratio, side
from load import Pushes, load
from machine import children, memory_kib, settle
from servers import CLIENT_CORE, SERVER_CORE, Bare, Flask, Runner, Webhook

BURST = 50_000


def take(runner, pushes, connections, seconds):
    """A load on the runner, checked against what is in its history."""
    before = runner.pushes_kept()
    result = load(pushes, runner, connections, seconds)
    settle(runner.pid)
    kept = runner.pushes_kept() - before
    # Those that wrk no longer waited for may be there too.
    if not result["requests"] <= kept <= result["requests"] + connections:
        raise SystemExit(f"bench: {result['requests']} pushes were accepted and {kept} are in the history")
    return result


def one_round(machine, pushes, runner, webhook, flask, bare, seconds):
    """flask: None where there is no Flask."""
    pushes.renew()
    figures = {"sync": machine.sync_us()}
    for connections in (64, 8):
        figures["runner", connections] = take(runner, pushes, connections, seconds)
        figures["webhook", connections] = load(pushes, webhook, connections, seconds)
        settle(webhook.pid)
    if flask:
        figures["flask", 8] = load(pushes, flask, 8, seconds)
        settle(children(flask.pid)[0])  # the worker of gunicorn
    figures["bare", 64] = load(pushes, bare, 64, seconds)
    figures["runner", 1] = take(runner, pushes, 1, seconds)
    figures["bare", 1] = load(pushes, bare, 1, seconds)
    figures["webhook", 1] = load(pushes, webhook, 1, seconds)
    settle(webhook.pid)
    return figures


def measure(machine, repository, rounds, seconds):
    pushes = Pushes(machine, int(os.environ.get("BENCH_PUSHES", 120_000)))
    try:
        with ExitStack() as stack:
            runner = stack.enter_context(Runner(machine, "receiving", repository, SERVER_CORE))
            webhook = stack.enter_context(Webhook(machine, "webhook", SERVER_CORE))
            bare = stack.enter_context(Bare(machine, "bare", SERVER_CORE))
            flask = None if Flask.missing() else stack.enter_context(Flask(machine, "flask", SERVER_CORE))
            runner.keep_busy()
            print(f"\nReceiving: signed pushes of {pushes.body} bytes, each with a body of its own, accepted per "
                  f"second\n  (each server on core {SERVER_CORE}, wrk on core {CLIENT_CORE}, {seconds} s a load, "
                  f"{rounds} rounds, ratios inside a round)\n  (runner: one deployment runs, its step sleeps; every "
                  "push merges into the one that waits. connections_per_address is\n  128, waiting_deployments "
                  "1,000,000; all else as it ships. webhook: payload-hmac-sha256, /bin/true, keeps nothing. Flask:\n"
                  "  gunicorn, one worker, four threads; a thread and /bin/true for each push, keeps nothing)",
                  flush=True)
            measured = [one_round(machine, pushes, runner, webhook, flask, bare, seconds) for _ in range(rounds)]
        report(machine, measured)
        memory(machine, repository, pushes)
    finally:
        pushes.close()


def report(machine, measured):
    def of(server, connections, what="rate"):
        return [one[server, connections][what] for one in measured]

    machine.line([one["sync"] for one in measured])
    for connections, must, goal in ((64, 3, 8), (8, 2, 5)):
        side(f"iac-runner, {connections} connections", of("runner", connections), "/s")
        side(f"webhook, {connections} connections", of("webhook", connections), "/s")
        ratio(f"G1 durable pushes / webhook's, {connections} connections", of("runner", connections),
              of("webhook", connections), must, goal)
    if Flask.missing():
        print(f"  G2 durable pushes / the Flask runner's, 8 connections: skipped, {Flask.missing()}", flush=True)
    else:
        side("the Flask runner, 8 connections", of("flask", 8), "/s")
        ratio("G2 durable pushes / the Flask runner's, 8 connections", of("runner", 8), of("flask", 8), 5, 15)
    side("iac-runner, 64 connections, p99", of("runner", 64, "p99"), "us")
    side("webhook, 64 connections, p99", of("webhook", 64, "p99"), "us")
    ratio("G3 p99 / webhook's, 64 connections", of("runner", 64, "p99"), of("webhook", 64, "p99"), 0.5, 0.1, True)
    side("Poco with HMAC and simdjson, keeps nothing, 64 connections", of("bare", 64), "/s")
    ratio("G4 durable / the bare Poco server, 64 connections", of("runner", 64), of("bare", 64), 0.35, 0.6)
    floor = [sync + bare for sync, bare in zip((one["sync"] for one in measured), of("bare", 1, "p50"))]
    side("iac-runner, 1 connection, p50", of("runner", 1, "p50"), "us")
    side("fdatasync p50 + bare Poco server p50, 1 connection", floor, "us")
    ratio("G6 p50 with one connection / that floor", of("runner", 1, "p50"), floor, 3, 2, True)
    side("webhook, 1 connection, p50, for the honest limit", of("webhook", 1, "p50"), "us")


def burst(server, pushes):
    idle = memory_kib(server.pid, "VmRSS")
    result = load(pushes, server, 64, 120, last=BURST, pin=False)
    return idle / 1024, memory_kib(server.pid, "VmHWM") / 1024, result


def memory(machine, repository, pushes):
    pushes.renew()
    with Runner(machine, "burst", repository) as runner:
        runner.keep_busy()
        ours = burst(runner, pushes)
    with Webhook(machine, "burst-webhook") as webhook:
        theirs = burst(webhook, pushes)
    print(f"\nMemory: idle, and the most in a burst of {BURST:,} pushes (64 connections, no core to itself, once)")
    machine.line()
    for name, (idle, most, result) in (("iac-runner", ours), ("webhook", theirs)):
        print(f"    {name:<58} {idle:.1f} MiB, {most:.1f} MiB; {result['requests']:,} in {result['seconds']:.1f} s")
    ratio("G8 memory idle / webhook's", [ours[0]], [theirs[0]], 4, 2.5, True)
    ratio("G8 memory in the burst / webhook's", [ours[1]], [theirs[1]], 0.2, 0.05, True)
