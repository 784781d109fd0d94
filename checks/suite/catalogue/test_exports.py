"""The administrator's exports are read as PowerShell writes them; another document proves no absence."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.evidence.exports import organization_config, read_export, role_assignments
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.inputs.tenant import Tenant, load

pytestmark = pytest.mark.offline

NAME = "organization-config.json"
A, B, C = (f"0c1d2e3f-{n}000-4000-8000-00000000000{n}" for n in "123")
FILE = """
[tenant]
name = "contoso"
[service_account]
email = "nylas-svc@contoso.com"
[nylas.v3]
client_id = "c"
api_key = "env:KEY"
"""
ASSIGNMENT = {
    "Role": "ApplicationImpersonation",
    "RoleAssigneeName": "Nylas Impersonation",
    "EffectiveUserName": "nylas-svc",
    "RoleAssignmentDelegationType": "Regular",
    "CustomRecipientWriteScope": None,
    "Enabled": True,
    "WhenCreatedUTC": "2026-11-23T09:00:00Z",
}


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    path = tmp_path / "contoso.toml"
    path.write_text(FILE, "utf-8")
    return load(path, {})


@each_of(
    ("listed", "app_ids"),
    [
        # Null: empty, or not retrieved.
        ({"EwsAllowedAppIDs": None}, None),
        ({}, None),
        ({"EwsAllowedAppIDs": ""}, []),
        ({"EwsAllowedAppIDs": []}, []),
        ({"EwsAllowedAppIDs": "{}"}, []),
        ({"EwsAllowedAppIDs": "null"}, None),
        ({"EwsAllowedAppIDs": f"{A}, {B},"}, [A, B]),
        ({"EwsAllowedAppIDs": f"{A};{B}"}, [A, B]),
        ({"EwsAllowedAppIDs": f"{{{A}, {B}}}"}, [A, B]),
        ({"EwsAllowedAppIDs": f"{{{A}}}, {{{B}}}"}, [A, B]),
        ({"EwsAllowedAppIDs": f'["{A}","{B}"]'}, [A, B]),
        ({"EwsAllowedAppIDs": f"{A},{B[:9]}\n   {B[9:]}"}, [A, B]),
        ({"EwsAllowedAppIDs": [A, B]}, [A, B]),
        ({"EwsAllowedAppIDs": [{"value": A, "Length": 36}]}, [A]),
        ({"EWSALLOWEDAPPIDS": [f"{A},{B}", C]}, [A, B, C]),
        ({"ewsAllowedAppIds": A.upper()}, [A.upper()]),
    ],
)
def test_the_organisations_ews_settings_are_read(
    listed: dict[str, object], app_ids: list[str] | None
) -> None:
    for enabled in (True, False, None):
        found = organization_config({"EwsEnabled": enabled, **listed})
        assert (found.ews_enabled, found.allowed_app_ids) == (enabled, app_ids)


@each_of(
    ("written", "enabled"),
    [
        (True, True), ("True", True), ("$true", True), ("false", False), ("$False", False),
        (None, None), ("", None), ("$null", None), (" ", None), ("null", None),
        ("WAHR", True), ("Faux", False), ({"Value": "False", "value": 0}, False),
    ],
)  # fmt: skip
def test_a_switch_is_read_as_powershell_writes_it(written: object, enabled: bool | None) -> None:
    for name in ("EwsEnabled", "EWSEnabled", "ewsenabled"):
        found = organization_config({name: written})
        assert (found.ews_enabled, found.illegible) == (enabled, {})


@each_of(
    ("given", "named"),
    [
        ({"EwsEnabled": 1}, "EwsEnabled"),
        ({"EwsEnabled": "perhaps"}, "EwsEnabled"),
        ({"EwsEnabled": {"a" * 99: 1}}, "EwsEnabled"),
        ({"EwsAllowedAppIDs": "System.Object[]"}, "EwsAllowedAppIDs"),
        ({"EwsAllowedAppIDs": "*"}, "EwsAllowedAppIDs"),
        ({"EwsAllowedAppIDs": f"{A}, and others"}, "EwsAllowedAppIDs"),
        ({"EwsAllowedAppIDs": A[:-1]}, "EwsAllowedAppIDs"),
        ({"EwsAllowList": ["ok", "@{a=b}"]}, "EwsAllowList"),
        ({"EwsAllowList": {"Count": 2, "IsReadOnly": False}}, "EwsAllowList"),
        ({"EwsApplicationAccessPolicy": 7}, "EwsApplicationAccessPolicy"),
    ],
)
def test_a_value_that_cannot_be_read_costs_that_value(given: dict[str, object], named: str) -> None:
    whole = {"EwsEnabled": True, "EwsAllowedAppIDs": A, "EwsBlockList": ["Old*"]}
    found = organization_config(whole | given)
    assert list(found.illegible) == [named]
    assert found.blocked_agents == ["Old*"]
    assert len(found.illegible[named]) < 120


def test_the_policy_for_user_agents_is_read() -> None:
    found = organization_config(
        {
            "EwsEnabled": None,
            "EwsApplicationAccessPolicy": "enforceAllowList",
            "EwsAllowList": "{Nylas*, Mozilla/5.0 (X11; Linux)}",
            "EwsBlockList": [],
        }
    )
    assert (found.has_agent_policy, found.agent_policy) == (True, "EnforceAllowList")
    assert (found.allowed_agents, found.blocked_agents) == (["Nylas*", "Mozilla/5.0 (X11; Linux)"], [])
    assert not organization_config({"EwsEnabled": None}).has_agent_policy


@each_of("document", [None, [], {}, "x", {"EwsAllowedAppIDs": "a1"}, [ASSIGNMENT]])
def test_a_document_without_ews_settings_is_another_export(document: object) -> None:
    with pytest.raises(ValueError, match=r"EwsEnabled|not an object"):
        organization_config(document)


def test_one_assignment_may_be_an_object_several_are_a_list_and_none_is_empty() -> None:
    [alone] = role_assignments(ASSIGNMENT)
    assert (alone.role, alone.holders) == (
        "ApplicationImpersonation",
        ["nylas-svc"],
    )
    assert (alone.group, alone.is_expanded) == ("Nylas Impersonation", True)
    assert role_assignments([ASSIGNMENT, ASSIGNMENT]) == [alone, alone]
    assert role_assignments([]) == []


def test_an_assignment_that_gives_nobody_the_role_is_left_out() -> None:
    for written in ("DelegatingOrgWide", {"value": "Delegating"}):
        change = {"RoleAssignmentDelegationType": written}
        assert role_assignments([ASSIGNMENT | change, ASSIGNMENT]) == role_assignments(ASSIGNMENT)


@each_of("written", [False, "False", "$false", "FALSCH", {"value": "False"}])
def test_an_assignment_that_is_disabled_says_so(written: object) -> None:
    [found] = role_assignments(ASSIGNMENT | {"Enabled": written})
    assert (found.holders, found.is_enabled) == (["nylas-svc"], False)


@each_of(
    ("change", "scope"),
    [
        ({"RecipientWriteScope": "Organization"}, ""),
        ({"RecipientWriteScope": "Self"}, "Self"),
        ({"RecipientWriteScope": "CustomRecipientScope", "CustomRecipientWriteScope": "Oslo"}, "Oslo"),
        ({"RecipientWriteScope": {"value": "ExclusiveRecipientScope"}}, "ExclusiveRecipientScope"),
        ({"RecipientWriteScope": 7}, None),
        ({"CustomRecipientWriteScope": {"Name": "Oslo", "ObjectClass": ["a"]}}, "Oslo"),
    ],
)
def test_a_built_in_scope_narrows_like_a_custom_one(change: dict[str, object], scope: str | None) -> None:
    [found] = role_assignments(ASSIGNMENT | change)
    assert found.custom_scope == scope


def test_a_role_that_is_written_as_an_object_has_its_name() -> None:
    role = {"Name": "ApplicationImpersonation", "DistinguishedName": "CN=ApplicationImpersonation,CN=Roles"}
    assert role_assignments(ASSIGNMENT | {"Role": role}) == role_assignments(ASSIGNMENT)


def test_an_object_whose_properties_are_all_null_is_read_from_csv(tenant: Tenant) -> None:
    """So Export-Csv writes the configuration that nobody has touched."""
    for cells in (",", '"",""'):
        tenant.beside(NAME).write_text(f'"EwsEnabled","EwsAllowedAppIDs"\r\n{cells}\r\n', "utf-8")
        slot = read_export(tenant, "organization_config", NAME, organization_config)
        assert isinstance(slot, Read), slot
        assert (slot.value.ews_enabled, slot.value.allowed_app_ids) == (None, None)


@each_of(
    "written",
    [
        "2026-11-23T09:00:00Z",
        "2026-11-23T09:00:00",
        "2026-11-23T10:00:00+01:00",
        "/Date(1795424400000)/",
        "23.11.2026 09:00:00",
        "11/23/2026 9:00:00 AM",
    ],
)
def test_the_time_of_a_grant_is_utc_however_powershell_wrote_it(written: str) -> None:
    [found] = role_assignments(ASSIGNMENT | {"WhenCreatedUTC": written})
    assert found.created == datetime(2026, 11, 23, 9, tzinfo=UTC)


@each_of("written", ["03/11/2026 09:00", "9:00:00 AM", "today", 7, ["x"], {"DisplayHint": 2}])
def test_a_time_that_no_standard_knows_costs_the_time_alone(written: object) -> None:
    [found] = role_assignments(ASSIGNMENT | {"WhenCreatedUTC": written})
    assert (found.created, found.holders) == (None, ["nylas-svc"])


def test_a_time_to_which_powershell_added_members_is_read() -> None:
    written = {"value": "/Date(1795424400000)/", "DisplayHint": 2, "DateTime": "mandag 23. november 2026"}
    [found] = role_assignments(ASSIGNMENT | {"WhenCreatedUTC": written})
    assert found.created == datetime(2026, 11, 23, 9, tzinfo=UTC)


GROUP = {"RoleAssigneeType": "RoleGroup", "EffectiveUserName": "All Group Members"}
USER = {"RoleAssigneeType": "User", "RoleAssigneeName": "Nylas Service"}


@each_of(
    ("change", "holders", "group", "is_expanded"),
    [
        (GROUP, [], "Nylas Impersonation", False),
        (GROUP | {"EffectiveUserName": None}, [], "Nylas Impersonation", False),
        (GROUP | {"RoleAssigneeType": None}, [], "Nylas Impersonation", False),
        # An export of two columns does not say whether a user or a group has the role.
        ({"EffectiveUserName": None}, ["Nylas Impersonation"], "Nylas Impersonation", False),
        # A group is no name of its members, even where it is called like one of them.
        ({"RoleAssigneeType": 10, "RoleAssigneeName": "nylas"}, ["nylas-svc"], "nylas", True),
        (USER, ["Nylas Service", "nylas-svc"], None, True),
        (USER | {"RoleAssigneeType": 0, "EffectiveUserName": None}, ["Nylas Service"], None, True),
        (USER | {"User": "contoso.com/Services/nylas"}, [
            "Nylas Service", "contoso.com/Services/nylas", "nylas-svc",
        ], None, True),
    ],
)  # fmt: skip
def test_a_row_tells_who_holds_the_role_or_that_a_group_was_not_expanded(
    change: dict[str, object], holders: list[str], group: str | None, is_expanded: bool
) -> None:
    [found] = role_assignments(ASSIGNMENT | change)
    assert (found.holders, found.group, found.is_expanded) == (holders, group, is_expanded)


def test_the_names_of_properties_are_read_without_regard_to_case() -> None:
    [plain] = role_assignments(ASSIGNMENT)
    assert role_assignments({name.upper(): value for name, value in ASSIGNMENT.items()}) == [plain]


@each_of("document", ["", 0, False, {}, [7], [{"EwsEnabled": True}], {"WhenCreatedUTC": "today"}])
def test_a_document_that_names_no_holder_is_another_export(document: object) -> None:
    with pytest.raises(ValueError, match=r"names nobody|not an object|it is not"):
        role_assignments(document)


def test_any_document_is_an_export_or_a_value_error() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    names = st.sampled_from(["EwsEnabled", "EwsAllowedAppIDs", *ASSIGNMENT])
    documents = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=8,
    )

    @given(documents)
    def holds(document: object) -> None:
        for parse in (organization_config, role_assignments):
            try:
                found = parse(document)
            except ValueError:
                continue
            assert found == parse(json.loads(json.dumps(document)))

    holds()


@each_of("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_export_is_read_in_each_encoding_that_powershell_redirects_in(
    tenant: Tenant, encoding: str
) -> None:
    tenant.beside(NAME).write_text('{"Name": "Sjæl", "EwsEnabled": true}', encoding)
    assert isinstance(read_export(tenant, "organization_config", NAME, organization_config), Read)


@each_of("cut_off", ["System.Object[]", "@{Name=nylas-svc}"])
def test_a_holder_that_was_cut_off_is_no_holder(cut_off: str) -> None:
    [found] = role_assignments(ASSIGNMENT | {"EffectiveUserName": cut_off})
    assert (found.holders, found.is_expanded) == (["Nylas Impersonation"], False)
    [nobody] = role_assignments({"EffectiveUserName": cut_off, "CustomRecipientWriteScope": cut_off})
    assert (nobody.holders, nobody.is_expanded, nobody.custom_scope) == ([], False, None)


def test_a_read_export_says_which_file_and_when_it_was_written(tenant: Tenant) -> None:
    tenant.beside(NAME).write_text('\ufeff{"EwsEnabled": true}', "utf-8")
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Read)
    assert slot.value.ews_enabled is True
    assert slot.trace.source == NAME
    written = datetime.fromtimestamp(tenant.beside(NAME).stat().st_mtime, UTC)
    assert datetime.fromisoformat(slot.trace.at) == written.replace(microsecond=0)


@each_of(
    ("content", "why"),
    [
        (None, "does not exist"),
        ('{"EwsEnabled": true}'.encode("utf-16")[:-1], "is not the export that is wanted"),
        (b"", "is not the export that is wanted"),
        (
            b"EwsEnabled EwsAllowedAppIDs\n---------- ----------------\nTrue       a1",
            "a table for the screen",
        ),
        (b"x" * 200_000, "is not the export that is wanted"),
        (b'<Objs Version="1.1.0.1">', "CliXml"),
        (b'"EwsEnabled","EwsAllowedAppIDs"\r\n', "a CSV file that has a row"),
        (b"[" * 5000, "is not the export that is wanted"),
        (b'{"Name": "contoso"}', "it has no property EwsEnabled"),
    ],
)
def test_an_export_that_cannot_be_read_decides_nothing_and_is_named(
    tenant: Tenant, content: bytes | None, why: str
) -> None:
    if content is not None:
        tenant.beside(NAME).write_bytes(content)
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Unread)
    assert slot.reason.startswith(f"organization_config: {NAME} ")
    assert why in slot.reason


CSV = """#TYPE Selected.Microsoft.Exchange.Data.Directory.SystemConfiguration.Organization
"EwsEnabled","EwsAllowedAppIDs","EwsAllowList"
"True","","System.String[]"
"""


@each_of("separator", [",", ";", "\t"])
def test_an_export_through_export_csv_is_read(tenant: Tenant, separator: str) -> None:
    text = CSV.replace(",", separator).replace("\n", "\r\n")
    tenant.beside(NAME).write_bytes(text.encode("utf-16"))
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Read)
    assert (slot.value.ews_enabled, slot.value.allowed_app_ids) == (True, None)
    assert list(slot.value.illegible) == ["EwsAllowList"]


def test_role_assignments_through_export_csv_are_read(tenant: Tenant) -> None:
    tenant.beside("roles.csv").write_text(
        "Role,RoleAssigneeName,EffectiveUserName,WhenCreatedUTC,CustomRecipientWriteScope\n"
        'ApplicationImpersonation,Calendars,"Svc, Nylas",14.09.2022 12:10:05,\n'
    )
    slot = read_export(tenant, "role_assignments", "roles.csv", role_assignments)
    assert isinstance(slot, Read)
    [row] = slot.value
    assert (row.holders, row.group, row.custom_scope) == (["Svc, Nylas"], "Calendars", "")
    assert row.created == datetime(2022, 9, 14, 12, 10, 5, tzinfo=UTC)


def test_a_list_that_powershell_5_wraps_is_read() -> None:
    wrapped = {"value": ["Nylas*", "Outlook*"], "Count": 2}
    found = organization_config({"value": [{"EwsEnabled": True, "EwsAllowList": wrapped}], "Count": 1})
    assert found.allowed_agents == ["Nylas*", "Outlook*"]


def test_an_export_that_the_tenant_file_does_not_give_is_absent(tenant: Tenant) -> None:
    slot = read_export(tenant, "role_assignments", None, role_assignments)
    assert slot == Absent("[exchange] gives no role_assignments")


@each_of("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-bom", "utf-16-be-with-bom"])
def test_every_encoding_of_powershell_is_read(tenant: Tenant, encoding: str) -> None:
    """Windows PowerShell 5.1 redirects in UTF-16 with a byte order mark."""
    codec, _, with_bom = encoding.partition("-with-")
    text = ("\ufeff" if with_bom else "") + json.dumps({"EwsEnabled": True, "EwsAllowedAppIDs": f"{A},{B}"})
    tenant.beside(NAME).write_bytes(text.encode(codec))
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Read)
    assert slot.value.allowed_app_ids == [A, B]


@each_of(
    "cut_off",
    ["System.Object[]", "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]", "@{Name=x}"],
)
def test_a_list_that_was_cut_off_is_no_list(tenant: Tenant, cut_off: str) -> None:
    """Beyond its depth ConvertTo-Json writes the type's name: no application is called that."""
    tenant.beside(NAME).write_text(json.dumps({"EwsEnabled": True, "EwsAllowedAppIDs": cut_off}))
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Read)
    assert (slot.value.ews_enabled, slot.value.allowed_app_ids) == (True, None)
    assert "-Depth" in slot.value.illegible["EwsAllowedAppIDs"]


@each_of(
    "text",
    [
        f'#TYPE Selected\r\n"EwsEnabled","EwsAllowedAppIDs"\r\n"True","{A},{B}"\r\n',
        f'EwsAllowedAppIDs;EwsEnabled\r\n"{A};{B}";True\r\n',
        f'"EwsEnabled"\t"EwsAllowedAppIDs"\r\n"True"\t"{A} {B}"\r\n',
        f"\r\n\r\nEwsEnabled       : True\r\nEwsAllowedAppIDs : {{{A},\r\n                   {B}}}\r\n\r\n",
        f"EWSEnabled: $true\nEwsAllowedAppIds: {A},{B}\n",
        f"PS C:\\Users> Get-OrganizationConfig | fl Ews*\n\nEwsEnabled : True\nEwsAllowedAppIDs : {A},{B}\n",
        f'[PS] C:\\>Get-It | ConvertTo-Json\n{{"EwsEnabled":true,"EwsAllowedAppIDs":"{A},{B}"}}',
    ],
)
def test_csv_and_a_list_are_read_like_json(tenant: Tenant, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        tenant.beside(NAME).write_bytes(text.encode(encoding))
        slot = read_export(tenant, "organization_config", NAME, organization_config)
        assert isinstance(slot, Read), slot
        assert (slot.value.ews_enabled, slot.value.allowed_app_ids) == (True, [A, B])


def test_role_assignments_are_read_from_csv_and_from_a_list(tenant: Tenant) -> None:
    names = list(ASSIGNMENT)
    values = ["" if value is None else str(value) for value in ASSIGNMENT.values()]
    table = ";".join(f'"{name}"' for name in names) + "\n" + ";".join(f'"{value}"' for value in values)
    listed = "".join(f"{name:<30} : {value}\n" for name, value in zip(names, values, strict=True))
    for text in (table, f"{listed}\n{listed}"):
        tenant.beside(NAME).write_text(text, "utf-8")
        slot = read_export(tenant, "role_assignments", NAME, role_assignments)
        assert isinstance(slot, Read), slot
        assert slot.value[0] == role_assignments(ASSIGNMENT)[0]


@each_of("ending", ["c...}", "c…}"])
def test_a_list_of_which_the_screen_shows_the_beginning_is_no_list(tenant: Tenant, ending: str) -> None:
    text = f"EwsEnabled       : True\nEwsAllowedAppIDs : {{a, b, {ending}\n"
    tenant.beside(NAME).write_text(text, "utf-8")
    slot = read_export(tenant, "organization_config", NAME, organization_config)
    assert isinstance(slot, Read), slot
    assert (slot.value.ews_enabled, slot.value.allowed_app_ids) == (True, None)
    assert "cut off" in slot.value.illegible["EwsAllowedAppIDs"]
