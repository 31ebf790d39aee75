"""The `plural` command."""
