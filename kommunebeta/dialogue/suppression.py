"""Which counts of a survey must not be shown, so that nobody can be picked out.

A count below five, nought included, is never shown: who knows that one of three answered «no» is soon to
know who, and nought tells what *everybody* thought. (Hundepool et al., *Statistical Disclosure Control*,
Wiley 2012, chapter 5 on frequency tables: identification by small counts, and group disclosure.)

Hiding those counts is not enough. The attacker whom these functions hold out knows all that the page shows:
the other counts, how many answered each line, how many took part, and that everybody uses each place of a
ranking once. The attacker knows this program too. So:

* *Secondary suppression* (ibid., chapter 4). Where a total is known, a lone hidden count is the total less
  the others. At least two are hidden, with five or more people behind them.
* *Minimality.* Whoever knows that as little as possible is hidden learns from what is *not* hidden. Of the
  counts 5, 4, 4 that rule would hide the last two. Their sum is 8; had they been 3 and 5, the first 5 would
  have been hidden and not the last, so that the attacker is left with 4 and 4. (Wong et al., *Minimality
  Attack in Privacy Preserving Data Publishing*, VLDB 2007.) Therefore more is hidden where there is too
  little room below the counts that are shown.

All hidden counts look the same, whether they are small or hidden for another's sake. The tests go through
every table of small surveys, gather those that look alike, and find several values behind each gap.

Not hidden is how many left a question unanswered: that is no answer, and tells nothing of anybody's mind.
"""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 5
"""The smallest count that may be shown."""


def may_be_shown(count: int) -> bool:
    """Whether a count that stands alone, such as the number of respondents, may be shown."""
    return count >= LIMIT


def hidden_answers(counts: Sequence[int]) -> frozenset[int]:
    """The counts to hide where everybody gave one answer and the number of answers is known.

    The smallest are hidden: at least two, with five or more people behind them, and so many that each of
    them could be anything from nought to four without any of the others being as large as a count that is
    shown. From the choice of what is hidden one then cannot tell more than from the sum.

    Args:
        counts: how many gave each answer.

    Returns:
        Positions in ``counts``; all of them where less does not hold. Their sum is below five only if all
        are hidden, and then the total must be hidden too.
    """
    order = sorted(range(len(counts)), key=lambda at: (counts[at], at))
    if all(map(may_be_shown, counts)):
        return frozenset()
    for size in range(2, len(order)):
        behind = sum(counts[at] for at in order[:size])
        least_shown = counts[order[size]]
        if may_be_shown(least_shown) and LIMIT <= behind <= (size - 1) * (least_shown - 1):
            return frozenset(order[:size])
    return frozenset(order)


def hidden_choices(counts: Sequence[int], asked: int) -> frozenset[int]:
    """The counts to hide where people could choose several answers.

    Each answer stands alone: the counts have no known sum. But the number of those asked is known, so a
    count also tells how many did *not* choose the answer, and neither may be below five.

    Args:
        counts: how many chose each answer.
        asked: how many could have.

    Returns:
        Positions in ``counts``. Behind each is a number from 0 to 4, or one that is at most four below
        ``asked``.
    """
    return frozenset(
        at for at, count in enumerate(counts) if not (may_be_shown(count) and may_be_shown(asked - count))
    )


def shown_places(table: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """How the places of a ranking are shown: one by one, as an upper and a lower half, or not at all.

    In a ranking the sum of every row *and* every column is known, so that gaps would have to be balanced both
    ways. Every way that we tried to choose such gaps (the lightest, the next in turn, whole blocks of rows
    and columns) let someone who knows the program work some of them out. So there are no gaps: where a count
    is below five, places are merged (ibid., chapter 5: table redesign), which also leaves more to read.
    Whoever sees two halves learns that *some* count of *some* place is below five, and no more.

    Args:
        table: for each thing, how many gave it each place.

    Returns:
        The places, counted from 0, that are shown together; empty when nothing can be shown.
    """
    places = len(table[0])
    halves = (tuple(range(places // 2)), tuple(range(places // 2, places)))
    for groups in (tuple((place,) for place in range(places)), halves):
        if all(may_be_shown(sum(row[place] for place in group)) for row in table for group in groups):
            return groups
    return ()
