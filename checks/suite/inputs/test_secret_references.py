"""Where a secret is, and what is told of one that cannot be had: never its value."""

import os
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.tenant_texts import EXAMPLE, MINIMAL, SECRET, WHOLE, tenant_of
from nylas_readiness.fixtures.inputs import commands
from nylas_readiness.fixtures.inputs.errors import InputError

pytestmark = pytest.mark.offline

APP_ID = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"


def test_secrets_come_from_the_environment_and_from_files_beside_the_tenant_file(tmp_path: Path) -> None:
    (tmp_path / "refresh-token.txt").write_text(f"{SECRET}\n", "utf-8")
    text = EXAMPLE.replace("env:CONTOSO_MS_REFRESH", "file:refresh-token.txt")
    tenant = tenant_of(tmp_path, text, {"CONTOSO_MS_SECRET": f" {SECRET}2\n"})
    assert tenant.secret("microsoft.refresh_token").reveal() == SECRET
    assert tenant.secret("microsoft.client_secret").reveal() == f"{SECRET}2"
    assert SECRET not in repr(tenant.secret("microsoft.refresh_token"))


@each_of(
    ("reference", "environ", "what"),
    [
        ("env:UNSET", {}, "the variable UNSET is not set. Set UNSET and run again"),
        ("env:EMPTY", {"EMPTY": " "}, "the variable EMPTY is empty"),
        ("file:missing.txt", {}, "missing.txt does not exist. Check the path"),
        ("file:folder", {}, "folder is a folder"),
        ("file:empty.txt", {}, "empty.txt is empty"),
        ("file:binary.txt", {}, "is not UTF-8"),
        ("file:utf-16.txt", {}, "is in UTF-16: save it as UTF-8"),
        ("file:long.txt", {}, "long.txt cannot be read (it is longer than 64 KiB)"),
        ("file:two-lines.txt", {}, "what file:two-lines.txt leads to has a line break"),
        ("env:INNER", {"INNER": "nyk_v0\nX-Evil: 1"}, "what env:INNER leads to has a line break"),
        (
            "env:CONTROL",
            {"CONTROL": "nyk_v0\x01key"},
            "or a character that cannot be printed. Put the secret's",
        ),
        ("env:BIDI", {"BIDI": "nyk_v0\u202ekey"}, "cannot be printed"),
        ("env:BYTES", {"BYTES": "nyk_v0\udc80key"}, "cannot be printed"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_and_does_not_stop_the_run(
    tmp_path: Path, reference: str, environ: Mapping[str, str], what: str
) -> None:
    (tmp_path / "folder").mkdir(exist_ok=True)
    (tmp_path / "empty.txt").write_text("\n", "utf-8")
    (tmp_path / "binary.txt").write_bytes(b"key\xff")
    (tmp_path / "utf-16.txt").write_text("key", "utf-16")
    (tmp_path / "two-lines.txt").write_text("nyk_v0_one\nnyk_v0_two\n", "utf-8")
    (tmp_path / "long.txt").write_bytes(b"k" * (64 * 1024 + 1))
    tenant = tenant_of(tmp_path, MINIMAL.replace("env:NYLAS_V3_KEY", reference), environ)
    [problem] = tenant.unresolved().values()
    assert isinstance(problem, InputError)
    assert str(problem).startswith(f"{tmp_path / 'contoso.toml'}, nylas.v3.api_key: ")
    assert what in str(problem)
    assert "nyk_v0" not in str(problem)


def test_of_all_secrets_a_certificate_alone_has_several_lines(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----"
    directory = f'[directory]\nclient_id = "{APP_ID}"\ncertificate = "env:PEM"\n'
    tenant = tenant_of(tmp_path, f"{MINIMAL}\n{directory}", {"PEM": pem, "NYLAS_V3_KEY": "nyk_v0_key"})
    assert tenant.secret("directory.certificate").reveal() == pem
    broken = tenant_of(tmp_path, f"{MINIMAL}\n{directory}", {"PEM": f"{pem}\udc80", "NYLAS_V3_KEY": "nyk"})
    assert list(broken.unresolved()) == ["directory.certificate"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
@each_of("name", ["pipe", "/dev/zero"])
def test_a_secret_that_may_never_end_is_not_waited_for(tmp_path: Path, name: str) -> None:
    if not (tmp_path / "pipe").exists():
        os.mkfifo(tmp_path / "pipe")
    tenant = tenant_of(tmp_path, MINIMAL.replace("env:NYLAS_V3_KEY", f"file:{name}"))
    with pytest.raises(InputError, match=r"cannot be read \(it is no regular file\)"):
        tenant.secret("nylas.v3.api_key")


def python(script: str) -> str:
    """Return a reference to what a Python script prints."""
    return f"exec:{shlex.join([sys.executable, '-c', script])}"


def with_key(reference: str) -> str:
    """Return a tenant file whose v3 key is this reference; TOML's literal strings have no escapes."""
    return MINIMAL.replace('"env:NYLAS_V3_KEY"', f"'''{reference}'''")


@each_of(
    "script",
    [
        f"print('{SECRET}')",
        f"import sys; sys.stdout.write('{SECRET}')",
        f"import sys; sys.stdout.buffer.write(b'\\xef\\xbb\\xbf{SECRET}\\r\\n')",
        f"import sys; print('do not look', file=sys.stderr); print('{SECRET}')",
        "import os; print(os.environ['NYLAS_VAULT'])",
        "print(open('vault.txt').read())",
        f"import sys; print(sys.stdin.read() + '{SECRET}')",
    ],
)
def test_a_command_prints_a_secret_beside_the_tenant_file(tmp_path: Path, script: str) -> None:
    (tmp_path / "vault.txt").write_text(SECRET)
    tenant = tenant_of(tmp_path, with_key(python(script)), {"NYLAS_VAULT": SECRET})
    assert tenant.unresolved() == {}
    assert tenant.secret("nylas.v3.api_key").reveal() == SECRET


def test_no_shell_reads_a_command(tmp_path: Path) -> None:
    script = "import sys; print('-'.join(sys.argv[1:]))"
    command = f"{python(script)} $HOME '*' 'a;b' | cat"
    assert tenant_of(tmp_path, with_key(command)).secret("nylas.v3.api_key").reveal() == "$HOME-*-a;b-|-cat"


@each_of(
    ("script", "what"),
    [
        (f"print('{SECRET}'); raise SystemExit(3)", "ended with exit code 3. Run the command by hand"),
        ("raise SystemExit('" + SECRET + "')", "ended with exit code 1"),
        ("print(' ')", "is empty. Put the secret's value there"),
        (f"import sys; sys.stdout.buffer.write(b'{SECRET}\\xff')", "prints no UTF-8. Let the command"),
        (f"print('{SECRET}\\n{SECRET}')", "leads to has a line break"),
        (f"print('{SECRET}' * 10_000)", "prints more than 64 KiB"),
        ("import itertools; [print('k' * 9999) for _ in itertools.count()]", "prints more than 64 KiB"),
    ],
)
def test_a_command_that_gives_no_secret_is_named_and_nothing_of_it_is_shown(
    tmp_path: Path, script: str, what: str
) -> None:
    tenant = tenant_of(tmp_path, with_key(python(script)))
    [problem] = tenant.unresolved().values()
    assert f"exec:{sys.executable} " in str(problem)
    assert what in str(problem)
    assert SECRET not in str(problem)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, with_key("exec:no-such-vault read token"))
    with pytest.raises(
        InputError, match=r"exec:no-such-vault cannot be started \(No such file or directory\)"
    ):
        tenant.secret("nylas.v3.api_key")


@each_of(
    "script",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '60'])",
    ],
)
def test_a_command_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(commands, "TIMEOUT_S", 0.5)
    tenant = tenant_of(tmp_path, with_key(python(script)))
    begun = time.monotonic()
    [problem] = tenant.unresolved().values()
    assert "did not end within" in str(problem)
    assert time.monotonic() - begun < 10


def test_a_command_is_run_once_whether_it_succeeds_or_not(tmp_path: Path) -> None:
    script = "import pathlib, sys; pathlib.Path('runs').open('a').write('x'); sys.exit({code})"
    for code in (0, 1):
        (tmp_path / "runs").unlink(missing_ok=True)
        tenant = tenant_of(tmp_path, with_key(python(script.format(code=code))))
        assert [list(tenant.unresolved()) for _ in range(3)] == [["nylas.v3.api_key"]] * 3
        assert (tmp_path / "runs").read_text() == "x"


GUID = "2d1c9a7e-4b5f-4c3d-8e9f-0a1b2c3d4e5f"
SECRETS = {
    "CONTOSO_MS_SECRET": "aBc8Q~a-good-client-secret-of-the-app",
    "CONTOSO_MS_REFRESH": "0.AXAA-a-good-refresh-token",
    "CONTOSO_DIR_SECRET": "dEf8Q~a-good-client-secret-of-the-app",
    "NYLAS_V2_SECRET": "4h7k2m9x0c1v2b3n",
    "NYLAS_V3_KEY": "nyk_v0_good",
    "CONTOSO_V3_SECRET": "gHi8Q~a-good-client-secret-of-the-app",
}


@each_of(
    ("variable", "value", "key", "what"),
    [
        (
            "CONTOSO_MS_SECRET",
            GUID,
            "microsoft.client_secret",
            "looks like the secret's ID, not like its value",
        ),
        ("CONTOSO_DIR_SECRET", GUID.upper(), "directory.client_secret", "Copy the column Value"),
        ("CONTOSO_V3_SECRET", GUID, "nylas.v3.microsoft_client_secret", "the secret's ID"),
        ("NYLAS_V2_SECRET", "nyk_v0_pl4nted", "nylas.v2.client_secret", "looks like an API key of Nylas v3"),
        ("NYLAS_V3_KEY", f'"{SECRET}"', "nylas.v3.api_key", "is in quotes, which are no part of a secret"),
    ],
)
def test_a_value_that_surely_is_another_thing_is_told_before_it_is_sent(
    tmp_path: Path, variable: str, value: str, key: str, what: str
) -> None:
    text = WHOLE.replace('certificate = "file:directory.pem"', "").replace(
        'client_assertion = "file:oidc-token.jwt"', ""
    )
    assert tenant_of(tmp_path, text, SECRETS).unresolved() == {}
    unresolved = tenant_of(tmp_path, text, SECRETS | {variable: value}).unresolved()
    assert list(unresolved) == [key]
    assert what in str(unresolved[key])
    assert f"what env:{variable} leads to" in str(unresolved[key])
    assert value.strip('"') not in str(unresolved[key])


@each_of(
    ("value", "problem"),
    [("eyJhbGciOi.eyJpc3Mi.c2lnbmF0dXJl", ""), ("pl4nted-secret-value", "is no JWT"), (GUID, "is no JWT")],
)
def test_a_federated_credential_is_a_token_of_three_parts(tmp_path: Path, value: str, problem: str) -> None:
    (tmp_path / "oidc.jwt").write_text(value)
    directory = f'[directory]\nclient_id = "{APP_ID}"\nclient_assertion = "file:oidc.jwt"\n'
    tenant = tenant_of(tmp_path, MINIMAL + directory, SECRETS)
    told = "".join(map(str, tenant.unresolved().values()))
    assert problem in told
    assert bool(told) is bool(problem)


def test_each_unresolved_reference_says_which_sides_it_serves(tmp_path: Path) -> None:
    sides = {key: problem.sides for key, problem in tenant_of(tmp_path, WHOLE).unresolved().items()}
    assert sides == {
        "microsoft.client_secret": ("v2",),
        "microsoft.refresh_token": ("v2",),
        "directory.client_secret": ("v2", "v3"),
        "directory.certificate": ("v2", "v3"),
        "directory.client_assertion": ("v2", "v3"),
        "nylas.v2.client_secret": ("v2",),
        "nylas.v3.api_key": ("v3",),
        "nylas.v3.microsoft_client_secret": ("v3",),
    }
