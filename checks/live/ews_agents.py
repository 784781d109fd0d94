"""The organisation's policy for user agents: the part of EWS-002 that is about `EwsApplicationAccessPolicy`.

It is evaluated beside the list of apps, and both must let a request in; a 403 does not say which refused.
Source: Microsoft, "How to control access to EWS in Exchange", `Set-OrganizationConfig`.
"""

from fnmatch import fnmatchcase
from typing import Final

from nylas_readiness.checks.catalogue.explanations import explain
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.outcome import Outcome, passed, warn
from nylas_readiness.fixtures.evidence.model import OrganizationConfig

ALLOW: Final = "EnforceAllowList"
# The user agent that this audit sends. Nylas's own is not published.
AUDITS_AGENT: Final = "nylas-readiness"
_NYLAS: Final = "nylas"
POLICY: Final = "EwsApplicationAccessPolicy"
MAILBOX_POLICY: Final = "EwsApplicationAccessPolicy of a mailbox"


def with_remedy(outcome: Outcome, policy: str = POLICY) -> Outcome:
    """Return an outcome with how to let Nylas's user agent in."""
    return explained(outcome, explain("ews_policy", policy))


def judge_agents(config: OrganizationConfig) -> Outcome:
    """Judge whether the policy lets a user agent in that is called after Nylas."""
    if why := config.illegible.get(POLICY):
        return with_remedy(warn(f"{POLICY} cannot be read: {why}"))
    if config.agent_policy is None:
        return passed("")
    has_entry = any(names_nylas(pattern) for pattern in _counting(config) or ())
    if has_entry is (config.agent_policy == ALLOW):
        return passed(in_words(config))
    verb = "blocks" if has_entry else "does not name"
    return with_remedy(warn(f"{in_words(config)}, which {verb} Nylas's user agent"))


def names_nylas(pattern: str) -> bool:
    """Return whether a pattern is about Nylas's user agent: by its name, or because it matches it."""
    text = pattern.strip().casefold()
    return _NYLAS in text or fnmatchcase(_NYLAS, text)


def in_words(config: OrganizationConfig) -> str:
    """Return the policy with the list that counts."""
    if config.agent_policy is None:
        return f"the export does not have {POLICY}"
    key = "EwsAllowList" if config.agent_policy == ALLOW else "EwsBlockList"
    entries = ", ".join(_counting(config) or ()) or config.illegible.get(key) or "empty"
    return f"{POLICY} is {config.agent_policy} with {key} ({entries})"


def _counting(config: OrganizationConfig) -> list[str] | None:
    return config.allowed_agents if config.agent_policy == ALLOW else config.blocked_agents
