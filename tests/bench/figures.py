"""Figures in sentences: a median with its range, a ratio beside what it must be."""
from statistics import median


def spread(values, form="{:,.0f}"):
    """median [min-max]"""
    low, middle, high = (form.format(f(values)) for f in (min, median, max))
    return f"{middle} [{low}-{high}]" if len(values) > 1 else middle


def ratio(name, ours, theirs, must, goal, smaller=False):
    """One line: the ratio inside each round, its median [min-max], and what it has to be.

    ours and theirs hold one figure for each round, in the same order."""
    rounds = [a / b for a, b in zip(ours, theirs)]
    middle = median(rounds)
    form = "{:.2f}" if not smaller or middle >= 2 else "{:.3f}" if middle >= 0.01 else "{:.4f}"
    missed = [word for word, bound in (("must", must), ("goal", goal))
              if (middle > bound if smaller else middle < bound)]
    sign = "<=" if smaller else ">="
    verdict = f"   MISSED: {missed[0]}" if missed else ""
    print(f"  {name}: {spread(rounds, form)}   must {sign} {must}, goal {sign} {goal}{verdict}", flush=True)


def bound(name, values, unit, must, goal, form="{:.2f}"):
    """One line for what is measured by itself; smaller is better."""
    missed = [word for word, most in (("must", must), ("goal", goal)) if median(values) > most]
    verdict = f"   MISSED: {missed[0]}" if missed else ""
    print(f"  {name}: {spread(values, form)} {unit}   must <= {must}, goal <= {goal}{verdict}", flush=True)


def side(name, values, unit, form="{:,.0f}"):
    print(f"    {name:<58} {spread(values, form)} {unit}", flush=True)
