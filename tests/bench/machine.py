"""The machine: what it is, what it does meanwhile, and where programs run on it."""
import os
import subprocess
import time

CORES = sorted(os.sched_getaffinity(0))
PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
         "HOME": "/tmp", "GIT_CONFIG_GLOBAL": "/dev/null"}


class Machine:
    """Where the programs of the benchmark lie, and the folder it works in, on the disk it measures."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder

    def program(self, name):
        return str(self.build / "tests" / "bench" / name)

    def output(self, *argv, **more):
        return subprocess.run([str(a) for a in argv], check=True, text=True, stdout=subprocess.PIPE,
                              **more).stdout

    def sync_us(self):
        """p50 of write + fdatasync of 4 KiB, here and now."""
        return float(self.output(self.program("disk"), self.folder, 200).split()[0])

    def line(self, syncs=None):
        syncs = syncs or [self.sync_us()]
        load = " ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"  (fdatasync p50 {min(syncs):.0f}-{max(syncs):.0f} us, {len(CORES)} cores, load {load})",
              flush=True)


def pinned(argv, core):
    return ["taskset", "-c", str(core), *argv]


def wait_for(what, seconds, sentence, pause=0.002):
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise SystemExit(f"bench: {sentence}")
        time.sleep(pause)


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += [int(one) for one in file.read().split()]
        except FileNotFoundError:
            pass
    return found


def ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def settle(pid, seconds=30):
    """Waits until the program has nothing left to do: what it accepted must not slow the next one."""
    until = time.monotonic() + seconds
    before = -1
    while time.monotonic() < until:
        now = ticks(pid)
        if now == before:
            return
        before = now
        time.sleep(0.15)


def grown_mib(pid, act):
    """By how much a program grew at most while act() ran."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")  # VmHWM begins anew
    before = memory_kib(pid, "VmRSS")
    act()
    return (memory_kib(pid, "VmHWM") - before) / 1024


def memory_kib(pid, which):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(which + ":"))
