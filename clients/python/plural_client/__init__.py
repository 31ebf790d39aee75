"""Typed client of Plural: ``connect`` makes one, ``generated`` holds every route and shape."""

from plural_client.connect import connect

__all__ = ["connect"]
