"""G10, G11, G17: what it costs to have a step recorded, and how soon it begins."""
import json
import os
import subprocess
import time

from figures import bound, ratio, side
from machine import PLAIN
from servers import STEPS, Runner

TASKS = '''import os
import time

from invoke import task


@task
def noop(c):
    pass


@task
def stamp(c):
    now = time.time_ns()
    with open(os.environ["BENCH_STAMP"] + ".new", "w") as file:
        file.write(str(now))
    os.rename(os.environ["BENCH_STAMP"] + ".new", os.environ["BENCH_STAMP"])
'''
AUTHOR = {"GIT_AUTHOR_NAME": "Octo", "GIT_AUTHOR_EMAIL": "octo@example.org", "GIT_COMMITTER_NAME": "Octo",
          "GIT_COMMITTER_EMAIL": "octo@example.org"}


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, env={**PLAIN, **AUTHOR}, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def make_repository(folder):
    """A small repository: tasks that do nothing, and forty files."""
    folder.mkdir()
    (folder / "tasks.py").write_text(TASKS)
    for i in range(20):
        service = folder / "platform" / f"{i:02}.service-{i}"
        service.mkdir(parents=True)
        (service / "compose.yaml").write_text("services: {}\n" * 20)
        (service / "deploy.py").write_text("# nothing\n" * 20)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


def recorded(runner, executor):
    """One deployment of all no-op services of an executor: milliseconds from the start of a step to the
    start of the next (the first left out: it compiles tasks.py), and of the whole deployment."""
    answer = runner.post("/sync", {"services": [f"{executor}/s{i}" for i in range(STEPS)]})
    runner.finish(answer["deployment_id"])
    starts = [row[0] for row in runner.ask(
        "SELECT started_at FROM steps WHERE deployment = ? ORDER BY position", answer["deployment_id"])]
    began, asked, ended = runner.ask("SELECT started_at, created_at, finished_at FROM deployments WHERE id = ?",
                                     answer["deployment_id"])[0]
    step = (starts[-1] - starts[1]) / (STEPS - 2)
    return step, ended - asked - step * STEPS


def spawned(machine, count, argv, directory):
    """Milliseconds of one run of a program, the mean of some in a row."""
    times = machine.output(machine.program("spawn"), count, *argv, cwd=directory, env=PLAIN).split()
    return sum(float(one) for one in times) / len(times) / 1000


def push(runner, repository, number):
    """A commit, and its push as GitHub tells it: milliseconds until the first instruction of the task."""
    before = git(repository, "rev-parse", "HEAD")
    (repository / "stamp").mkdir(exist_ok=True)
    (repository / "stamp" / "file").write_text(f"{number}\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", f"Change {number}")
    body = json.dumps({"ref": "refs/heads/main", "before": before, "after": git(repository, "rev-parse", "HEAD"),
                       "commits": [{"modified": ["stamp/file"]}], "pusher": {"name": "octo"}}).encode()
    runner.stamp.unlink(missing_ok=True)
    began = time.time_ns()
    answer = runner.post("/webhook", body, {"X-GitHub-Event": "push", "X-GitHub-Delivery": f"push-{number}"})
    runner.finish(answer["deployment_id"])
    return (int(runner.stamp.read_text()) - began) / 1e6


def bare_stamp(machine, repository):
    file = machine.folder / "bare-stamp"
    began = time.time_ns()
    subprocess.run(["invoke", "stamp"], cwd=repository, env={**PLAIN, "BENCH_STAMP": str(file)},
                   check=True, start_new_session=True)
    return (int(file.read_text()) - began) / 1e6


def measure(machine, repository, rounds):
    rounds = 2 * rounds
    figures = {name: [] for name in ("step", "bare", "around", "noop", "true", "push", "stamp")}
    syncs = [machine.sync_us()]
    with Runner(machine, "steps", repository) as runner:
        for number in range(-1, rounds):  # the first round warms up: the clone, bytecode, caches
            step, around = recorded(runner, "invoke")
            bare = spawned(machine, STEPS - 2, ["invoke", "noop"], repository)
            noop, _ = recorded(runner, "noop")
            true = spawned(machine, STEPS - 2, ["/bin/true"], repository)
            pushed = push(runner, repository, number)
            stamp = bare_stamp(machine, repository)
            if number >= 0:
                for name, value in zip(figures, (step, bare, around, noop, true, pushed, stamp)):
                    figures[name].append(value)
    syncs.append(machine.sync_us())
    report(machine, figures, syncs, rounds)


def report(machine, figures, syncs, rounds):
    def ms(name, values):
        side(name, values, "ms", "{:.2f}")

    print(f"\nSteps ({rounds} rounds, no core to itself). A whole recorded step: from the start of one to the start "
          f"of the\n  next in one deployment of {STEPS} (mean of {STEPS - 2}): the child, the plugin, the task, the "
          "log, three commits.")
    machine.line(syncs)
    ms("a recorded step of a no-op task", figures["step"])
    ms("bare `invoke` of the same task, same files", figures["bare"])
    ratio("G10 recorded step / bare invoke", figures["step"], figures["bare"], 1.10, 1.05, True)
    ms("what a deployment adds once: accept, fetch, work tree, end", figures["around"])
    ms("posix_spawn of /bin/true", figures["true"])
    bound("G11 child, plugin and bookkeeping of a no-op step", figures["noop"], "ms", 15, 6)
    ms("POST /webhook to the first instruction of the task", figures["push"])
    ms("bare `invoke` to the first instruction of the task", figures["stamp"])
    ratio("G17 push to first instruction / bare", figures["push"], figures["stamp"], 1.5, 1.1, True)
