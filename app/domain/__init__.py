"""Pure rules and frozen values; no I/O."""
