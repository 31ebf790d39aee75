"""What arrives, in whichever shape, becomes domain values."""
