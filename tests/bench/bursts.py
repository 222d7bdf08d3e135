"""G12: what becomes of a burst of pushes: deployments by the runner, commands by webhook."""
import time

from client import send
from commits import SERVICES
from figures import ratio, side
from machine import wait_for
from marks import Marking
from servers import Runner

BURST = 10_000
CONNECTIONS = 64
PATIENCE = 300  # seconds, until all of it is deployed


def lines(commits):
    """The services of these commits, for the configuration of the runner."""
    return [f"{{ id: {service}, executor: noop }}" for service in commits.services]


def ours(machine, commits, pushes, name):
    with Runner(machine, name, commits.folder, services=lines(commits)) as runner:
        began = time.monotonic()
        accepted = send(runner, pushes, CONNECTIONS)
        sent = time.monotonic()
        wait_for(runner.drained, PATIENCE, f"the burst is not deployed after {PATIENCE} s; the log is "
                 f"{runner.folder}/log", pause=0.05)
        ended = time.monotonic()
        kept = runner.pushes_kept()
        behind = commits.behind(runner, accepted)
        failed = runner.ask("SELECT COUNT(*) FROM deployments WHERE state NOT IN ('success', 'superseded')")[0][0]
        if not len(accepted) == kept == len(pushes) or behind or failed:
            raise SystemExit(f"bench: of {len(pushes)} pushes {len(accepted)} were accepted and {kept} kept; {failed} "
                             f"deployments failed; not deployed as they should be: {behind}")
        made = runner.ask("SELECT COUNT(*) FROM deployments WHERE state = 'success'")[0][0]
        steps = runner.ask("SELECT COUNT(*) FROM steps WHERE state = 'unchanged'")[0][0]
        return {"made": made, "steps": steps, "sent": sent - began, "whole": ended - began}


def theirs(machine, pushes, name):
    with Marking(machine, name) as webhook:
        began = time.monotonic()
        accepted = send(webhook, pushes, CONNECTIONS)
        sent = time.monotonic()
        ended = webhook.settle(PATIENCE)
        made = len(webhook.done())
        return {"made": made, "never": len(accepted) - made, "sent": sent - began, "whole": ended - began}


def measure(machine, commits, rounds):
    pushes = commits.pushes(BURST)
    syncs, runner, webhook = [], [], []
    for number in range(rounds):
        syncs.append(machine.sync_us())
        runner.append(ours(machine, commits, pushes, f"bursts-{number}"))
        webhook.append(theirs(machine, pushes, f"bursts-webhook-{number}"))

    def of(measured, what):
        return [one[what] for one in measured]

    print(f"\nBursts: {len(pushes):,} pushes, each of a commit that changes one of {SERVICES} services, over "
          f"{CONNECTIONS} connections ({rounds} rounds)\n  (a step does nothing: the sooner deployments end, the more "
          "of them there are)")
    machine.line(syncs)
    side("iac-runner, deployments", of(runner, "made"), "")
    side("iac-runner, steps in them", of(runner, "steps"), "")
    side("iac-runner, all accepted after", of(runner, "sent"), "s", "{:.1f}")
    side("iac-runner, all deployed after", of(runner, "whole"), "s", "{:.1f}")
    side("webhook, commands", of(webhook, "made"), "")
    side("webhook, commands that it could not start", of(webhook, "never"), "")
    side("webhook, all accepted after", of(webhook, "sent"), "s", "{:.1f}")
    side("webhook, all done after", of(webhook, "whole"), "s", "{:.1f}")
    ratio("G12 deployments / pushes", of(runner, "made"), [len(pushes)] * rounds, 0.05, 0.01, True)
