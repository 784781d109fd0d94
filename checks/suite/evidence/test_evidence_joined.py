"""Several journals of one tenant: the administrator's half and the integrator's are judged as one audit."""

import itertools
import re
from collections.abc import Sequence
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import V3 as V3_SETUP
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.checks.suite.support.log_samples import LOGS
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.again import Journals
from nylas_readiness.fixtures.evidence.joined import join_accounts, join_tenants
from nylas_readiness.fixtures.evidence.journal import Evidence, RequestCounts, begin
from nylas_readiness.fixtures.evidence.measures import ServiceBudget, UnlistedAddress
from nylas_readiness.fixtures.evidence.model import NO_BODY, NO_V3_APP, AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.model import NO_V2 as NO_SIDE_OF_V2
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.evidence.v3_model import Addresses, GrantCounts, Matching
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.secrets import forgotten_afterwards
from nylas_readiness.reports.model import AccountResult, Results

pytestmark = pytest.mark.offline

SCENARIO = "migration"
ADMINISTRATORS = "DIRECTORY"
ALIASES = {"johan.lindqvist@halden.example", "tomek@halden.example"}
HALVES = ("administrator", "integrator")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with journals of one sandbox: the whole one, and what each half can read by itself.

    Both have the same tenant file, and of its secrets only their own; a visitor's file leaves out what the
    administrator holds.
    """
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.sandbox.server import start

    folder = tmp_path_factory.mktemp("halves")
    with forgotten_afterwards(), start(SCENARIO, folder, accounts=8) as sandbox:
        own = {name: value for name, value in sandbox.secrets.items() if ADMINISTRATORS in name}
        others = {name: value for name, value in sandbox.secrets.items() if name not in own}
        given = {"whole": sandbox.secrets, "administrator": own, "integrator": others}
        for name, secrets in given.items():
            harness.read(load(sandbox.tenant_file, secrets), folder / f"{name}.journal")
        text = sandbox.tenant_file.read_text("utf-8")
        directory = re.search(r"\[directory\]\n(?:\w.*\n)+", text)
        assert directory is not None
        sandbox.tenant_file.write_text(text.replace(directory[0], ""), "utf-8")
        harness.read(load(sandbox.tenant_file, others), folder / "visitor.journal")
        assert not sandbox.errors
    return folder


def judged(folder: Path, *names: str) -> Results:
    """Return the artefact of these journals, joined."""
    from nylas_readiness.checks.suite.support import harness

    journals = Journals([folder / f"{name}.journal" for name in names])
    evidence = journals.join(folder / "evidence.journal", lambda _line: None)
    return results_of(harness.judge(evidence), date(2026, 11, 23), interrupted=False)


def statuses(results: Results) -> dict[str, str]:
    return {rule.id: rule.status for rule in results.rules}


@each_of("half", ["integrator", "visitor"])
def test_two_halves_decide_what_the_whole_decides_of_every_rule_and_every_account(
    folder: Path, half: str
) -> None:
    whole, joined = judged(folder, "whole"), judged(folder, "administrator", half)
    assert statuses(joined) == statuses(whole)
    assert joined.verdict == whole.verdict
    assert [(one.email, _open(one)) for one in joined.accounts] == [
        (one.email, _open(one)) for one in whole.accounts
    ]
    assert joined.run.complete


def _open(account: AccountResult) -> dict[str, str]:
    """Return an account's findings.

    Without the directory the v3 app asks for a mailbox by the address of the list, and finds none by an
    alias: then NY3-006 is not known.
    """
    by_alias = {"NY3-006", "MIG-006"} if account.email in ALIASES else set()
    return {rule: found.status for rule, found in account.findings.items() if rule not in by_alias}


@each_of("name", ["administrator", "integrator", "visitor"])
def test_one_half_alone_does_not(folder: Path, name: str) -> None:
    half, whole = statuses(judged(folder, name)), statuses(judged(folder, "whole"))
    assert len([rule for rule, status in half.items() if status != whole[rule]]) > 10


def test_it_does_not_matter_which_half_is_named_first(folder: Path) -> None:
    one = judged(folder, "administrator", "integrator")
    other = judged(folder, "integrator", "administrator")
    assert statuses(one) == statuses(other)
    assert one.accounts == other.accounts
    assert (one.budget, one.verdict, one.counts) == (other.budget, other.verdict, other.counts)


def test_requests_are_added_up(folder: Path) -> None:
    halves = [judged(folder, name).budget for name in HALVES]
    joined = judged(folder, *HALVES).budget
    sent = {name: sum(half[name].sent for half in halves if name in half) for name in joined}
    assert {name: use.sent for name, use in joined.items()} == sent


def journal(
    path: Path, tenant: TenantEvidence, accounts: Sequence[AccountEvidence], use: RequestCounts | None
) -> Path:
    with begin(path) as writer:
        writer.tenant(tenant)
        for account in accounts:
            writer.account(account)
        if use:
            writer.use(use)
    return path


def joined(*paths: Path) -> Evidence:
    return Journals(paths).join(paths[0].with_name("evidence.journal"), lambda _line: None)


def spelled(*emails: str) -> list[AccountEvidence]:
    return [account_with(email=email) for email in emails]


USE = RequestCounts(services={"ews": ServiceBudget(3, 3, 0, 0.0)}, clocks={"ews": 2.0})


def test_accounts_are_united_by_address_in_any_spelling_in_the_first_journals_order(tmp_path: Path) -> None:
    one = spelled("zoe@contoso.com", "Ann@Contoso.com", "jö@bücher.example")
    other = spelled("new@contoso.com", "ann@contoso.com", "jö@xn--bcher-kva.example", "zoe@contoso.com")
    found = joined(
        journal(tmp_path / "one", tenant_with(account_count=3), one, USE),
        journal(tmp_path / "other", tenant_with(account_count=4), other, USE),
    )
    expected = ["zoe@contoso.com", "Ann@Contoso.com", "jö@bücher.example", "new@contoso.com"]
    assert [account.email for account in found.accounts()] == expected
    assert found.tenant.account_count == 4
    assert found.is_whole


def test_journals_of_disjoint_lists_have_the_accounts_of_both(tmp_path: Path) -> None:
    paths = [
        journal(tmp_path / name, tenant_with(account_count=1), spelled(f"{name}@contoso.com"), USE)
        for name in ("ann", "ben", "eve")
    ]
    assert joined(*paths).tenant.account_count == 3


def test_two_spellings_in_one_journal_stay_two_accounts(tmp_path: Path) -> None:
    accounts = spelled("jö@bücher.example", "jö@xn--bcher-kva.example")
    found = joined(journal(tmp_path / "one", tenant_with(account_count=2), accounts, USE))
    assert list(found.accounts()) == accounts


def test_what_one_of_them_lacks_is_not_whole_and_what_is_known_is_still_counted(tmp_path: Path) -> None:
    ann = spelled("ann@contoso.com")
    whole = journal(tmp_path / "one", tenant_with(account_count=1), ann, USE)
    begun = journal(tmp_path / "other", tenant_with(account_count=7), ann, None)
    for paths in ((whole, begun), (begun, whole)):
        found = joined(*paths)
        assert not found.is_whole
        assert found.budget == USE.services
        assert found.tenant.account_count == 7


def test_lists_are_united_and_the_sources_of_both_are_named(tmp_path: Path) -> None:
    one = tenant_with(list_source="a.csv", bad_lines=["line 2: no address"], duplicates=["line 3"])
    other = tenant_with(list_source="b.csv", bad_lines=["line 2: no address", "line 9"], writes=True)
    paths = [journal(tmp_path / name, tenant, [], USE) for name, tenant in (("1", one), ("2", other))]
    tenant = joined(*paths).tenant
    assert (tenant.list_source, tenant.writes) == ("a.csv and b.csv", True)
    assert tenant.bad_lines == ["line 2: no address", "line 9"]
    assert tenant.duplicates == ["line 3"]


def test_a_host_goes_with_what_it_answered() -> None:
    named = account_with(eas_server_host="eas.contoso.com", activesync_host=read(None))
    plain = account_with(eas_server_host=None, activesync_host=Absent("no host"))
    for one, other in ((named, plain), (plain, named)):
        assert join_accounts(one, other).eas_server_host == "eas.contoso.com"


NOBODY = Matching(**dict.fromkeys((field.name for field in msgspec.structs.fields(Matching)), Addresses()))
ALONE = msgspec.structs.replace(NOBODY, v3_only=Addresses(count=13))
MATCHED = msgspec.structs.replace(NOBODY, both=Addresses(count=9))
LEFT_OUT, LOST = Absent("left out"), Unread(reason="HTTP 503")
V2 = {"nylas_inventory": read(9), "v3_grants": LEFT_OUT, "matching": LEFT_OUT}
V3 = {"nylas_inventory": LEFT_OUT, "v3_grants": read(GrantCounts(total=13)), "matching": read(ALONE)}
BOTH = V2 | V3 | {"nylas_inventory": read(9), "matching": read(MATCHED)}
NO_V2 = V2 | {"nylas_inventory": LOST, "matching": LEFT_OUT}
NO_V3 = V2 | {"v3_grants": LOST, "matching": LOST}
APART = Unread(
    reason="v2 and v3 were read in two runs: audit both in one to match their accounts", code=Unreadable.APART
)


@each_of(
    ("halves", "expected"),
    [
        ([V2, V3], APART),
        ([V2, V3, V2], APART),
        ([V2, V3, BOTH], read(MATCHED)),
        ([V2, BOTH], read(MATCHED)),
        ([V3, BOTH], read(MATCHED)),
        ([V3, V3], read(ALONE)),
        ([V3, NO_V2], LOST),
        ([V2, NO_V3], LOST),
        ([V3, NO_V3], APART),
        ([V2, V2], LEFT_OUT),
    ],
)
def test_accounts_of_v2_and_grants_of_two_runs_are_not_matched(
    halves: list[dict[str, Any]], expected: object
) -> None:
    """Neither half compared them: what each says of them is said without the other."""
    for order in itertools.permutations([tenant_with(**half) for half in halves]):
        assert reduce(join_tenants, order).matching == expected


def test_what_the_logs_of_one_half_name_is_compared_with_the_list_of_both(tmp_path: Path) -> None:
    unlisted = [UnlistedAddress("ann@xn--bcher-kva.example", 9), UnlistedAddress("eve@contoso.com", 2)]
    logs = msgspec.structs.replace(LOGS, unlisted=unlisted, unlisted_count=2)
    with_logs = journal(tmp_path / "1", tenant_with(logs=read(logs)), spelled("ben@contoso.com"), USE)
    with_list = journal(tmp_path / "2", tenant_with(), spelled("Ann@bücher.example"), USE)
    found = joined(with_logs, with_list)
    assert isinstance(found.tenant.logs, Read)
    assert found.tenant.logs.value == msgspec.structs.replace(logs, unlisted=unlisted[1:], unlisted_count=1)
    outcomes = {one.email: decided("LOG-005", account=one, tenant=found.tenant) for one in found.accounts()}
    assert outcomes["Ann@bücher.example"].status == "unknown"
    assert "was not on the list of the run that read the logs" in (
        outcomes["Ann@bücher.example"].reason or ""
    )


NO_DIRECTORY = Unread(
    reason="[directory] is left out", permission="Application.Read.All", lacks=("directory",)
)
NO_SECRET = Unread(reason="AADSTS7000215: the secret was refused", cause="CFG-003")
NO_MICROSOFT = Absent("[microsoft] is left out", lacks=("microsoft",))
V3_ALONE = msgspec.structs.replace(V3_SETUP, microsoft_client_id=None)
DIRECTORY: dict[str, Any] = {"client_id": None, "left_out": {"microsoft": "…", "nylas.v2": "…"}}
MICROSOFT: dict[str, Any] = {"left_out": {"directory": "…", "nylas.v2": "…"}}
V2_SETUP: dict[str, Any] = {"client_id": None, "left_out": {"microsoft": "…", "directory": "…"}}


@each_of(
    ("one", "other", "kept"),
    [
        ((DIRECTORY, NO_MICROSOFT), (MICROSOFT, NO_DIRECTORY), "[directory] and [microsoft]"),
        ((DIRECTORY | {"v3": V3_ALONE}, NO_V3_APP), (MICROSOFT | {"v3": V3_SETUP}, NO_DIRECTORY), "V3"),
        ((V2_SETUP, NO_BODY), (MICROSOFT, NO_BODY), "[microsoft] and [nylas.v2]"),
        ((V2_SETUP, NO_DIRECTORY), (MICROSOFT, NO_DIRECTORY), NO_DIRECTORY),
        ((DIRECTORY, NO_SIDE_OF_V2), (MICROSOFT, NO_SIDE_OF_V2), "[directory] and [microsoft]"),
        ((DIRECTORY, NO_BODY), (MICROSOFT, NO_BODY), NO_BODY),
        ((DIRECTORY, NO_SECRET), (MICROSOFT, NO_DIRECTORY), NO_SECRET),
        ((DIRECTORY, NO_SECRET), (DIRECTORY, NO_MICROSOFT), NO_SECRET),
    ],
)
def test_what_takes_sections_of_two_files_is_not_said_to_be_left_out(
    tmp_path: Path,
    one: tuple[dict[str, Any], Any],
    other: tuple[dict[str, Any], Any],
    kept: Any,  # noqa: ANN401
) -> None:
    for name, halves in (("one", (one, other)), ("two", (other, one))):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        evidence = joined(
            *(
                journal(
                    folder / str(place),
                    tenant_with(setup=setup_with(**settings), service_principal=slot),
                    [account_with(mailbox=slot)],
                    USE,
                )
                for place, (settings, slot) in enumerate(halves)
            )
        )
        apart = "[directory] and [microsoft] and [nylas.v3].microsoft_client_id" if kept == "V3" else kept
        reason = f"no one run had all that it takes: not every tenant file has {apart}; "
        reason += "use one tenant file in all runs, each with its own secrets"
        expected = Unread(reason=reason, code=Unreadable.APART) if isinstance(kept, str) else kept
        [account] = evidence.accounts()
        assert (evidence.tenant.service_principal, account.mailbox) == (expected, expected)


def test_a_join_that_is_interrupted_leaves_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [journal(tmp_path / name, tenant_with(), spelled("ann@contoso.com"), USE) for name in "12"]

    def interrupted(*_accounts: AccountEvidence) -> AccountEvidence:
        raise KeyboardInterrupt

    monkeypatch.setattr("nylas_readiness.fixtures.evidence.again.join_accounts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        joined(*paths)
    assert {*tmp_path.iterdir()} == {*paths}
