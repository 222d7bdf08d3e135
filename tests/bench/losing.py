"""G7: what was acknowledged and is lost, by kill -9 and by more than there is room for."""
import json
import os
import signal

from bursts import CONNECTIONS, lines
from client import send
from commits import SERVICES, named, signed
from figures import bound, side
from machine import children, wait_for
from marks import Marking
from servers import Runner

BURST = 5_000
SLOW, SECONDS = 11_500, 30  # so many that each take so long
DESCRIPTORS = 20_000  # that each side may open
PATIENCE = 120


def killed_runner(machine, commits, pushes, enough, name):
    """kill -9 in the middle of a burst, then a start: how many of the acknowledged pushes are lost."""
    with Runner(machine, name, commits.folder, services=lines(commits)) as runner:
        accepted = send(runner, pushes, CONNECTIONS, enough, runner.kill)
        runner.start()
        wait_for(runner.drained, PATIENCE, f"what was kept is not deployed; the log is {runner.folder}/log", pause=0.05)
        kept = {row[0] for row in runner.ask("SELECT delivery FROM events WHERE trigger_name = 'github'")}
        behind = commits.behind(runner, accepted.keys() & kept)
        if behind:
            raise SystemExit(f"bench: pushes were kept and not deployed: {behind}; the log is {runner.folder}/log")
        return len(accepted.keys() - kept)


def killed_webhook(machine, pushes, enough, name):
    """The same; what was started goes on, and may end."""
    with Marking(machine, name) as webhook:
        accepted = send(webhook, pushes, CONNECTIONS, enough, webhook.kill)
        wait_for(lambda: not alive(webhook.pid), PATIENCE, "what webhook started does not end")
        return len(accepted.keys() - webhook.done())


def alive(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def subsets(count):
    """So many different sets of services: the same request would be answered with the deployment that is open."""
    for number in range(count):
        yield [named(bit) for bit in range(SERVICES) if number >> bit & 1]


def crowded_runner(machine, commits):
    """Deployments that cannot be merged, the first of which takes long; kill -9 with all of them waiting."""
    slow = f"{{ id: bench/slow, executor: noop, with: {{ seconds: {SECONDS} }} }}"
    requests = [(number, signed("/sync", json.dumps({"services": ["bench/slow", *services]}).encode(), {}))
                for number, services in enumerate(subsets(SLOW))]
    with Runner(machine, "crowded", commits.folder, services=[*lines(commits), slow],
                descriptors=DESCRIPTORS) as runner:
        told = send(runner, requests, CONNECTIONS)
        acknowledged = {json.loads(body)["deployment_id"] for body in told.values()}
        if len(acknowledged) != SLOW:
            raise SystemExit(f"bench: {SLOW} requests were to be {SLOW} deployments, and are {len(acknowledged)}")
        runner.kill()
        runner.start()
        wait_for(lambda: children(runner.pid), 20, "after the restart no deployment goes on")
        kept = runner.ask("SELECT id, state FROM deployments WHERE state IN ('queued', 'running', 'success')")
        return len(acknowledged - {row[0] for row in kept}), sum(row[1] == "queued" for row in kept)


def crowded_webhook(machine, pushes):
    with Marking(machine, "crowded-webhook", SECONDS, DESCRIPTORS) as webhook:
        accepted = send(webhook, pushes[:SLOW], CONNECTIONS)
        webhook.settle(PATIENCE)
        os.killpg(webhook.pid, signal.SIGKILL)
        return len(accepted.keys() - webhook.done())


def measure(machine, commits, rounds):
    pushes = commits.pushes(commits.count)
    ours, theirs, bursts = [], [], [BURST * (number + 1) // rounds for number in range(rounds)]
    for number, enough in enumerate(bursts):
        ours.append(killed_runner(machine, commits, pushes, enough, f"losing-{number}"))
        theirs.append(killed_webhook(machine, pushes, enough, f"losing-webhook-{number}"))
    print(f"\nLosing: kill -9 in a burst, when {bursts[0]:,} to {bursts[-1]:,} pushes are acknowledged ({rounds} "
          "rounds). Lost is what was\n  acknowledged, and after the next start is not in the history (iac-runner) or had "
          "no command started (webhook)")
    machine.line()
    side("webhook, lost", theirs, "")
    side("webhook, of what it acknowledged", [100 * lost / all for lost, all in zip(theirs, bursts)], "%")
    bound("G7 acknowledged events lost to kill -9", ours, "events", 0, 0, "{:,.0f}")
    lost, waiting = crowded_runner(machine, commits)
    never = crowded_webhook(machine, pushes)
    print(f"\nCrowded: {SLOW:,} that take {SECONDS} s each, {DESCRIPTORS:,} descriptors to each side (once; iac-runner "
          "gets a kill -9 then,\n  webhook does not)")
    machine.line()
    side("iac-runner, waiting after the restart", [waiting], "")
    side("webhook, never started", [never], "")
    side("webhook, of what it acknowledged", [100 * never / SLOW], "%")
    bound(f"G7 acknowledged events lost, with {SLOW:,} slow deployments waiting", [lost], "events", 0, 0, "{:,.0f}")
