"""One file per use case; each declares the Protocols that it needs."""
