"""Plural: recommendations per identity, from one property graph."""

__version__ = "0.1.0"
