"""Data sets that `plural evaluate` knows, all in one shape."""

from app.evaluation.datasets.camra import read_camra
from app.evaluation.datasets.complete_journey import read_complete_journey
from app.evaluation.datasets.lastfm import read_lastfm
from app.evaluation.datasets.movielens import read_movielens
from app.evaluation.datasets.tables import read_tables
from app.evaluation.datasets.values import Dataset, Interactions, TagActs

__all__ = [
    "Dataset",
    "Interactions",
    "TagActs",
    "read_camra",
    "read_complete_journey",
    "read_lastfm",
    "read_movielens",
    "read_tables",
]
