"""Opening a database again in another process, which is handed this by name."""

from collections.abc import Callable
from functools import partial

from monespace_backends.storage import SqlStorage, make_engine


def at(url: str) -> Callable[[], SqlStorage]:
    """Make what opens it there."""
    return partial(opened, url)


def opened(url: str) -> SqlStorage:
    """Open storage on a database that has its tables."""
    return SqlStorage(make_engine(url, pool_size=4))
