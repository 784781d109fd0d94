"""`init` writes a tenant file that an audit can read, looks the tenant up, and overwrites nothing."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.console_script import run
from nylas_readiness.fixtures.inputs.tenant import load

pytestmark = pytest.mark.offline

APP = "7d1f0a52-6f7b-4a5e-9f57-0a1b2c3d4e5f"
V2 = {
    "--service-account": "svc@halden.example",
    "--v2-client-id": "v2client",
    "--microsoft-client-id": APP,
    "--redirect-uri": "http://localhost:8400/",
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the tenant file of a sandbox that serves."""
    from nylas_readiness.fixtures.sandbox.server import start

    with start("migration-ready", tmp_path_factory.mktemp("sandbox"), accounts=8) as sandbox:
        yield sandbox.tenant_file


def options(answers: dict[str, str], sandbox: Path) -> list[str]:
    given = [part for option, value in answers.items() for part in (option, value)]
    return [*given, "--endpoints", str(sandbox)]


def test_the_tenant_file_names_the_tenant_of_the_domain_and_no_secret(sandbox: Path, tmp_path: Path) -> None:
    ended = run(tmp_path, "init", "halden", *options(V2, sandbox))
    assert ended.exit_code == 0, ended.output
    tenant = load(tmp_path / "tenants" / "halden.toml", {})
    assert tenant.settings.tenant.id == load(sandbox, {}).settings.tenant.id
    assert tenant.sides == ("v2",)
    assert tenant.references() == {
        "microsoft.client_secret": "env:HALDEN_MS_SECRET",
        "microsoft.refresh_token": "file:halden/refresh-token",
        "nylas.v2.client_secret": "env:HALDEN_NYLAS_V2_SECRET",
    }


def test_a_tenant_of_v3_alone_needs_no_service_account(sandbox: Path, tmp_path: Path) -> None:
    answers = {"--domain": "halden.example", "--v3-client-id": "v3client", "--v3-microsoft-client-id": APP}
    ended = run(tmp_path, "init", "north-sea", *options(answers, sandbox))
    assert ended.exit_code == 0, ended.output
    tenant = load(tmp_path / "tenants" / "north-sea.toml", {})
    assert tenant.sides == ("v3",)
    assert tenant.references()["nylas.v3.api_key"] == "env:NORTH_SEA_NYLAS_V3_KEY"


def test_what_is_there_already_stays_as_it_is(sandbox: Path, tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "halden.toml").write_text("mine", "utf-8")
    ended = run(tmp_path, "init", "halden", *options(V2, sandbox))
    assert (ended.exit_code, (tmp_path / "tenants" / "halden.toml").read_text("utf-8")) == (4, "mine")
    assert "it is there already" in ended.output


# What is given in the place of one answer, and what the line says of it.
WRONG = {
    "missing": ({"--redirect-uri": ""}, ["it needs --redirect-uri"]),
    "no side": ({"--v2-client-id": ""}, ["--v2-client-id or --v3-client-id"]),
    "no GUID": ({"--microsoft-client-id": "Nylas app"}, ["microsoft.client_id: not a GUID"]),
    "a v3 key": (
        {"--v2-client-id": "nyk_v0_4RxU0aVbWcXdYeZf"},
        ["nylas.v2.client_id: it looks like a secret"],
    ),
    "v3's region": ({"--v2-region": "eu"}, ["nylas.v2.region", "v2 calls it ireland"]),
    "no address": ({"--service-account": "svc", "--domain": "halden.example"}, ["not an e-mail address"]),
    "unknown domain": ({"--domain": "nobody.example"}, ["--domain nobody.example: no tenant has it"]),
}


@each_of("name", list(WRONG))
def test_an_answer_that_cannot_be_meant_is_named_and_nothing_is_written(
    sandbox: Path, tmp_path: Path, name: str
) -> None:
    changed, parts = WRONG[name]
    ended = run(tmp_path, "init", "halden", *options(V2 | changed, sandbox))
    assert ended.exit_code == 4
    assert all(part in ended.output for part in parts), ended.output
    assert "nyk_" not in ended.output
    assert not (tmp_path / "tenants").exists()


def test_what_no_option_gives_is_asked_for_on_a_terminal() -> None:
    from argparse import Namespace

    from nylas_readiness.fixtures.setup.answers import QUESTIONS, asked

    nothing = Namespace(**{each.option[2:].replace("-", "_"): None for each in QUESTIONS})
    replies = iter(["contoso.com", "", "v3client", APP, "contoso", "eu"])
    assert asked(nothing, lambda _text: next(replies)) == {
        "domain": "contoso.com",
        "nylas.v3.client_id": "v3client",
        "nylas.v3.microsoft_client_id": APP,
        "nylas.v3.credential_name": "contoso",
        "nylas.v3.region": "eu",
    }
    assert next(replies, None) is None


def test_whoever_gives_enough_options_is_asked_nothing() -> None:
    from argparse import Namespace

    from nylas_readiness.fixtures.setup.answers import QUESTIONS, asked

    given = Namespace(**{each.option[2:].replace("-", "_"): V2.get(each.option) for each in QUESTIONS})
    assert set(asked(given, pytest.fail).values()) == set(V2.values())


def test_the_scripts_ask_for_every_permission_that_the_rules_need_and_for_no_other() -> None:
    from nylas_readiness.checks.live.permissions import needed
    from nylas_readiness.fixtures.setup.directory_app import scripts

    for script in scripts("contoso", APP, ["v2", "v3"]).values():
        words = {word.strip('",;()@') for word in script.split()}
        assert {word for word in words if ".Read." in word or word.endswith(".Read")} == set(
            needed(["v2", "v3"])
        )
        assert APP in script
        assert "@@" not in script


def test_the_shell_script_makes_one_app_with_each_permission_and_prints_the_two_values(
    tmp_path: Path,
) -> None:
    """Azure CLI is stood in for by a script that writes down what it is asked."""
    from nylas_readiness.checks.live.permissions import needed
    from nylas_readiness.fixtures.setup.directory_app import scripts

    (tmp_path / "az").write_text(AZ, "utf-8")
    (tmp_path / "az").chmod(0o755)
    (tmp_path / "app.sh").write_text(scripts("contoso", APP, ["v2"])["directory-app.sh"], "utf-8")
    environ = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
    }
    done = subprocess.run(  # noqa: S603 -- the script under test
        ["/bin/sh", tmp_path / "app.sh"], env=environ, capture_output=True, text=True, check=True
    )
    calls = (tmp_path / "calls").read_text("utf-8").splitlines()
    assert sum(call.startswith("ad app create") for call in calls) == 1
    granted = {f"role-of-{permission}" for permission in needed(["v2"])}
    assert {
        call.partition("appRoleId")[2].strip('": }') for call in calls if call.startswith("rest")
    } == granted
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["the-app", "the-value"]


AZ = f"""#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    "account show"*) echo {APP};;
    "ad app create"*) echo the-app;;
    *appRoles*) echo "role-of-$(echo "$*" | sed "s/.*value=='\\\\([^']*\\\\)'.*/\\\\1/")";;
    "ad app credential"*) echo the-value;;
    "ad app permission"* | rest*) ;;
    *) echo "some-id";;
esac
"""


def test_a_person_at_the_terminal_is_asked_each_question_once(sandbox: Path, tmp_path: Path) -> None:
    from nylas_readiness.fixtures.setup.command import _parser
    from nylas_readiness.fixtures.setup.init import init

    typed = {"A domain": "halden.example", "Client ID of your Nylas v3": "v3client"}
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next((value for start, value in typed.items() if question.startswith(start)), "")

    init(_parser().parse_args(["init", "halden", "--endpoints", str(sandbox)]), tmp_path, answer)
    assert len(asked) == len(set(asked)) > len(typed)
    assert load(tmp_path / "tenants" / "halden.toml", {}).sides == ("v3",)


SHARED = {
    "--v2-client-id": "v2client",
    "--microsoft-client-id": APP,
    "--redirect-uri": "http://localhost:8400/",
    "--v3-client-id": "v3client",
    "--v3-microsoft-client-id": APP,
    "--directory-client-id": APP,
}


def test_a_tenant_beside_a_fleets_defaults_has_only_what_is_its_own(sandbox: Path, tmp_path: Path) -> None:
    ended = run(tmp_path, "init", "--fleet", *options(SHARED, sandbox))
    assert ended.exit_code == 0, ended.output
    assert "run nylas-readiness init NAME for each tenant" in ended.output
    ended = run(tmp_path, "init", "halden", "--service-account", "svc@halden.example")
    assert ended.exit_code == 0, ended.output
    lines = (tmp_path / "tenants" / "halden.toml").read_text("utf-8").splitlines()
    written = [line for line in lines if line and not line.startswith("#")]
    assert [line.partition(" = ")[0] for line in written] == [
        *("[tenant]", "name", "id"),
        *("[service_account]", "email"),
        *("[microsoft]", "refresh_token"),
    ]
    tenant = load(tmp_path / "tenants" / "halden.toml", {})
    assert tenant.sides == ("v2", "v3")
    assert tenant.settings.tenant.id == load(sandbox, {}).settings.tenant.id
    assert tenant.references() == {
        "microsoft.client_secret": "env:FLEET_MS_SECRET",
        "microsoft.refresh_token": "file:halden/refresh-token",
        "directory.client_secret": "env:FLEET_DIR_SECRET",
        "nylas.v2.client_secret": "env:FLEET_NYLAS_V2_SECRET",
        "nylas.v3.api_key": "env:FLEET_NYLAS_V3_KEY",
        "nylas.v3.microsoft_client_secret": "env:FLEET_V3_SECRET",
    }
    template = (tmp_path / "tenants" / "_fleet" / "secrets.env").read_text("utf-8")
    named = {f"env:{line.partition('=')[0]}" for line in template.splitlines() if line.endswith("=''")}
    assert named == {each for each in tenant.references().values() if each.startswith("env:")}
    assert {path.name for path in (tmp_path / "tenants" / "halden").iterdir()} == {".gitignore"}
    ended = run(tmp_path, "doctor", "halden")
    assert ended.exit_code == 1, ended.output
    assert "FLEET_NYLAS_V3_KEY" in ended.output
    assert "HALDEN_" not in ended.output


def test_what_a_tenant_has_otherwise_than_its_fleet_stands_in_its_own_file(
    sandbox: Path, tmp_path: Path
) -> None:
    run(tmp_path, "init", "--fleet", *options({"--v3-client-id": "v3client"}, sandbox))
    ended = run(tmp_path, "init", "halden", "--domain", "halden.example", "--v3-client-id", "another")
    assert ended.exit_code == 0, ended.output
    tenant = load(tmp_path / "tenants" / "halden.toml", {})
    assert tenant.settings.nylas.v3
    assert tenant.settings.nylas.v3.client_id == "another"
    assert tenant.references() == {"nylas.v3.api_key": "env:HALDEN_NYLAS_V3_KEY"}
    assert (tmp_path / "tenants" / "halden" / "directory-app.sh").exists()


# What is given to `init --fleet`, and what the line says of it.
WRONG_FLEETS = {
    "no side": ({"--directory-client-id": APP}, "it needs --v2-client-id or --v3-client-id"),
    "a tenant's": ({**SHARED, "--credential-name": "halden"}, "--credential-name is of one tenant"),
    "no GUID": ({**SHARED, "--directory-client-id": "app"}, "directory.client_id: not a GUID"),
    "a key": ({"--v3-client-id": "nyk_v0_4RxU0aVbWcXdYeZf"}, "nylas.v3.client_id: it looks like a secret"),
}


@each_of("name", list(WRONG_FLEETS))
def test_what_cannot_be_a_fleets_is_named_and_nothing_is_written(
    sandbox: Path, tmp_path: Path, name: str
) -> None:
    answers, what = WRONG_FLEETS[name]
    ended = run(tmp_path, "init", "--fleet", *options(answers, sandbox))
    assert ended.exit_code == 4
    assert what in ended.output
    assert "nyk_" not in ended.output
    assert not (tmp_path / "tenants").exists()


def test_a_fleets_defaults_that_are_there_already_stay(sandbox: Path, tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "_defaults.toml").write_text("# mine\n", "utf-8")
    ended = run(tmp_path, "init", "--fleet", *options(SHARED, sandbox))
    assert (ended.exit_code, "it is there already" in ended.output) == (4, True)
    assert (tmp_path / "tenants" / "_defaults.toml").read_text("utf-8") == "# mine\n"


@each_of("words", [("--fleet", "halden"), ()])
def test_init_is_of_a_fleet_or_of_one_tenant(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, "init", *words).exit_code == 4


def test_a_fleet_is_asked_for_what_its_tenants_share_alone(sandbox: Path, tmp_path: Path) -> None:
    from nylas_readiness.fixtures.setup.command import _parser
    from nylas_readiness.fixtures.setup.init import init_fleet

    typed = {
        "Client ID of your Nylas v3": "v3client",
        "Region of the v3": "eu",
        "Application (client) ID of a": APP,
    }
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next((value for start, value in typed.items() if question.startswith(start)), "")

    init_fleet(_parser().parse_args(["init", "--fleet", "--endpoints", str(sandbox)]), tmp_path, answer)
    assert not [question for question in asked if "service account" in question or "domain" in question]
    text = (tmp_path / "tenants" / "_defaults.toml").read_text("utf-8")
    assert 'region = "eu"' in text
    assert f'[directory]\nclient_id = "{APP}"' in text
