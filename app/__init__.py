"""Plural: recommendations per identity, from one property graph."""
