"""Of what a shared Nylas application tells, the tenant's own part is recorded; the rest is counted."""

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import read
from nylas_readiness.fixtures.evidence.model import NylasAnswer, OwnDomains, Registration
from nylas_readiness.fixtures.evidence.own_part import OwnUris, own_connector, own_credential
from nylas_readiness.fixtures.evidence.slots import Read, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import (
    ConnectorCredential,
    OwnCredential,
    V3Answer,
    V3Connector,
    V3Setup,
)

pytestmark = pytest.mark.offline

UNREAD = Unread(reason="HTTP 503")
CREDENTIALS = [
    ConnectorCredential(id="id-1", name="Norrland Timber"),
    ConnectorCredential(id="id-2", name="norrland"),
    ConnectorCredential(id="id-3", name="Norrland"),
    ConnectorCredential(id="id-4"),
]


def v3(name: str | None) -> V3Setup:
    return V3Setup(client_id="c", region="eu", url="https://api.eu.nylas.com", credential_name=name)


@each_of(
    ("name", "own"),
    [
        ("norrland", "id-2"),
        ("Norrland", "id-3"),
        (" NORRLAND ", "id-2"),
        ("id-4", "id-4"),
        ("Norrland Timber AB", None),
        ("Timber", None),
        (None, None),
    ],
)
def test_of_the_connectors_credentials_the_tenants_own_is_kept(name: str | None, own: str | None) -> None:
    slot = own_credential(v3(name), read(CREDENTIALS))
    assert isinstance(slot, Read)
    found = slot.value.credential
    assert (found.id if found else None, slot.value.others) == (own, 3 if own else 4)


def test_credentials_that_were_not_read_stay_so() -> None:
    assert own_credential(v3("norrland"), UNREAD) == UNREAD
    assert own_connector(UNREAD, UNREAD) == UNREAD


@each_of(("own", "shown"), [("id-2", "id-2"), ("id-3", None), (None, None)])
def test_the_active_credential_of_the_connector_is_named_only_if_it_is_the_tenants(
    own: str | None, shown: str | None
) -> None:
    connector: Slot[V3Connector | None] = read(V3Connector(settings=[], active_credential_id="id-2"))
    credential = OwnCredential(credential=ConnectorCredential(id=own) if own else None)
    slot = own_connector(connector, read(credential))
    assert isinstance(slot, Read)
    assert slot.value is not None
    assert slot.value.has_credential
    assert slot.value.active_credential_id == shown


URIS = [
    "https://app.vendor.example/norrland/",
    "https://app.vendor.example/kvarnen/",
    "http://APP.vendor.example/norrland",
    "https://registered.vendor.example/cb",
    "https://sso.norrland.example/cb",
    "https://norrland.example.vendor.example/cb",
    "https://api.eu.nylas.com/v3/connect/callback",
    "https://evil-nylas.com/cb",
    "https://[broken/cb",
    "",
]


def test_of_several_redirect_uris_only_the_tenants_own_are_kept() -> None:
    own = OwnUris(
        "https://app.vendor.example/norrland",
        read(OwnDomains(names=["norrland.example"], origin="directory")),
        read(Registration(redirect_uris=["https://registered.vendor.example/cb"], credentials=[])),
        read(None),
        UNREAD,
    )
    v2 = own.of(read(NylasAnswer(status=200, message="", redirect_uris=URIS)), "redirect_uris")
    v3 = own.of(read(V3Answer(status=200, callback_uris=URIS)), "callback_uris")
    assert isinstance(v2, Read)
    assert isinstance(v3, Read)
    kept = [URIS[place] for place in (0, 2, 3, 4, 6)]
    assert (v2.value.redirect_uris, v2.value.other_uris) == (kept, 5)
    assert (v3.value.callback_uris, v3.value.other_uris) == (kept, 5)


def test_the_only_redirect_uri_is_everybodys_and_none_stays_none() -> None:
    own = OwnUris(None, UNREAD)
    for uris in (["https://app.vendor.example/cb"], [], None):
        slot = read(NylasAnswer(status=200, message="", redirect_uris=uris))
        assert own.of(slot, "redirect_uris") == slot
    assert own.of(UNREAD, "redirect_uris") == UNREAD
