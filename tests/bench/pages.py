"""G15: pages of the history, among few and many, at its beginning and deep in it."""
from figures import ratio, side


def ask(machine, rows, rounds):
    """Makes a history of few deployments and one of many, and asks both."""
    folder = machine.folder / "pages"
    folder.mkdir()
    return machine.output(machine.program("pages"), folder, rows, rounds).splitlines()


def filled(machine, rows):
    """The file of the history with many, which nothing has open."""
    file = machine.folder / "pages" / "many.db"
    if not file.exists():
        ask(machine, rows, 0)
    return file


def measure(machine, rounds, rows):
    figures = {}
    for line in ask(machine, rows, rounds):
        name, *values = line.split()
        figures.setdefault(name, []).append([float(one) for one in values])
    first, middle, end, offset = (list(one) for one in zip(*figures.pop("depth")))
    print(f"\nPages of the history ({rounds} rounds, the median of 15 pages in each)")
    machine.line()
    for name, pairs in figures.items():
        few, many = (list(one) for one in zip(*pairs))
        side(f"a page by {name}, 1,000 deployments", few, "us")
        side(f"a page by {name}, {rows:,} deployments", many, "us")
        ratio(f"G15 by {name}: many / few", many, few, 5, 2, True)
    side("the first page", first, "us")
    side("the page in the middle", middle, "us")
    side("the last page", end, "us")
    side("the page in the middle, by OFFSET", offset, "us")
    ratio("G15 in the middle / the first", middle, first, 10, 4, True)
    ratio("G15 the last / the first", end, first, 10, 4, True)
    ratio("G15 in the middle / the same by OFFSET", middle, offset, 0.05, 0.005, True)
