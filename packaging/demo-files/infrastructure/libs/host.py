"""What the services share: how a host becomes what the repository says."""

import os
from pathlib import Path


def converge(c, service, compose):
    """Deploys a compose file if the host runs anything else, and says which it was.

    With Docker, `docker compose up --detach` would follow; the host of the demo is a folder.
    """
    running = Path(os.environ["DEMO_HOST"], service, "compose.yaml")
    if running.exists() and running.read_text() == compose.read_text():
        report("unchanged", f"{service} already runs {image(compose)}")
        return
    command = f"install -D --mode=644 '{compose}' '{running}'"
    print(f"$ {command}")
    c.run(command)
    report("changed", f"{service} runs {image(compose)}")


def image(compose):
    return next(line.split()[1] for line in compose.read_text().splitlines() if "image:" in line)


def report(outcome, summary):
    print(summary)
    with open(os.environ["IAC_OUTPUT"], "a") as output:
        output.write(f"outcome={outcome}\nsummary={summary}\n")
