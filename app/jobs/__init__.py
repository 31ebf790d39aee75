"""Offline work that writes a run and flips the pointer."""
