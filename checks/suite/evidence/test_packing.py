"""Packed records of accounts: what is packed comes out again, and nothing else does."""

import base64
import hashlib
import zlib
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import account_with, read, tenant_with
from nylas_readiness.checks.suite.support.journals import plain, sealed_lines
from nylas_readiness.fixtures.evidence import packing
from nylas_readiness.fixtures.evidence.journal import AccountRecord, RequestCounts, begin, encode
from nylas_readiness.fixtures.evidence.model import Mailbox
from nylas_readiness.fixtures.evidence.packing import packed, unpacked
from nylas_readiness.fixtures.evidence.saved import Saved

pytestmark = pytest.mark.offline

RECORD = encode(AccountRecord(account_with(mailbox=read(Mailbox(purpose="user")))))


def packed_with(dictionary: bytes) -> bytes:
    packer = zlib.compressobj(zdict=dictionary)
    text = base64.b64encode(packer.compress(RECORD) + packer.flush())
    return b'{"type":"packed","zlib":"%s"}' % text


def test_a_record_is_packed_small_and_comes_out_whole() -> None:
    assert len(packed(RECORD)) < len(RECORD) / 3
    assert unpacked(packed(RECORD)) == RECORD
    assert unpacked(RECORD) == RECORD


def test_the_typical_record_is_the_one_that_journals_were_packed_with() -> None:
    """Whoever changes it cannot read the journals of before."""
    text = files("nylas_readiness.fixtures.evidence").joinpath("typical_account.json").read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    assert digest == "060555b51f1753d7368405f28bd47ea9f340de240f98770b0543b8b8a28032e0"


@each_of(
    "line",
    [
        b'{"type":"packed","zlib":"A"}',
        b'{"type":"packed","zlib":"AAAA"}',
        b'{"type":"packed","zlib":7}',
        b'{"type":"packed"',
        packed_with(b"another dictionary"),
        packed(RECORD).replace(b'"}', b'","more":1}'),
        packed(RECORD)[:-10] + b'"}',
    ],
)
def test_what_was_not_packed_so_is_damaged(line: bytes) -> None:
    with pytest.raises(ValueError, match="it is damaged: what it holds"):
        unpacked(line)


def test_no_record_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "LONGEST_RECORD", 10_000)
    with pytest.raises(ValueError, match="it is damaged: what it holds is not one packed record"):
        unpacked(packed(b" " * 1_000_000))


def test_a_journal_of_the_format_before_is_read_and_gone_on_with(tmp_path: Path) -> None:
    accounts = [account_with(email=f"user{number}@contoso.com") for number in range(3)]
    now, before = tmp_path / "now", tmp_path / "before"
    with begin(now) as writer:
        writer.tenant(tenant_with(account_count=3))
        for account in accounts:
            writer.account(account)
        writer.use(RequestCounts(services={}))
    start, *records = [plain(line) for line in now.read_bytes().splitlines()]
    before.write_bytes(b"".join(sealed_lines([start.replace(b'"format":3', b'"format":2'), *records])))
    assert b"packed" in now.read_bytes()
    assert b"packed" not in before.read_bytes()
    saved = Saved(before)
    assert [saved.account(email) for email in saved] == accounts
    assert saved.tenant == Saved(now).tenant
    assert saved.is_whole


def test_an_accounts_record_is_no_longer_than_a_kilobyte() -> None:
    """One that has other numbers and ids than the typical one."""
    typical = files("nylas_readiness.fixtures.evidence").joinpath("typical_account.json").read_bytes()
    other = typical.translate(bytes.maketrans(b"123456789", b"987654321"))
    assert msgspec.json.decode(unpacked(packed(other))) == msgspec.json.decode(other)
    assert len(packed(other)) < 1000
