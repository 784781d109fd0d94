"""A tenant file is read whole, or refused with one line that says where, what and what to do."""

import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs.errors import InputError, UsageProblem
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.run.folder import default_directory
from nylas_readiness.fixtures.run.subject import Subject

pytestmark = pytest.mark.offline

EXAMPLE = files("nylas_readiness.fixtures.tenants").joinpath("example.toml").read_text("utf-8")
# The example with its commented sections switched on: every key that there is.
WHOLE = "\n".join(
    line.removeprefix("# ") if line.startswith("# ") and ("= " in line or line.startswith("# [")) else line
    for line in EXAMPLE.replace("# certificate", "certificate").splitlines()
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
    path = folder / "contoso.toml"
    path.write_text(text, "utf-8")
    return load(path, environ or {})


def refusal_of(folder: Path, text: str) -> str:
    """Return the message with which the text is refused; it is one line and shows no secret."""
    with pytest.raises(UsageProblem) as refusal:
        tenant_of(folder, text)
    message = str(refusal.value)
    assert message.startswith(str(folder / "contoso.toml"))
    assert message.isprintable()
    assert SECRET not in message
    return message.removeprefix(str(folder / "contoso.toml"))


def test_the_example_loads_with_everything_in_it_switched_on(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, WHOLE)
    assert tenant.sides == ("v2", "v3")
    assert set(tenant.references()) == {
        *("microsoft.client_secret", "microsoft.refresh_token"),
        *("directory.client_secret", "directory.certificate"),
        *("nylas.v2.client_secret", "nylas.v3.api_key", "nylas.v3.microsoft_client_secret"),
    }


def test_a_v3_only_file_is_a_whole_tenant_with_the_vendors_own_hosts(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, MINIMAL)
    assert tenant.sides == ("v3",)
    assert tenant.authority == "contoso.com"
    assert dict(tenant.settings.endpoints.hosts()) == {
        "login": "https://login.microsoftonline.com",
        "graph": "https://graph.microsoft.com",
        "outlook": "https://outlook.office365.com",
    }


@each_of(("region", "host"), [("us", "https://api.nylas.com"), ("ireland", "https://ireland.api.nylas.com")])
def test_the_region_names_the_v2_host(tmp_path: Path, region: str, host: str) -> None:
    v2 = f'[nylas.v2]\nclient_id = "c"\nclient_secret = "env:S"\nregion = "{region}"\n'
    assert tenant_of(tmp_path, MINIMAL + v2).nylas_v2_url == host


@each_of(
    ("old", "new", "where", "what"),
    [
        ("\n[tenant]", "\n[tenant", "", "not TOML: .*line 8"),
        ('name = "contoso"', f"name = {'[' * 5000}", "", "not TOML"),
        ('name = "contoso"', f"name = {'9' * 5000}", "", "not TOML"),
        ('name = "contoso"', 'name = "a"\nname = "b"', "", "not TOML: .*line 10"),
        (
            "redirect_uri =",
            "redirect_url =",
            "microsoft.redirect_url",
            "unknown key. Did you mean redirect_uri?",
        ),
        ("[nylas.v2]", "[nylas.v4]", "nylas.v4", "unknown key. Known here: v2, v3"),
        ("[directory]", "[zzz]", "zzz", "unknown key. Known here: tenant, service_account"),
        ('name = "contoso"', '"na\\u001bme" = 1', r"tenant.na\x1bme", "unknown key"),
        ('name = "contoso"', "name = 5", "tenant.name", "Expected `str`, got `int`"),
        ('name = "contoso"', "", "tenant", "missing required field `name`"),
        (
            "\n[tenant]",
            "\n[exchange]\nhosting = 1\n[tenant]",
            "exchange.hosting",
            "got `int`. Allowed here: online, on-premises, hybrid",
        ),
        (
            "\n[tenant]",
            "\n[exchange]\nhttp_proxy_logs = [1]\n[tenant]",
            "exchange.http_proxy_logs[0]",
            "got `int`. See fixtures/tenants/example.toml",
        ),
        ('region = "us"', 'region = "eu"', "nylas.v2.region", "'eu'. Allowed here: us, ireland"),
        ('name = "contoso"', 'name = " "', "tenant.name", "it is blank"),
        ('name = "contoso"', 'name = "a\\u0000b"', "tenant.name", "a control character"),
        ('id = "8f0c', 'id = "../8f0c', "tenant.id", "neither a GUID nor a domain"),
        ("nylas-svc@contoso.com", "nylas-svc", "service_account.email", "not an e-mail address"),
        ('"env:CONTOSO_DIR_SECRET"', f'"{SECRET}"', "directory.client_secret", "never as its value"),
        ('"env:NYLAS_V2_SECRET"', f'"{SECRET}"', "nylas.v2.client_secret", "never as its value"),
        ('"env:NYLAS_V2_SECRET"', f'["{SECRET}"]', "nylas.v2.client_secret", "never as its value"),
        ('"env:NYLAS_V2_SECRET"', '"env:"', "nylas.v2.client_secret", "env:NAME or file:PATH"),
        ('client_secret = "env:CONTOSO_DIR_SECRET"', "", "directory", "no credential"),
        ("\n[tenant]", "\n[tenant]\nas_of = 2026-11-23", "tenant.as_of", "Use --as-of"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(
    tmp_path: Path, old: str, new: str, where: str, what: str
) -> None:
    assert old in EXAMPLE
    message = refusal_of(tmp_path, EXAMPLE.replace(old, new, 1))
    assert message.startswith(f", {where}: " if where else ": ")
    assert re.search(what, message)


@each_of(
    ("endpoint", "what"),
    [
        ('login = "http://login.microsoftonline.com"', "not a plain https URL"),
        ('graph = "graph.microsoft.com"', "not a plain https URL"),
        ('graph = "https://[::1"', "not a plain https URL"),
        ('graph = "https://graph.contoso.com:99999"', "not a plain https URL"),
        (f'graph = "https://user:{SECRET}@graph.contoso.com"', "not a plain https URL"),
        (f'graph = "https://graph.contoso.com/?key={SECRET}"', "not a plain https URL"),
        ('outlook = "https://127.0.0.1:8443"', "only a sandbox tenant may talk to loopback"),
        ('outlook = "https://localhost"', "only a sandbox tenant may talk to loopback"),
        ('nylas_v2 = "https://[::1]:8443"', "only a sandbox tenant may talk to loopback"),
        (f'proxy = "http://user:{SECRET}@proxy.contoso.com"', "a user name or password"),
    ],
)
def test_an_endpoint_that_is_no_vendors_is_refused(tmp_path: Path, endpoint: str, what: str) -> None:
    message = refusal_of(tmp_path, f"{EXAMPLE}\n[endpoints]\n{endpoint}\n")
    assert message.startswith(f", endpoints.{endpoint.partition(' ')[0]}: ")
    assert what in message


@each_of("left_real", ["login", "graph", "outlook", "nylas_v2", "nylas_v3"])
def test_a_sandbox_reaches_no_real_host(tmp_path: Path, left_real: str) -> None:
    services = ("login", "graph", "outlook", "nylas_v2", "nylas_v3")
    loopback = [f'{name} = "https://127.0.0.1:1"' for name in services if name != left_real]
    sandbox = WHOLE.replace("\n[tenant]", "\n[tenant]\nsandbox = true").partition("[endpoints]")[0]
    assert refusal_of(tmp_path, "\n".join([sandbox, "[endpoints]", *loopback])).startswith(
        f", endpoints.{left_real}: "
    )


def test_a_file_for_neither_side_is_refused(tmp_path: Path) -> None:
    assert "neither v2 nor v3" in refusal_of(tmp_path, MINIMAL.partition("[nylas.v3]")[0])


@each_of(
    ("content", "what"),
    [
        (None, "does not exist"),
        (b"[tenant]\xff", r"is not UTF-8 \(byte 8\)"),
        (MINIMAL.encode("utf-16"), "is in UTF-16: save it as UTF-8"),
        ("", "is a folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | str | None, what: str) -> None:
    path = tmp_path / "contoso.toml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.unlink()
        path.mkdir()
    with pytest.raises(UsageProblem, match=what):
        load(path)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(f"\ufeff{SECRET}\r\n", "utf-8")
    tenant = tenant_of(tmp_path, "\ufeff" + MINIMAL.replace("env:NYLAS_V3_KEY", "file:key.txt"))
    assert tenant.settings.tenant.name == "contoso"
    assert tenant.secret("nylas.v3.api_key").reveal() == SECRET


@each_of("year", ["0001", "1999", "2101", "9999"])
def test_a_date_that_no_deadline_could_be_counted_to_is_refused(tmp_path: Path, year: str) -> None:
    text = MINIMAL.replace("[service_account]", f"sandbox = true\nas_of = {year}-01-01\n[service_account]")
    assert "tenant.as_of: not of the years 2000 to 2100. Correct the date" in refusal_of(tmp_path, text)


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
    directory = '[directory]\nclient_id = "x"\ncertificate = "env:PEM"\n'
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


def messages_of(folder: Path, text: str) -> list[str]:
    """Return all that a run would say of the file: why it is refused, or which references lead nowhere."""
    try:
        tenant = tenant_of(folder, text)
    except UsageProblem as refusal:
        return [str(refusal)]
    return [str(problem) for problem in tenant.unresolved().values()]


_LINES = EXAMPLE.splitlines()
_VALUES = (
    *("[]", "{}", "7", "true", "1979-05-27", "07:32:00", "nan", '["a"]', "{ a = 1 }", '""', '" "', '"é"'),
    *('"https://["', '"https://a:b"', '"\\u0000"', '"file:\\u0000"', '"\\u001b[31m"', '"env:A B"'),
)


def broken(text: str, place: int, change: str, value: str) -> str:
    """Return the text with one line dropped, doubled, uncommented, given another value, or led by noise."""
    lines = text.split("\n")
    line = lines[place % len(lines)]
    key, equals, _ = line.partition("=")
    lines[place % len(lines)] = {
        "drop": "",
        "double": f"{line}\n{line}",
        "uncomment": line.removeprefix("# "),
        "value": f"{key}= {value}" if equals else line,
        "noise": value + line,
    }[change]
    return "\n".join(lines)


def test_any_broken_file_is_a_tenant_or_one_line_and_never_shows_a_secret(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.strategies.profile import given, settings, st

    changes = st.sampled_from(["drop", "double", "uncomment", "value", "noise"])
    values = st.sampled_from(_VALUES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    defects = st.lists(st.tuples(st.integers(0, len(_LINES) - 1), changes, values), min_size=1, max_size=3)

    @settings(max_examples=150)
    @given(defects, st.none() | st.integers(len(EXAMPLE) // 2, len(EXAMPLE)))
    def holds(defects: list[tuple[int, str, str]], cut: int | None) -> None:
        text = EXAMPLE.replace("env:CONTOSO_MS_SECRET", SECRET)
        for defect in defects:
            text = broken(text, *defect)
        for message in messages_of(tmp_path, text[:cut]):
            assert message.isprintable()
            assert SECRET not in message

    holds()


def test_reports_are_kept_under_the_tenants_own_name_and_not_its_files(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    tenant_of(tmp_path / "served", MINIMAL.replace('"contoso"', '"sandbox:troubled"'))
    subject = Subject("served/contoso.toml", tmp_path)
    directory = default_directory(tmp_path, subject.name, datetime(2026, 11, 23, tzinfo=UTC))
    assert directory.parent == tmp_path / "reports" / "out" / "sandbox-troubled"
