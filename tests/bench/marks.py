"""webhook, with a command that leaves a file for every push: what it did can be counted."""
import os
import time
from pathlib import Path

from servers import Webhook

MARK = Path(__file__).resolve().parent / "mark"


class Marking(Webhook):
    def __init__(self, machine, name, seconds="", descriptors=0):
        """seconds: how long each command sleeps after it has left its mark."""
        self.marks = machine.folder / f"{name}-marks"
        self.marks.mkdir()
        arguments = [{"source": "header", "name": "X-GitHub-Delivery"}, {"source": "string", "name": str(seconds)}]
        super().__init__(machine, name, command=MARK, arguments=arguments, folder=self.marks,
                         descriptors=descriptors)

    def done(self):
        """The deliveries whose command was started."""
        return set(os.listdir(self.marks))

    def settle(self, seconds, quiet=3):
        """Waits until no more marks come: when the last one was there."""
        until, count, since = time.monotonic() + seconds, -1, 0
        while time.monotonic() < until:
            now = len(os.listdir(self.marks))
            if now != count:
                count, since = now, time.monotonic()
            elif time.monotonic() - since > quiet:
                return since
            time.sleep(0.1)
        raise SystemExit(f"bench: after {seconds} s webhook still starts commands")
