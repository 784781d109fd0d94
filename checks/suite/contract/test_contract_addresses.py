"""Addresses: the short way to a right one ends where the whole way ends."""

import pytest

from nylas_readiness.checks.contract.addresses import problem

pytestmark = pytest.mark.offline

DOMAINS = (
    "contoso.example",
    "a.com",
    "bücher.example",
    "x",
    "-a.com",
    "a..com",
    "a.com.",
    "1.2.3.4",
    "",
    "a@b.com",
)


def is_right(address: str) -> bool:
    """Return whether the library takes it, with a public name in place of a reserved one."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address.replace(".example", ".com"), check_deliverability=False, strict=True)
    except EmailNotValidError:
        return False
    return True


def test_an_address_is_right_where_the_library_says_so() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    plain = st.text(st.sampled_from("aZ09._-"), max_size=66)

    @given(local=plain | plain.map("a{}a".format) | st.text(max_size=5), domain=st.sampled_from(DOMAINS))
    def holds(local: str, domain: str) -> None:
        address = f"{local}@{domain}"
        assert (problem(address) is None) == is_right(address)

    holds()


@pytest.mark.parametrize("longest", [62, 63, 64, 65])
def test_the_length_of_a_local_part_is_bounded(longest: int) -> None:
    assert (problem("a" * longest + "@a.com") is None) == (longest <= 64)
