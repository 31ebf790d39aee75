"""The stores that a ranking reads from, built once a process."""

from copy import copy
from typing import Self

from app.graph.database import Database
from app.graph.items import Items
from app.graph.models import RunModels
from app.graph.readers import Readers
from app.settings import Settings

_MB = 2**20


class GraphStores:
    """Readers, models of runs and items of one database; implements ``RankingStores``."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.readers = Readers(db, settings.reader_cache_mb * _MB, settings.ranking_cache_seconds)
        self.models = RunModels(
            db, settings.models_folder, settings.model_cache_mb * _MB, settings.model_patience_seconds
        )
        self.items = Items(db, settings.item_cache_size)
        self._db = db

    def without_readers(self) -> Self:
        """The same models and products; what is of an identity is read each time."""
        other = copy(self)
        other.readers = Readers(self._db, 0, 0)
        return other

    def without_memory(self) -> Self:
        """The same models; what is of an identity or a product is read each time."""
        other = self.without_readers()
        other.items = Items(self._db, 0)
        return other
