"""Make the suite's fixtures and options known when pytest runs from a checkout."""

import gc

pytest_plugins = ["nylas_readiness.fixtures.plugin"]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from what was collected: it lives as long as the run."""
    gc.freeze()
