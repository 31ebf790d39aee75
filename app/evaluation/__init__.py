"""How good the served path is, on real data."""
