"""`_defaults.toml`: what the tenant files beside it share, below each file's own tables."""

from pathlib import Path

import pytest

from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.tenant import load

pytestmark = pytest.mark.offline

DEFAULTS = """
[nylas.v3]
client_id = "0f7a1c9e"
api_key = "env:SHARED_V3_KEY"
region = "eu"
[accounts]
domains = ["shared.example", "other.example"]
[exchange]
ews_usage = ["usage.csv"]
"""


def written(folder: Path, own: str, defaults: str = DEFAULTS) -> Path:
    (folder / "_defaults.toml").write_text(defaults, "utf-8")
    path = folder / "anchor.toml"
    path.write_text(own, "utf-8")
    return path


def test_a_files_own_keys_stand_over_the_defaults_and_a_list_stands_as_a_whole(tmp_path: Path) -> None:
    own = '[tenant]\nname = "anchor"\n[nylas.v3]\nregion = "us"\n[accounts]\ndomains = ["anchor.example"]\n'
    settings = load(written(tmp_path, own), {}).settings
    assert settings.nylas.v3
    assert (settings.nylas.v3.client_id, settings.nylas.v3.region) == ("0f7a1c9e", "us")
    assert settings.accounts
    assert settings.accounts.domains == ["anchor.example"]


def test_secrets_and_paths_of_the_defaults_are_those_of_the_tenant(tmp_path: Path) -> None:
    tenant = load(written(tmp_path, '[tenant]\nname = "anchor"\n'), {"SHARED_V3_KEY": "nyk-pl4nted-value"})
    assert tenant.secret("nylas.v3.api_key").reveal() == "nyk-pl4nted-value"
    assert tenant.beside(tenant.settings.exchange.ews_usage[0]) == tmp_path / "usage.csv"


def test_a_problem_names_the_file_where_it_stands(tmp_path: Path) -> None:
    defaults = f'{DEFAULTS}[endpoints]\ngraph = "graph.microsoft.com"\n[nylas.v2]\nregoin = "us"\n'
    path = written(tmp_path, '[tenant]\nname = " "\n[accounts]\nfil = "a.csv"\n', defaults)
    with pytest.raises(UsageProblem) as refused:
        load(path, {})
    lines = str(refused.value).splitlines()
    shared = [line for line in lines if line.startswith(f"{tmp_path / '_defaults.toml'}, ")]
    assert [line.partition(": ")[0].rpartition(", ")[2] for line in shared] == [
        "nylas.v2.regoin",
        "endpoints.graph",
    ]
    own = [line for line in lines if line.startswith(f"{path}, ")]
    assert len(own) + len(shared) == len(lines)
    assert {line.partition(": ")[0].rpartition(", ")[2] for line in own} >= {"tenant.name", "accounts.fil"}


def test_defaults_of_another_kind_than_the_files_own_give_way(tmp_path: Path) -> None:
    path = written(tmp_path, '[tenant]\nname = "anchor"\n', f'tenant = "shared"\n{DEFAULTS}')
    assert load(path, {}).settings.tenant.name == "anchor"
