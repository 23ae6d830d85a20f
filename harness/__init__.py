"""Tests prompts the way pytest tests code; `docs/python.md` shows the Python API."""


# Every command and every pytest session imports this, so it holds as little as it can: names are
# loaded when they are first used (PEP 562), and type checkers read `__init__.pyi`.
def __getattr__(name):  # noqa: ANN001, ANN202
    from harness.public_names import public_value

    return public_value(name)


def __dir__():  # noqa: ANN202
    from harness.public_names import listed_names

    return listed_names()
