"""What must not be shared of a sandbox company, as the sandbox itself knows it."""

import re
from collections.abc import Iterator

from nylas_readiness.fixtures.run.share.originals import own_texts
from nylas_readiness.fixtures.sandbox.state import Recipient, User, World

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def originals_in(world: World, journal: str) -> Iterator[str]:
    """Yield what must not be shared of a company, as the sandbox itself knows it."""
    directory = world.directory
    recipients: list[User | Recipient] = [*directory.groups, *directory.contacts]
    people = [*directory.users, *directory.deleted, *recipients]
    for one in people:
        yield one.mail.partition("@")[0]
        yield one.display_name
        yield from (part for part in one.display_name.split() if len(part) > 2)
    yield from (domain.name for domain in directory.domains)
    yield from (app.name for app in directory.apps)
    yield world.company.product
    yield from set(GUID.findall(journal)) - set(GUID.findall("\n".join(own_texts())))
    yield from re.findall(r'"account_id":"(\w+)"', journal)
