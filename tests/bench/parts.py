"""G5, G16 and the plugin border: the history's group commit, the path rules, and one call, each by itself."""
import subprocess
import time
from statistics import median

from figures import ratio, side
from machine import PLAIN


def commits(machine, how, slow, name):
    folder = machine.folder / f"group-{name}"
    folder.mkdir()
    more = {"LD_PRELOAD": machine.program("slow_sync.so")} if slow else {}
    printed = machine.output(machine.program("group_commit"), folder / "history.db", 64, 1, how, env={**PLAIN, **more})
    return [float(one) for one in printed.split()]


def group_commit(machine, rounds):
    figures = {}
    syncs = []
    for number in range(rounds):
        syncs.append(machine.sync_us())
        for slow in (False, True):
            for how in ("together", "alone"):
                rate, _ = commits(machine, how, slow, f"{number}-{slow}-{how}")
                figures.setdefault((slow, how), []).append(rate)
    print(f"\nGroup commit: pushes a second that 64 threads put into the history ({rounds} rounds)")
    machine.line(syncs)
    for slow, what, must, goal in ((False, "", 1.5, 3), (True, ", 4 ms more per sync", 8, 15)):
        side("one transaction for what waits" + what, figures[slow, "together"], "/s")
        side("one transaction each" + what, figures[slow, "alone"], "/s")
        ratio("G5 together / each" + what, figures[slow, "together"], figures[slow, "alone"], must, goal)


def mapping(machine, rounds):
    folder = machine.folder / "mapping"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, env=PLAIN, check=True)
    plugins = machine.build / "lib" / "iac-runner" / "plugins"
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(median(float(one) for one in machine.output(
            machine.program("mapping"), plugins, folder, 3, env={
                **PLAIN, "IAC_LIBRARY_FOLDER": str(plugins.parent)}).split()) / 1000)
        with open(folder / "paths") as paths:
            began = time.monotonic()
            found = machine.output("git", "check-ignore", "--stdin", "--no-index", cwd=folder, env=PLAIN, stdin=paths)
            theirs.append((time.monotonic() - began) * 1000)
        if found.count("\n") != 10_000:
            raise SystemExit("bench: git check-ignore did not find all paths")
    print(f"\nMapping 10,000 changed paths by 1,000 rules ({rounds} rounds)")
    machine.line()
    side("iac.path-rules, through the plugin border", ours, "ms", "{:.1f}")
    side("git check-ignore, its process included", theirs, "ms", "{:.1f}")
    ratio("G16 path rules / git check-ignore", ours, theirs, 2, 0.5, True)


def border(machine, rounds):
    turns = []
    for _ in range(rounds):
        printed = machine.output(machine.program("border"), machine.build / "tests" / "bench" / "plugins", 11, env={
            **PLAIN, "IAC_LIBRARY_FOLDER": str(machine.build / "lib" / "iac-runner")})
        columns = zip(*([float(one) for one in line.split()] for line in printed.splitlines()))
        turns.append([median(one) for one in columns])
    step, empty, true, mapped, direct = (list(one) for one in zip(*turns))
    print(f"\nThe plugin border ({rounds} rounds, the median of 11 turns in each)")
    machine.line()
    side("a no-op step in the child", step, "us")
    side("the same child without a plugin: it opens none and ends", empty, "us")
    side("/bin/true, started the same way", true, "us")
    ratio("a no-op step / the child without a plugin", step, empty, 1.5, 1.2, True)
    side("a call of a mapper in the runner: 10 paths, 20 services", mapped, "us", "{:.2f}")
    side("the same function, called directly", direct, "us", "{:.2f}")
    ratio("a call of a mapper / the function itself", mapped, direct, 30, 20, True)


def measure(machine, rounds):
    group_commit(machine, max(2, rounds // 2))
    mapping(machine, rounds)
    border(machine, rounds)
