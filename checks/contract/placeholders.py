"""PAY-014: what stands in the place of a value: template placeholders, code, and variables of a shell."""

import re
from collections.abc import Iterator
from typing import Final

from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import (
    Json,
    JsonObject,
    object_of,
    pointer,
    settings_of,
    texts_in,
    walk,
)

_GUID_IN_BRACES: Final = r"\{[0-9a-f]{8}-[0-9a-f-]+\}"
_PLACEHOLDER: Final = re.compile(
    rf"""
      <.*> | \$\{{.*\}} | \{{\{{.*\}}\}} | your[_-].* | xxx[x._…\s-]*
    | (?!{_GUID_IN_BRACES})\{{[a-z_][\w\s.:-]{{2,}}\}}        # {{client-id}}
    | \[[a-z_][\w\s.:-]{{2,}}\]                               # [SECRET]
    | %\(\w+\)s | \#\{{.*\}}\#? | @@?\w+@@? | __[a-z]\w*__  # of Python, Ruby, Ant, and of scripts
    | \$\([a-z_][\w.]*\) | :[a-z]+(?:_[a-z]+)+ | \.{{3,}} | …
    | (?:add|insert|enter|put|replace|paste|set)[_-](?:your|with)[_-].*
    | (?:add|insert|enter|put|paste)[\s_-].*[\s_-]here
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# Code that reads a value where the value itself belongs, as in `process.env.MS_SECRET`.
_CODE: Final = re.compile(
    r"""
      (?:process|import\.meta|deno)\.env\b.* | (?:os\.)?(?:environ|getenv)\b\s*[\[(.].* | env\[.*\]
    | system\.getenv\(.*\) | environment\.getenvironmentvariable\(.*\) | getenv\(.*\) | env\(.*\)
    | (?:secrets|vars|env|config|settings)\.[A-Za-z_]\w* | \$env:\w+ | \$_(?:ENV|SERVER)\[.*\]
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# The name of a secret in a store, or a secret that is still encrypted, where the secret itself belongs.
_REFERENCE: Final = re.compile(
    r"""
      (?:op|vault|secrets?|keyvault|akv|ssm|awssm|gcpsm|bws|doppler|infisical)://.* | ref\+\w+:.* | vault:\S+
    | @microsoft\.keyvault\(.*\) | arn:aws[\w-]*:(?:secretsmanager|ssm):.* | enc\[.*\]
    | projects/[^/]+/secrets/.* | env:[a-z_]\w*
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# What a log shows in the place of a secret; what was sent is another text.
_MASKED: Final = re.compile(
    r"[*\u2022\u25cf]{3,} | [<\[(]?(?:redacted|filtered|masked|hidden|removed|scrubbed)[>\])]?",
    re.IGNORECASE | re.VERBOSE,
)
# What a program writes for a value that it does not have.
_MISSING: Final = frozenset(("undefined", "null", "nil", "none", "nan"))
# What a shell or a template leaves where it replaced nothing; a secret may look so, if hardly any does.
_UNREPLACED: Final = re.compile(
    r"\$[A-Z][A-Z0-9_]+ | %[A-Z][A-Z0-9_]+% | (?i:replace|change)(?i:[_-]?me) | (?i:todo|tbd|fixme)",
    re.VERBOSE,
)
# The forms of a shell: in a command whatever still has one of them is sent as it stands.
_VARIABLE: Final = re.compile(
    r"""
      \$[A-Za-z_]\w* | \$env:\w+ | %[A-Za-z_]\w*%
    | \$\(.+\) | `.+` | .*\$\{[A-Za-z_]\w*\}.*
    """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST_VARIABLE: Final = 100

# Words around the name of a member that say no more than that name: `nylas_client_id`, `myRefreshToken`.
_AROUND: Final = (
    "your|my|the|nylas|azure|microsoft|ms|o365|office365|entra|aad|app|application|value|here|v2|example"
)
_CREDENTIALS: Final = (
    *("client_id", "microsoft_client_id", "microsoft_client_secret", "microsoft_refresh_token"),
    *("redirect_uri", "reauth_account_id"),
)


def _own_name(name: str, around: str) -> re.Pattern[str]:
    """Return what matches a value that is made of the words of its member's name alone."""
    *others, last = name.split("_")
    word = rf"(?:{'|'.join([around, *others])})[\s_.-]*"
    return re.compile(rf"\s*(?:{word})*{last}(?:[\s_.-]*(?:value|here))?\s*", re.IGNORECASE)


_OWN_NAMES: Final = {
    **{name: _own_name(name, _AROUND) for name in _CREDENTIALS},
    "name": _own_name("name", "display"),
    "email_address": _own_name("email_address", "your|user|the"),
}


# How all of these begin. Nearly no value does, so that it needs no closer look; a pattern took a fifth of the
# time of a body.
_SIGNS: Final = frozenset("<${[%#@_`:.\u2026*(\u2022\u25cf")
_BEGINNINGS: Final = frozenset(
    """
    yo xx ad in en pu re pa se pr im de os ge sy va co ch to tb fi op ke ak ss aw gc bw do ar ma hi sc
    """.split()  # noqa: SIM905 -- thirty quotation marks are harder to read
)
_BLANKS: Final = " \t\r\n\f\v"


def _is_suspect(text: str) -> bool:
    start = text.lstrip(_BLANKS)[:2] if text[:1] in _BLANKS else text[:2]
    return start[:1] in _SIGNS or start.lower() in _BEGINNINGS


def is_placeholder(value: Json, context: Context | None = None) -> bool:
    """Return whether the value is, as a whole, a placeholder that nobody filled in.

    With the `context` of a shell, so is a variable that the shell does not replace.
    """
    if not isinstance(value, str):
        return False
    is_shell = context is not None and context.shell is not None
    if not (_is_suspect(value) or (is_shell and "$" in value)):
        return False
    text = value.strip()
    forms = (_PLACEHOLDER, _CODE, _REFERENCE, _MASKED)
    return any(form.fullmatch(text) for form in forms) or (is_shell and _is_variable(text))


def _is_variable(text: str) -> bool:
    return len(text) <= _LONGEST_VARIABLE and _VARIABLE.fullmatch(text) is not None


def is_own_name(name: str, value: Json) -> bool:
    """Return whether a credential's value is only its member's name, in any case and with any separator."""
    return isinstance(value, str) and _left_in(name, value) is not None


def _left_in(name: str, value: str) -> str | None:
    """Say what stands in the place of a credential; None: a value."""
    pattern = _OWN_NAMES.get(name)
    if pattern and pattern.fullmatch(value):
        return _LEFT
    return _WITHOUT_VALUE if name in _CREDENTIALS and value.strip().lower() in _MISSING else None


def no_placeholders(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-014: no value is, as a whole, a template placeholder."""
    is_suspect = any(_is_suspect(text) or (context.shell and "$" in text) for text in texts_in(body))
    for at, value in walk(body) if is_suspect else ():
        if isinstance(value, str) and (problem := _problem(value, context)):
            yield Violation(
                rule="PAY-014", pointer=at, message=problem, level="warn" if problem in _DOUBTS else "fail"
            )
    yield from _own_names(object_of(body), context)
    yield from _own_names(settings_of(body), context, "settings")


def _own_names(members: JsonObject, context: Context, *parents: str) -> Iterator[Violation]:
    for name in _OWN_NAMES:
        value = members.get(name)
        left = _left_in(name, value) if isinstance(value, str) else None
        if left and not is_placeholder(value, context):
            yield Violation(rule="PAY-014", pointer=pointer(*parents, name), message=left)


_LEFT: Final = "the value is still a template placeholder; expected the real one"
_PERHAPS: Final = "the value looks like a variable that was not replaced; expected its value"
_HIDDEN: Final = "the value is masked, as by a log, so that what is sent is not known; give the body unmasked"
_DOUBTS: Final = (_PERHAPS, _HIDDEN)
_WITHOUT_VALUE: Final = "the value is the text that a program writes for a missing one; expected the real one"


_FORMS: Final = (
    (_CODE, "the value is code that reads a variable; expected the variable's value"),
    (_MASKED, _HIDDEN),
    (_REFERENCE, "the value is the name of a secret, or an encrypted one; expected the secret itself"),
    (_PLACEHOLDER, _LEFT),
    (_UNREPLACED, _PERHAPS),
)


def _problem(value: str, context: Context) -> str | None:
    if not (_is_suspect(value) or (context.shell and "$" in value)):
        return None
    text = value.strip()
    if context.shell and _is_variable(text):
        return _sent_as_it_stands(context.shell)
    return next((message for form, message in _FORMS if form.fullmatch(text)), None)


_REPLACED: Final = {
    "sh": """inside single quotes; close them around it: '"$NAME"'""",
    "cmd": "in this form; cmd replaces %NAME%",
    "powershell": "here; it replaces $NAME and $env:NAME in double quotes",
}


def _sent_as_it_stands(shell: str) -> str:
    return f"the text of a variable itself is sent: {shell} does not replace it {_REPLACED[shell]}"
