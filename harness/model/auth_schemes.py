"""What to check when a service refuses the key."""

from __future__ import annotations

_OTHER_SCHEMES = {
    "bearer": "check the API key in {name}; a server that expects it in `x-api-key` needs"
    ' `auth = "x-api-key"`',
    "x-api-key": "check the API key in {name}; a server that expects a bearer token needs"
    ' `auth = "bearer"`',
    "none": 'no key was sent; set `auth = "bearer"` or `auth = "x-api-key"`, and the key in {name}',
}


def other_scheme(auth: str, key_name: str) -> str:
    """Return what to check, and which other scheme to try.

    Args:
        auth: How the key was sent: `bearer`, `x-api-key` or `none`.
        key_name: The environment variable of the key.
    """
    return _OTHER_SCHEMES[auth].format(name=key_name)
