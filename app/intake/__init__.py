"""What arrives, in whichever shape, turned into the words of the domain."""
