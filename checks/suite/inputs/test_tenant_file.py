"""A tenant file is read whole, or refused with one line that says where, what and what to do."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.tenant_texts import (
    EXAMPLE,
    MINIMAL,
    SECRET,
    WHOLE,
    refusals_of,
    tenant_of,
)
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.folder import default_directory
from nylas_readiness.fixtures.run.subject import Subject

pytestmark = pytest.mark.offline


def refusal_of(folder: Path, text: str) -> str:
    """Return the one thing that is wrong with the text."""
    [message] = refusals_of(folder, text)
    return message


def test_the_example_loads_with_everything_in_it_switched_on(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, WHOLE)
    assert tenant.sides == ("v2", "v3")
    assert set(tenant.references()) == {
        *("microsoft.client_secret", "microsoft.refresh_token"),
        *("directory.client_secret", "directory.certificate", "directory.client_assertion"),
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
        ("\n[tenant]", "\n[tenant", "", "not TOML: .*line 11"),
        ('name = "contoso"', f"name = {'[' * 5000}", "", "not TOML"),
        ('name = "contoso"', f"name = {'9' * 5000}", "", "not TOML"),
        ('name = "contoso"', 'name = "a"\nname = "b"', "", "not TOML: .*line 13"),
        (
            "redirect_uri =",
            "redirect_url =",
            "microsoft.redirect_url",
            "unknown key. Did you mean redirect_uri?",
        ),
        ("\n[nylas.v2]", "\n[nylas.v4]", "nylas.v4", "unknown key. Known here: v2, v3"),
        ("\n[directory]", "\n[zzz]", "zzz", "unknown key. Known here: tenant, service_account"),
        ('name = "contoso"', '"na\\u001bme" = 1', r"tenant.na\x1bme", "unknown key"),
        ('name = "contoso"', "name = 5", "tenant.name", "Expected `str`, got `int`"),
        ('name = "contoso"', "", "tenant.name", "it is missing. See fixtures/tenants/example.toml"),
        (
            'name = "contoso"',
            'name = "a"\nhosting = "online"',
            "tenant.hosting",
            r"belongs into \[exchange\]",
        ),
        ('name = "contoso"', 'NAME = "contoso"', "tenant.NAME", "unknown key. Did you mean name?"),
        ("\n[tenant]", "\nexchange = 1\n[tenant]", "exchange", r"a section, not a value. Write \[exchange\]"),
        (
            "\n[tenant]",
            "\n[exchange]\nhosting = 1\n[tenant]",
            "exchange.hosting",
            "not a text. Allowed here: online, on-premises, hybrid",
        ),
        (
            "\n[tenant]",
            "\n[exchange]\nhttp_proxy_logs = [1]\n[tenant]",
            "exchange.http_proxy_logs[0]",
            "got `int`. Write it in quotes",
        ),
        ('region = "us"', 'region = "eu"', "nylas.v2.region", "eu is there: v2 calls it ireland. Allowed"),
        ('region = "us"', 'region = "US"', "nylas.v2.region", "Did you mean us?"),
        (
            'region = "us"',
            f'region = "{SECRET}"',
            "nylas.v2.region",
            "no such value. Allowed here: us, ireland",
        ),
        ('name = "contoso"', 'name = " "', "tenant.name", "it is blank"),
        ('name = "contoso"', 'name = "a\\u0000b"', "tenant.name", "a control character"),
        ('id = "8f0c', 'id = "../8f0c', "tenant.id", "neither a GUID nor a domain"),
        ('id = "8f0c2c9e-', 'id = "', "tenant.id", "neither a GUID nor a domain. Copy the tenant ID"),
        ('id = "8f0c2c9e-6f0e-4d0a-9a53-0d2f6d3b7c11"', 'id = "common"', "tenant.id", "neither a GUID nor"),
        ("3d9f2f4e-5a5b-", "3d9f2f4e-5a5b-é", "microsoft.client_id", "not a GUID"),
        (
            "b1c4a9de-0f5c-4a43-9a06-6b9d5f0d7e21",
            "8F0C2C9E-6f0e-4d0a-9a53-0d2f6d3b7c11",
            "directory.client_id",
            "it is the tenant's ID, not an app's. Copy the Application",
        ),
        (
            'client_id = "6xyz0n4vhm1k2example"',
            'client_id = "nyk_v0_pl4nted"',
            "nylas.v2.client_id",
            "looks like a secret's value, and no secret stands in this file",
        ),
        ("nylas-svc@contoso.com", "nylas-svc", "service_account.email", "not an e-mail address"),
        ('"env:CONTOSO_DIR_SECRET"', f'"{SECRET}"', "directory.client_secret", "never as its value"),
        ('"env:NYLAS_V2_SECRET"', f'"{SECRET}"', "nylas.v2.client_secret", "never as its value"),
        ('"env:NYLAS_V2_SECRET"', f'["{SECRET}"]', "nylas.v2.client_secret", "never as its value"),
        (
            '"env:NYLAS_V2_SECRET"',
            '"env:"',
            "nylas.v2.client_secret",
            "never as its value. Write .env:NAME., .file:PATH. or .exec:COMMAND",
        ),
        ('"env:NYLAS_V2_SECRET"', '"exec: "', "nylas.v2.client_secret", "no command stands after exec:"),
        (
            '"env:NYLAS_V2_SECRET"',
            f"""'exec:op "{SECRET}'""",
            "nylas.v2.client_secret",
            "the command after exec: has a quote that does not end",
        ),
        (
            'client_secret = "env:CONTOSO_DIR_SECRET"',
            "",
            "directory",
            "no credential. Add client_secret, cert",
        ),
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
    assert tenant_of(tmp_path, f"\ufeff{MINIMAL}").settings.tenant.name == "contoso"


@each_of("year", ["0001", "1999", "2101", "9999"])
def test_a_date_that_no_deadline_could_be_counted_to_is_refused(tmp_path: Path, year: str) -> None:
    text = MINIMAL.replace("[service_account]", f"sandbox = true\nas_of = {year}-01-01\n[service_account]")
    first, *_ = refusals_of(tmp_path, text)
    assert first == ", tenant.as_of: not of the years 2000 to 2100. Correct the date"


def messages_of(folder: Path, text: str) -> list[str]:
    """Return all that a run would say of the file: why it is refused, or which references lead nowhere."""
    try:
        tenant = tenant_of(folder, text)
    except UsageProblem as refusal:
        return str(refusal).split("\n")
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


def test_any_broken_file_is_a_tenant_or_lines_to_read_and_never_shows_a_secret(tmp_path: Path) -> None:
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
