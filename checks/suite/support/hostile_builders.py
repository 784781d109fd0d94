"""Builder commands that misbehave, each a Python program named after what it does."""

import shlex
import sys
from pathlib import Path
from typing import Any

_EACH_LINE = """
import json, os, sys, time
from nylas_readiness.fixtures.payloads import build
for line in sys.stdin:
    asked = json.loads(line)
    case, given = asked["case"], asked["input"]
    def answer(**answer):
        print(json.dumps({{"case": case, **answer}}), flush=True)
    def right():
        try:
            answer(payload=build(given))
        except ValueError as error:
            answer(refused={{"field": getattr(error, "field", ""), "message": str(error)}})
    {}
"""

# What a builder does with each line, and what is said of it.
MISBEHAVIOUR: dict[str, tuple[str, str]] = {
    "crashes": ("right() if case < 3 else sys.exit(3)", "case 3: the builder ended with exit code 3"),
    "hangs": ("time.sleep(600)", "case 1: the builder wrote no line within 0.8 s"),
    "byte order mark": (
        "os.write(1, b'\\xef\\xbb\\xbf'); right()",
        "case 1: the builder wrote a byte order mark before its line",
    ),
    "no JSON": ("print('built!', flush=True)", "case 1: the builder wrote a line that is not JSON"),
    "no UTF-8": ("os.write(1, b'\\xff\\n')", "case 1: the builder wrote a line that is not UTF-8"),
    "100 MB": (
        "[os.write(1, b'x' * 1_000_000) for _ in range(100)]",
        "case 1: the builder wrote a line longer than 1048576 bytes",
    ),
    "other case": (
        "case += 1; right()",
        "case 1: the builder answered case 2; expected one answer, to case 1",
    ),
    "twice": ("right(); right()", "case 2: the builder answered case 1; expected one answer, to case 2"),
    "nothing": ("answer()", "case 1: the builder answered without exactly one of payload"),
    "both": ("answer(payload={}, payload_text='')", "case 1: the builder answered without exactly one of"),
    "deep": (
        """print('{"payload":' + '[' * 100_000, flush=True)""",
        "case 1: the builder wrote a line that is not JSON",
    ),
    "early": ("sys.exit(0)", "case 1: the builder ended with exit code 0 before it answered"),
    "closed output": ("os.close(1); time.sleep(600)", "closed its standard output before it answered"),
}
RIGHT = "right()"
GOOD: dict[str, Any] = {
    "client_id": "fake7nylas",
    "name": "Ann \u2028 Lund",
    "email_address": "ann@contoso.example",
    "scopes": ["calendar"],
    "service_account_email": "nylas-svc@contoso.example",
    "aliases": [],
    "microsoft_client_id": "8f0c2d1e-7a55-4c0e-9d3b-0123456789ab",
    "microsoft_client_secret": "FAKE-microsoft-secret",
    "microsoft_refresh_token": "FAKE-refresh-token",
    "redirect_uri": "https://app.contoso.example/callback",
    "eas_server_host": None,
}


def program(folder: Path, does: str, name: str = "build.py") -> str:
    """Write a builder, and return the command that starts it."""
    folder.joinpath(name).write_text(_EACH_LINE.format(does), "utf-8")
    return shlex.join([sys.executable, str(folder / name)])
