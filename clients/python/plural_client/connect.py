"""How a client reaches the service: the key, the patience, and when to ask again."""

import httpx
from httpx_retries import Retry, RetryTransport

from plural_client.generated.client import AuthenticatedClient

_ASK_AGAIN = (429, 503)
"""Nothing was done when the service answers one of these."""
_NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout)


def connect(base_url: str, key: str, *, timeout_seconds: float = 10.0, attempts: int = 5) -> AuthenticatedClient:
    """Return a client, sync and async, for the service at ``base_url`` (without ``/v1``).

    A call that the service put off (429, 503) or that never reached it is made again, ``attempts`` times in all, after
    as many seconds as the answer's ``Retry-After`` says, else after .2, .4, .8 … seconds. Every other outcome is yours
    to see at once. Close it with ``with`` or ``async with``.
    """
    retry = Retry(
        total=attempts - 1,
        allowed_methods=["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"],
        status_forcelist=_ASK_AGAIN,
        retry_on_exceptions=_NOTHING_WAS_SENT,
        respect_retry_after_header=True,
        backoff_factor=0.2,
    )
    return AuthenticatedClient(
        base_url=base_url.rstrip("/"),
        token=key,
        prefix="",
        auth_header_name="X-API-Key",
        timeout=httpx.Timeout(timeout_seconds),
        httpx_args={"transport": RetryTransport(retry=retry)},
    )
