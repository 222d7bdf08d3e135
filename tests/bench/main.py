"""tests/bench/run calls this: main.py BUILD [TABLE...]"""
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import bounds
import bursts
import losing
import pages
import parts
import receiving
import starting
import steps
from commits import Commits
from machine import CORES, Machine

COMMITS = 12_000


def tables(machine):
    """Every table by its name, in the order they are measured. What two of them use is made by the first."""
    rounds, seconds, rows = (int(os.environ.get(name, default)) for name, default in
                             (("BENCH_ROUNDS", 5), ("BENCH_SECONDS", 2), ("BENCH_ROWS", 1_000_000)))
    small = cache(lambda: steps.make_repository(machine.folder / "repository"))
    large = cache(lambda: Commits(machine.folder / "commits", COMMITS))
    return {
        "receiving": lambda: receiving.measure(machine, small(), rounds, seconds),
        "steps": lambda: steps.measure(machine, small(), rounds),
        "bursts": lambda: bursts.measure(machine, large(), max(1, rounds // 2)),
        "bounds": lambda: bounds.measure(machine, large(), rounds),
        "losing": lambda: losing.measure(machine, large(), rounds),
        "parts": lambda: parts.measure(machine, rounds),
        "pages": lambda: pages.measure(machine, rounds, rows),
        "starting": lambda: starting.measure(machine, small(), 3 * rounds, rows),
    }


def main(build, *wanted):
    if len(CORES) < 2:
        raise SystemExit("bench: two cores are needed, one for the servers and one for wrk")
    build = Path(build).resolve()
    # On the disk of the build, not in a /tmp that may be memory.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    all_tables = tables(Machine(build, folder))
    unknown = [one for one in wanted if one not in all_tables]
    if unknown:
        folder.rmdir()
        raise SystemExit(f"bench: there is no table {unknown[0]!r} (there are: {', '.join(all_tables)})")
    began = time.monotonic()
    try:
        for name in all_tables:
            if not wanted or name in wanted:
                all_tables[name]()
    except BaseException:
        print(f"bench: what the programs said lies in {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder)
    print(f"\nMeasured in {time.monotonic() - began:.0f} s. With one connection on a slow disk the runner is slower "
          "than a program that keeps nothing:\nit waits for the disk, and that one has nothing to wait for.")


if __name__ == "__main__":
    main(*sys.argv[1:])
