"""The demo: a real crowd and a small hand-written cast."""
