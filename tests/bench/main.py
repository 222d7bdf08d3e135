"""tests/bench/run calls this: main.py BUILD [TABLE...]"""
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pages
import parts
import receiving
import steps
from machine import CORES, Machine

TABLES = ("receiving", "steps", "parts", "pages")


def main(build, *tables):
    unknown = [one for one in tables if one not in TABLES]
    if unknown:
        raise SystemExit(f"bench: there is no table {unknown[0]!r} (there are: {', '.join(TABLES)})")
    if len(CORES) < 2:
        raise SystemExit("bench: two cores are needed, one for the servers and one for wrk")
    rounds, seconds = (int(os.environ.get(name, default)) for name, default in
                       (("BENCH_ROUNDS", 5), ("BENCH_SECONDS", 2)))
    build = Path(build).resolve()
    # On the disk of the build, not in a /tmp that may be memory.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    machine = Machine(build, folder)
    began = time.monotonic()
    try:
        repository = steps.make_repository(folder / "repository")
        if not tables or "receiving" in tables:
            receiving.measure(machine, repository, rounds, seconds)
        if not tables or "steps" in tables:
            steps.measure(machine, repository, rounds)
        if not tables or "parts" in tables:
            parts.measure(machine, rounds)
        if not tables or "pages" in tables:
            pages.measure(machine, rounds, int(os.environ.get("BENCH_ROWS", 1_000_000)))
    except BaseException:
        print(f"bench: what the programs said lies in {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder)
    print(f"\nMeasured in {time.monotonic() - began:.0f} s. With one connection on a slow disk the runner is slower "
          "than a program that keeps nothing:\nit waits for the disk, and that one has nothing to wait for.")


if __name__ == "__main__":
    main(*sys.argv[1:])
