"""The journal: its first line, what is on disk while it is written, and what an older suite's lacks."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.checks.suite.support.journals import plain, without_seals
from nylas_readiness.fixtures.evidence.journal import Evidence, JournalWriter, RequestCounts, begin
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.saved import Saved, is_cut_short, is_of_a_run
from nylas_readiness.fixtures.evidence.slots import OLDER_JOURNAL, Unread
from nylas_readiness.fixtures.evidence.v3_model import Destination, V3Connector
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.secrets import MASK, Secret, forgotten_afterwards

pytestmark = pytest.mark.offline

USE = RequestCounts(services={"ews": ServiceBudget(3, 2, 1, 0.5)}, clocks={"ews": -1.5})


def written(path: Path, *accounts: AccountEvidence, use: RequestCounts | None = USE) -> Path:
    """Write a journal of these accounts."""
    with begin(path) as writer:
        writer.tenant(tenant_with(account_count=len(accounts)))
        for account in accounts:
            writer.account(account)
        if use:
            writer.use(use)
    return path


def test_it_begins_with_its_format_and_the_suite_that_wrote_it(tmp_path: Path) -> None:
    first = json.loads(written(tmp_path / "journal").read_bytes().splitlines()[0])
    assert re.fullmatch("[0-9a-f]{16}", first.pop("digest"))
    suite = version("nylas-readiness")
    assert first == {"type": "journal", "format": 3, "suite": suite, "joined": False}


def test_every_record_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with begin(path) as writer:
        lines = [path.read_bytes().count(b"\n")]
        writer.tenant(tenant_with())
        lines.append(path.read_bytes().count(b"\n"))
        writer.account(account_with())
        lines.append(path.read_bytes().count(b"\n"))
    assert lines == [1, 2, 3]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    ann, ben = account_with(user=read(None)), account_with(email="ben@contoso.com")
    evidence = Evidence(written(tmp_path / "journal", ann, ben))
    assert list(evidence.accounts()) == [ann, ben]
    assert evidence.tenant == tenant_with(account_count=2)
    assert (evidence.budget, evidence.clocks, evidence.is_whole) == (USE.services, USE.clocks, True)


def test_of_several_records_of_one_thing_the_last_counts(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", account_with(name="Before"))
    seal = Saved(path).seal
    with JournalWriter(path.open("ab"), seal) as writer:
        writer.tenant(tenant_with(list_source="now.csv"))
        writer.account(account_with(name="Now"))
    saved = Saved(path)
    assert saved.tenant is not None
    assert saved.tenant.list_source == "now.csv"
    found = saved.account("ANN@contoso.com")
    assert found is not None
    assert found.name == "Now"
    assert (len(saved), saved.is_closed) == (1, False)


def test_by_its_ends_it_is_told_whether_its_run_was_cut_short(tmp_path: Path) -> None:
    ann, path = account_with(), tmp_path / "journal"
    assert not is_cut_short(written(path, ann))
    assert is_cut_short(written(path, ann, use=None))
    assert is_cut_short(written(path, ann, use=msgspec.structs.replace(USE, left_out=1)))
    text = written(path, account_with(name="x" * 100_000)).read_bytes()
    for end in (len(text) - 1, text.rindex(b"\n", 0, -1) + 1, text.index(b"\n") + 1):
        path.write_bytes(text[:end])
        assert is_of_a_run(path)
        assert is_cut_short(path)
    path.write_bytes(b"")
    assert not is_of_a_run(path)


QUOTED = [
    'nyk_v0_"key"\\with/signs+é',
    "nyk_v0_plain-key",
    "microsoft",
    "settings",
    "account",
    "nylas_v3",
    '":{"type":"',
]


@each_of("secret", QUOTED)
def test_a_secret_that_a_vendor_quotes_is_in_no_record(tmp_path: Path, secret: str) -> None:
    webhook = Destination(path="/v3/webhooks", id="w", status="active", triggers=[secret])
    tenant = tenant_with(
        v3_connector=read(V3Connector(settings=[secret], client_id=f"https://x/?k={quote(secret, safe='')}")),
        v3_webhook_list=read([webhook]),
        v3_token=Unread(reason=f"no {secret}", vendor="nylas_v3", codes=(secret,)),
    )
    with forgotten_afterwards(), begin(tmp_path / "journal") as writer:
        Secret(secret)
        writer.tenant(tenant)
        writer.account(account_with(grants=Unread(reason=secret)))
    evidence = Evidence(tmp_path / "journal")
    connector, token, [account] = evidence.tenant.v3_connector, evidence.tenant.v3_token, evidence.accounts()
    assert connector == read(V3Connector(settings=[MASK], client_id=f"https://x/?k={MASK}"))
    assert evidence.tenant.v3_webhook_list == read([msgspec.structs.replace(webhook, triggers=[MASK])])
    assert token == Unread(reason=f"no {MASK}", vendor="nylas_v3", codes=(MASK,))
    assert account.grants == Unread(reason=MASK)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("wb") as file:
        with pytest.raises(UsageProblem, match=r"/dev/full: the journal cannot be written \(No space left"):
            JournalWriter(file).tenant(tenant_with())
        file.raw.close()  # what is still in the buffer can never be written


# What was read first after the journal had got its format.
LATER = {
    *("v3_application", "v3_connector", "v3_own_credential", "v3_grants", "v3_token"),
    *("v3_webhook_list", "v3_pubsub_channels", "v3_sns_channels"),
    *("v3_principal", "v3_permissions", "v3_registration", "v3_requested", "matching", "logs", "own_domains"),
    *("grants", "app_calendar", "log", "access_policies", "ews_usage"),
}


def test_what_an_older_suite_did_not_read_is_not_known(tmp_path: Path) -> None:
    text = written(tmp_path / "journal", account_with()).read_bytes()
    lines = [json.loads(line) for line in without_seals(text.splitlines())]
    for record in lines:
        for name in LATER & record.get("evidence", {}).keys():
            del record["evidence"][name]
    (tmp_path / "older").write_bytes(b"".join(plain(line) + b"\n" for line in lines))
    assert Saved(tmp_path / "older").seal is None
    evidence = Evidence(tmp_path / "older")
    [account] = evidence.accounts()
    for read_again in (evidence.tenant, account):
        slots = {name: getattr(read_again, name) for name in LATER & {*read_again.__struct_fields__}}
        assert set(slots.values()) == {OLDER_JOURNAL}
    tenant = msgspec.structs.replace(evidence.tenant, setup=setup_with(sides=("v3",)))
    outcome = decided("NY3-001", tenant=tenant)
    assert outcome.status == "unknown"
    assert outcome.reason == "the journal was written before the suite read this: audit again"


def test_a_slot_that_came_later_has_the_default_that_says_so() -> None:
    for shape in (TenantEvidence, AccountEvidence):
        fields = [field for field in msgspec.structs.fields(shape) if "Unread" in str(field.type)]
        defaults = {one.name: one.default for one in fields if one.default is not msgspec.NODEFAULT}
        assert set(defaults.values()) == {OLDER_JOURNAL}
        assert defaults.keys() <= LATER
