"""Tenant files as texts, for the tests of what reads them."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.tenant import Tenant, load

EXAMPLE = files("nylas_readiness.fixtures.tenants").joinpath("example.toml").read_text("utf-8")
# The example with its commented sections switched on: every key that there is.
WHOLE = "\n".join(
    line.removeprefix("# ") if line.startswith("# ") and ("= " in line or line.startswith("# [")) else line
    for line in EXAMPLE.splitlines()
)
SECRET = "pl4nted-secret-value"
MINIMAL = """
[tenant]
name = "contoso"
[service_account]
email = "nylas-svc@contoso.com"
[nylas.v3]
client_id = "0f7a1c9e"
api_key = "env:NYLAS_V3_KEY"
"""


def tenant_of(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Tenant:
    """Load the text as a tenant file of this folder."""
    path = folder / "contoso.toml"
    path.write_text(text, "utf-8")
    return load(path, environ or {})


def refusals_of(folder: Path, text: str) -> list[str]:
    """Return what is wrong with the text, a line for each problem; no line shows a secret."""
    with pytest.raises(UsageProblem) as refusal:
        tenant_of(folder, text)
    lines = str(refusal.value).split("\n")
    for line in lines:
        assert line.startswith(str(folder / "contoso.toml"))
        assert line.isprintable()
        assert SECRET not in line
    return [line.removeprefix(str(folder / "contoso.toml")) for line in lines]
