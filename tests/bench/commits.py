"""A repository with many commits, each of which changes one of twenty services, and their pushes."""
import json
import subprocess

from machine import PLAIN
from servers import signature
from steps import git, make_repository

SERVICES = 20


def named(number):
    return f"platform/service-{number % SERVICES}"


def changed(number):
    """The file that commit `number` changes; steps.make_repository made its folder."""
    return f"platform/{number % SERVICES:02}.service-{number % SERVICES}/compose.yaml"


class Commits:
    services = [named(number) for number in range(SERVICES)]

    def __init__(self, folder, count):
        """count commits after the first one."""
        self.folder, self.count = make_repository(folder), count
        stream = []
        for number in range(1, count + 1):
            text, message = f"services: {{}} # {number}\n", f"Change {number}"
            stream.append(
                f"commit refs/heads/main\ncommitter Octo <octo@example.org> {1_700_000_000 + number} +0000\n"
                f"data {len(message)}\n{message}\n" + ("from refs/heads/main^0\n" if number == 1 else "") +
                f"M 100644 inline {changed(number)}\ndata {len(text)}\n{text}\n")
        subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, env=PLAIN, check=True, text=True,
                       input="".join(stream))
        self.revisions = git(folder, "rev-list", "--reverse", "main").splitlines()
        self.numbers = {revision: number for number, revision in enumerate(self.revisions)}

    def pushes(self, count):
        """The pushes of the first `count` commits, as (delivery, whole HTTP request)."""
        return [(f"push-{number}", self.request(number)) for number in range(1, count + 1)]

    def request(self, number):
        after = self.revisions[number]
        commit = {"id": after, "message": f"Change {number}", "added": [], "removed": [],
                  "modified": [changed(number)]}
        body = json.dumps({"ref": "refs/heads/main", "before": self.revisions[number - 1], "after": after,
                           "commits": [commit], "head_commit": commit, "pusher": {"name": "octo"}}).encode()
        return signed("/webhook", body, {"X-GitHub-Event": "push", "X-GitHub-Delivery": f"push-{number}"})

    def behind(self, runner, deliveries):
        """The services that are deployed at an older commit than the last of these pushes that changed them."""
        last = {}
        for delivery in deliveries:
            number = int(delivery.removeprefix("push-"))
            last[named(number)] = max(number, last.get(named(number), 0))
        good = dict(runner.ask("SELECT service, last_good_revision FROM targets WHERE environment = 'staging'"))
        return [service for service, number in last.items()
                if self.numbers.get(good.get(service, ""), 0) < number]


def signed(path, body, headers):
    """One request, as bytes."""
    head = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": len(body),
            "X-Hub-Signature-256": signature(body), **headers}
    return (f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items()) +
            "\r\n").encode() + body
