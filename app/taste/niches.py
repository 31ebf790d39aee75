"""How many of a community would buy a brand if its members bought it like others with their microgenres do."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.facets import Lines, count_buyers, mark
from app.taste.values import Floats, Matrix

_PEOPLE_AT_ONCE = 20_000
_SURE = 0.999
"""Nobody is expected with more certainty; keeps logarithms finite."""


@dataclass(frozen=True)
class Expected:
    """Expected buyers of each brand in each community; both of shape (communities, brands)."""

    buyers: Floats
    spread: Floats
    """Standard deviation of the number of buyers, were each member to decide by lot."""


def expect_buyers(members: Matrix, bought: Matrix, genres: Matrix, lines: Lines, brands: Matrix) -> Expected:
    """Expect each brand's buyers by the microgenres that people buy in.

    A person buys the brand in a microgenre with the chance that anybody who buys in it does, independently in each;
    the chances are scaled so that all people together are expected to be as many as really buy. Shapes: ``members``
    (people, communities), ``bought`` (people, products), ``genres`` (products, genres), ``brands`` (products, brands);
    ``lines`` are the brands by microgenre.
    """
    in_genre = mark(bought @ genres)
    misses = _log_misses(in_genre, bought, lines, brands.shape[1])
    really = count_buyers(members, bought, brands).overall
    scale = really / np.maximum(1e-9, sum((one.sum(axis=0) for one in _chances(in_genre, misses)), np.zeros(1)))
    shape = (members.shape[1], brands.shape[1])
    buyers, variance = np.zeros(shape), np.zeros(shape)
    for start, chances in enumerate(_chances(in_genre, misses)):
        scaled = np.minimum(_SURE, chances * scale)
        belongs = mark(members[start * _PEOPLE_AT_ONCE : (start + 1) * _PEOPLE_AT_ONCE])
        buyers += belongs.T @ scaled
        variance += belongs.T @ (scaled * (1 - scaled))
    return Expected(buyers, np.sqrt(variance))


def _log_misses(in_genre: Matrix, bought: Matrix, lines: Lines, brands: int) -> Matrix:
    """Log of the chance that somebody who buys in a genre does not buy each brand there; shape (genres, brands)."""
    of_genre = np.maximum(1.0, np.asarray(in_genre.sum(axis=0)).ravel())
    of_line = np.asarray(mark(bought @ lines.groups).sum(axis=0)).ravel()
    misses = np.log1p(-np.minimum(_SURE, of_line / of_genre[lines.other]))
    return csr_array((misses, (lines.other, lines.brand)), shape=(len(of_genre), brands))


def _chances(in_genre: Matrix, misses: Matrix) -> list[Floats]:
    """Chance of each person for each brand, some people at a time."""
    starts = range(0, in_genre.shape[0], _PEOPLE_AT_ONCE)
    return [1 - np.exp((in_genre[at : at + _PEOPLE_AT_ONCE] @ misses).toarray()) for at in starts]
