"""Runs `nylas-readiness` in this process, in another folder, with nobody at the terminal."""

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from nylas_readiness.checks.suite.support.command_line import Ended


def run(folder: Path, *arguments: str | Path, stdin: str = "") -> Ended:
    """Return how the command ended."""
    from nylas_readiness.fixtures.setup.command import main

    output = io.StringIO()
    with (
        chdir(folder),
        redirect_stdout(output),
        redirect_stderr(output),
        patch("sys.stdin", io.StringIO(stdin)),
    ):
        try:
            code = main(list(map(str, arguments)))
        except SystemExit as ended:  # argparse ends so, with --help too
            code = int(ended.code or 0)
    return Ended(exit_code=code, output=output.getvalue())
