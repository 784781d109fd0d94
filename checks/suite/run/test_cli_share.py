"""`--share` on the command line: where the copy is, what is not in it, and what stops it."""

import json
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, PAYLOADS, run, run_each
from nylas_readiness.fixtures.inputs.share_key import VARIABLE

pytestmark = pytest.mark.offline

ACCOUNTS = "email,name\namara.okafor@halden.example,Amara Okafor\ngreta.vogel@halden.example,Greta Vogel\n"


def test_the_copy_is_beside_the_reports(tmp_path: Path) -> None:
    """With the same statuses, and the same pseudonyms in a second run; the key is in no file."""
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    audit = (LIVE, "--tenant", "sandbox:migration", "--accounts", "accounts.csv", "--share", "--report-dir")
    environ = {VARIABLE: str(tmp_path / "share.key")}
    first, second = (run(tmp_path, *audit, name, environ=environ) for name in ("one", "two"))
    assert first.exit_code == second.exit_code == 1
    assert f"{Path('one', 'share')} (has neither run.html nor evidence.journal" in first.output
    own = json.loads((tmp_path / "one" / "results.json").read_text("utf-8"))
    copy = json.loads((tmp_path / "one" / "share" / "results.json").read_text("utf-8"))
    again = json.loads((tmp_path / "two" / "share" / "results.json").read_text("utf-8"))
    assert own["counts"] == copy["counts"] == again["counts"]
    emails = [account["email"] for account in copy["accounts"]]
    assert emails == [account["email"] for account in again["accounts"]]
    assert len({email.partition("@")[2] for email in emails}) == 1
    key = (tmp_path / "share.key").read_text("ascii").strip()
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0, path
            text = path.read_text("utf-8")
            assert key not in text, path
            if path.is_relative_to(tmp_path / "one" / "share"):
                assert "halden" not in text.casefold(), path


def test_a_copy_of_an_earlier_run_does_not_stay(tmp_path: Path) -> None:
    """A later run in the same folder has other results: the copy goes, and what is the user's own stays."""
    out = tmp_path / "out"
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    audit = (LIVE, "--tenant", "sandbox:migration-ready", "--accounts", "accounts.csv", "--report-dir", "out")
    environ = {VARIABLE: str(tmp_path / "share.key")}
    run(tmp_path, *audit, "--share", environ=environ)
    assert (out / "share" / "results.json").is_file()
    (out / "share" / "notes.txt").write_text("mine")
    run(tmp_path, *audit, environ=environ)
    assert [path.name for path in (out / "share").rglob("*")] == ["notes.txt"]


def test_what_stops_it_is_told_before_the_audit(tmp_path: Path) -> None:
    """A bad key, and a run that is no audit; and a file in the place of the copy's folder."""
    (tmp_path / "body.json").write_text("{}")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "share").touch()
    ended = run_each(
        tmp_path,
        {"payload": [PAYLOADS, "--payload", "body.json", "--share"], "nothing": [PAYLOADS, "--share"]},
    )
    for one in ended.values():
        assert one.exit_code == 4
        assert one.problem == "--share copies the reports of an audit: give it with --tenant or --evidence"
    audit = (LIVE, "--tenant", "--share", "--report-dir", "taken", "-k", "test_cfg")
    bad = run(tmp_path, *audit, environ={VARIABLE: str(tmp_path)})
    assert bad.exit_code == 4
    assert bad.problem.startswith(f"{tmp_path}: the key of shared reports is a folder. Name another file")
    assert not (tmp_path / "taken" / "results.json").exists()
    taken = run(tmp_path, *audit, environ={VARIABLE: str(tmp_path / "share.key")})
    assert taken.exit_code == 4
    assert taken.problem.startswith(f"{Path('taken', 'share', 'results.json')}: the report cannot be written")
    assert (tmp_path / "taken" / "results.json").is_file()
