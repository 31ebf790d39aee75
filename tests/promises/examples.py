"""How many generated cases a promise must stand: 12 in `make test`, 200 in `make test-long`, 5,000 in `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("PLURAL_EXAMPLES", "12"))

promised = settings(
    max_examples=EXAMPLES,
    deadline=None,  # a real database answers when it can
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
"""Decorates the test of a promise."""

rebuilt = settings(promised, max_examples=max(10, EXAMPLES // 2))
"""Decorates one whose every case builds a graph twice."""

refreshed = settings(promised, max_examples=max(10, EXAMPLES // 4))
"""Decorates one whose every case is two or three refreshes."""

shown = settings(promised, max_examples=max(10, EXAMPLES // 8))
"""Decorates one whose every case is a crowd, a run over it and all that the API says of it."""
