"""Follows the printed plan: runs each request in a shell, and sends what curl would send."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from nylas_readiness.checks.migration.model import PlanStep
from nylas_readiness.reports.templates import blocks

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.server import Sandbox

# Stands in for curl: it says what it was called with, in the order of the calls. Nobody waits here.
SHELL = """curl() { printf '\\001'; printf '%s\\0' "$@"; }
sleep() { :; }
"""
_QUOTED = re.compile(r"'((?:[^']|'')*)'")


class PlanWalker:
    """Does what the plan says, at the sandbox: `values` are what a person puts in for placeholders."""

    def __init__(self, sandbox: "Sandbox", folder: Path, values: Mapping[str, str]) -> None:
        self._sandbox, self._folder, self._values = sandbox, folder, values
        self._trust = ssl.create_default_context(cafile=str(sandbox.directory / "ca.pem"))

    def follow(self, step: PlanStep) -> list[httpx.Response]:
        """Run every request of a step, and open its addresses; return the answers."""
        answers: list[httpx.Response] = []
        for block in blocks(step.how):
            if block.is_code and block.text.startswith("https://"):
                answers.append(httpx.get(self._with_values(block.text), verify=self._trust))
            elif block.is_code and block.text.startswith(("curl", "python3")):
                answers += [self._send(words) for words in self._called(block.text)]
        return answers

    def _called(self, command: str) -> list[list[str]]:
        return in_shell_words(self._with_values(command), self._folder, self._keys())

    def _keys(self) -> dict[str, str]:
        files = tomllib.loads(self._sandbox.tenant_file.read_text("utf-8"))
        nylas, secrets = files["nylas"], self._sandbox.secrets
        return {
            name: secrets[nylas[side][key].removeprefix("env:")]
            for name, side, key in (
                ("NYLAS_V3_KEY", "v3", "api_key"),
                ("NYLAS_V2_SECRET", "v2", "client_secret"),
            )
            if side in nylas
        }

    def _with_values(self, text: str) -> str:
        for placeholder, value in self._values.items():
            text = text.replace(f"<{placeholder}>", value)
        return text

    def _send(self, words: Sequence[str]) -> httpx.Response:
        """Send what curl would."""
        options = {"-X": "GET", "-d": "", "-u": ""}
        headers: dict[str, str] = {}
        url, rest = "", iter(words)
        for word in rest:
            if word == "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            elif word in options:
                options[word] = next(rest)
            elif word != "-sS":
                url = word
        name, _, password = options["-u"].partition(":")
        auth = httpx.BasicAuth(name, password) if name else None
        return httpx.request(
            options["-X"], url, headers=headers, content=options["-d"], auth=auth, verify=self._trust
        )


def quoted(text: str, before: str) -> list[str]:
    """Return the PowerShell strings that follow a word on the line where it stands."""
    line = next(line for line in text.splitlines() if before in line)
    return _QUOTED.findall(line.partition(before)[2])


def in_shell_words(command: str, folder: Path, environment: Mapping[str, str]) -> list[list[str]]:
    """Return the words of each call of curl that a command makes in a POSIX shell; it says nothing else."""
    shell, python = shutil.which("sh"), Path(sys.executable).parent
    if shell is None:
        pytest.skip("there is no POSIX shell here")
    done = subprocess.run(  # noqa: S603 -- our own commands, with curl stood in for
        [shell, "-c", SHELL + command],
        cwd=folder,
        env={"PATH": f"{python}{os.pathsep}/usr/bin{os.pathsep}/bin", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    return [call.rstrip("\0").split("\0") for call in done.stdout.split("\1")[1:]]
