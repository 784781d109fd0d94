"""`_defaults.toml`: what the tenant files beside it share, below each file's own tables."""

from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.tenant import load

pytestmark = pytest.mark.offline

DEFAULTS = """
[nylas.v3]
client_id = "0f7a1c9e"
api_key = "env:SHARED_V3_KEY"
region = "eu"
[endpoints]
proxy = "http://proxy.example:3128"
ca_file = "ca.pem"
"""


def written(folder: Path, own: str, defaults: str = DEFAULTS) -> Path:
    (folder / "_defaults.toml").write_text(defaults, "utf-8")
    path = folder / "anchor.toml"
    path.write_text(own, "utf-8")
    return path


def test_a_files_own_keys_stand_over_the_defaults(tmp_path: Path) -> None:
    own = '[tenant]\nname = "anchor"\n[nylas.v3]\nregion = "us"\n[endpoints]\nca_file = "own.pem"\n'
    settings = load(written(tmp_path, own), {}).settings
    assert settings.nylas.v3
    assert (settings.nylas.v3.client_id, settings.nylas.v3.region) == ("0f7a1c9e", "us")
    assert (settings.endpoints.proxy, settings.endpoints.ca_file) == ("http://proxy.example:3128", "own.pem")


def test_secrets_and_paths_of_the_defaults_are_those_of_the_tenant(tmp_path: Path) -> None:
    tenant = load(written(tmp_path, '[tenant]\nname = "anchor"\n'), {"SHARED_V3_KEY": "nyk-pl4nted-value"})
    assert tenant.secret("nylas.v3.api_key").reveal() == "nyk-pl4nted-value"
    assert tenant.beside(tenant.settings.endpoints.ca_file or "") == tmp_path / "ca.pem"


def test_a_problem_names_the_file_where_it_stands(tmp_path: Path) -> None:
    defaults = f'{DEFAULTS}graph = "graph.microsoft.com"\n[nylas.v2]\nregoin = "us"\n'
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


@each_of(
    ("text", "keys"),
    [
        ('[tenant]\nid = "one.example"\nsandbox = true\n', ["tenant.id"]),
        (
            '[accounts]\ndomains = ["one.example"]\n[service_account]\nemail = "a@one.example"\n',
            ["service_account", "accounts"],
        ),
        ('[microsoft]\nrefresh_token = "file:token.txt"\n', ["microsoft.refresh_token"]),
        ('[exchange]\nhosting = "online"\nhttp_proxy_logs = ["logs"]\n', ["exchange.http_proxy_logs"]),
    ],
)
def test_what_is_one_tenants_own_is_no_default(tmp_path: Path, text: str, keys: list[str]) -> None:
    """Each of the others would be audited by this one's token, lists and logs."""
    with pytest.raises(UsageProblem) as refused:
        load(written(tmp_path, '[tenant]\nname = "anchor"\n', f"{DEFAULTS}{text}"), {})
    lines = str(refused.value).splitlines()
    told = "it is one tenant's own, and no default of all. Write it into that tenant's file"
    assert lines == [f"{tmp_path / '_defaults.toml'}, {key}: {told}" for key in keys]


@each_of("target", ["_defaults.toml", "nowhere.toml"])
def test_defaults_behind_a_broken_link_are_not_left_out_in_silence(tmp_path: Path, target: str) -> None:
    (folder := tmp_path / target).mkdir()
    path = written(folder, '[tenant]\nname = "anchor"\n')
    (folder / "_defaults.toml").unlink()
    (folder / "_defaults.toml").symlink_to(target)
    with pytest.raises(UsageProblem, match=r"_defaults\.toml: the file of defaults"):
        load(path, {})


def test_the_defaults_are_no_tenants_file(tmp_path: Path) -> None:
    path = written(tmp_path, "").with_name("_defaults.toml")
    with pytest.raises(UsageProblem, match="it is no tenant's: the tenant files beside"):
        load(path, {})


def test_defaults_of_another_kind_than_the_files_own_give_way(tmp_path: Path) -> None:
    path = written(tmp_path, '[tenant]\nname = "anchor"\n', f'tenant = "shared"\n{DEFAULTS}')
    assert load(path, {}).settings.tenant.name == "anchor"
