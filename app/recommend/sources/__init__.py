"""The sources of candidates, one class each; to add one, write its class and name it here."""

from app.recommend.sources.base import ScoringSource
from app.recommend.sources.community import Community
from app.recommend.sources.context import Page, Session
from app.recommend.sources.followed import Followed
from app.recommend.sources.next_to import NextTo
from app.recommend.sources.similar import Similar

SOURCES: tuple[ScoringSource, ...] = (Similar(), NextTo(), Session(), Page(), Followed(), Community())
"""Their scores are added up, each times its weight (``app/recommend/weights.py``)."""
