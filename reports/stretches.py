"""Stretches of time: lists of (beginning, end) in milliseconds, to be joined, cut and measured."""

from collections.abc import Iterable

Stretch = tuple[int, int]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, in order."""
    whole: list[Stretch] = []
    for began, ended in sorted(stretches):
        if whole and began <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ended))
        elif ended > began:
            whole.append((began, ended))
    return whole


def common(some: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """What lies in both."""
    left, right = joined(some), joined(others)
    found: list[Stretch] = []
    here = there = 0
    while here < len(left) and there < len(right):
        began = max(left[here][0], right[there][0])
        ended = min(left[here][1], right[there][1])
        if began < ended:
            found.append((began, ended))
        if left[here][1] < right[there][1]:
            here += 1
        else:
            there += 1
    return found


def without(some: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """What lies in the first and not in the others."""
    found: list[Stretch] = []
    taken = joined(others)
    for began, ended in joined(some):
        for start, stop in taken:
            if start < ended and stop > began:
                if start > began:
                    found.append((began, start))
                began = max(began, stop)
        if began < ended:
            found.append((began, ended))
    return found


def lasted(stretches: Iterable[Stretch]) -> int:
    """All of it, in milliseconds."""
    return sum(ended - began for began, ended in stretches)
