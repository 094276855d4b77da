"""A store with a life behind it, copied for each test: built once, as for the tests of the store."""

from tests.store.conftest import built, built_stores

__all__ = ["built", "built_stores"]
