from pathlib import Path

from invoke import task

from libs.host import converge


@task
def sync(c):
    """Makes PostgreSQL run as compose.yaml says."""
    converge(c, "postgres", Path(__file__).with_name("compose.yaml"))
