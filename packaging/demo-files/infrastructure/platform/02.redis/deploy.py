from pathlib import Path

from invoke import task

from libs.host import converge


@task
def sync(c):
    """Makes Redis run as compose.yaml says."""
    converge(c, "redis", Path(__file__).with_name("compose.yaml"))
