"""HTTP only: parse, check the key, ask a service, shape the answer."""
