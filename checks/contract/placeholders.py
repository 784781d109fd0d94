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
    | %\(\w+\)s | \#\{{.*\}} | @@?\w+@@? | __[a-z]\w*__  # of Python, Ruby, Ant, and of scripts
    | (?:add|insert|enter|put|replace|paste|set)[_-](?:your|with)[_-].*
    | (?:add|insert|enter|put|paste)[_-].*[_-]here
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


# How all of these begin. Nearly no value does, so that it needs no closer look.
_SUSPECT: Final = re.compile(
    r"""\s*(?:[<${\[%\#@_`]|your|xxx|add|insert|enter|put|replace|paste|set|process|import|deno|os|env|getenv
    |system|secrets|vars|config|change|todo|tbd|fixme)""",
    re.IGNORECASE | re.VERBOSE,
)


def is_placeholder(value: Json, context: Context | None = None) -> bool:
    """Tell whether the value is, as a whole, a placeholder that nobody filled in.

    With the `context` of a shell, so is a variable that the shell does not replace.
    """
    if not isinstance(value, str):
        return False
    is_shell = context is not None and context.shell is not None
    if not (_SUSPECT.match(value) or (is_shell and "$" in value)):
        return False
    text = value.strip()
    is_code = _PLACEHOLDER.fullmatch(text) or _CODE.fullmatch(text)
    return bool(is_code) or (is_shell and _is_variable(text))


def _is_variable(text: str) -> bool:
    return len(text) <= _LONGEST_VARIABLE and _VARIABLE.fullmatch(text) is not None


def is_own_name(name: str, value: Json) -> bool:
    """Tell whether a credential's value is but the name of its member, in any case and with any separator."""
    pattern = _OWN_NAMES.get(name)
    return bool(pattern and isinstance(value, str) and pattern.fullmatch(value))


def no_placeholders(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-014: no value is, as a whole, a template placeholder."""
    is_suspect = any(_SUSPECT.match(text) or (context.shell and "$" in text) for text in texts_in(body))
    for at, value in walk(body) if is_suspect else ():
        if isinstance(value, str) and (problem := _problem(value, context)):
            yield Violation(
                rule="PAY-014", pointer=at, message=problem, level="warn" if problem == _PERHAPS else "fail"
            )
    yield from _own_names(object_of(body), context)
    yield from _own_names(settings_of(body), context, "settings")


def _own_names(members: JsonObject, context: Context, *parents: str) -> Iterator[Violation]:
    for name, pattern in _OWN_NAMES.items():
        value = members.get(name)
        if isinstance(value, str) and pattern.fullmatch(value) and not is_placeholder(value, context):
            yield Violation(rule="PAY-014", pointer=pointer(*parents, name), message=_LEFT)


_LEFT: Final = "the value is still a template placeholder; expected the real one"
_PERHAPS: Final = "the value looks like a variable that was not replaced; expected its value"


def _problem(value: str, context: Context) -> str | None:
    if not (_SUSPECT.match(value) or (context.shell and "$" in value)):
        return None
    text = value.strip()
    if context.shell and _is_variable(text):
        return _sent_as_it_stands(context.shell)
    if _CODE.fullmatch(text):
        return "the value is code that reads a variable; expected the variable's value"
    if _PLACEHOLDER.fullmatch(text):
        return _LEFT
    return _PERHAPS if _UNREPLACED.fullmatch(text) else None


_REPLACED: Final = {
    "sh": """inside single quotes; close them around it: '"$NAME"'""",
    "cmd": "in this form; cmd replaces %NAME%",
    "powershell": "here; it replaces $NAME and $env:NAME in double quotes",
}


def _sent_as_it_stands(shell: str) -> str:
    return f"the text of a variable itself is sent: {shell} does not replace it {_REPLACED[shell]}"
