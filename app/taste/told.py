"""Figures made of counts of people, from what may be told of the counts and from nothing else."""

from app.domain.disclosure import UNKNOWN, Disclosure, Figure, significant
from app.taste.intervals import poisson, wilson


def tell_share(rule: Disclosure, hits: int, people: int) -> Figure:
    """Tell a share of people; unknown when the hits or the people are fewer than k.

    The interval covers chance and the width of the steps.
    """
    told_hits, told_people = rule.count(hits), rule.count(people)
    middle_hits, middle_people = rule.middle(hits), rule.middle(people)
    if told_hits is None or told_people is None or middle_hits is None or middle_people is None:
        return UNKNOWN
    most_people = rule.most(people)
    low = wilson(min(told_hits, most_people), most_people)[0]
    high = wilson(min(rule.most(hits), told_people), told_people)[1]
    return Figure(significant(min(1.0, middle_hits / middle_people)), significant(low), significant(high), told_people)


def tell_lift(rule: Disclosure, lift: float, support: int) -> Figure:
    """Tell how many times as often as elsewhere; unknown when it rests on fewer than k people.

    The exact lift would betray the exact count, so it is told as if it rested on the middle of its step.
    """
    told, middle = rule.count(support), rule.middle(support)
    if told is None or middle is None:
        return UNKNOWN
    each = lift / support
    low, high = poisson(told)[0] * each, poisson(rule.most(support))[1] * each
    return Figure(significant(each * middle), significant(low), significant(high), told)
