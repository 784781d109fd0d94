"""Make the suite's fixtures and options known when pytest runs from a checkout."""

pytest_plugins = ["nylas_readiness.fixtures.plugin"]
