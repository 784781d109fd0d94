"""Scripts of a POSIX shell: each command that bash would run is found, with the words that bash gives it.

bash itself is the oracle where it is installed: it runs each script with a curl that only notes its words.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nylas_readiness.checks.contract import COMPUTED
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.payloads import Document, sh
from nylas_readiness.fixtures.payloads.command import Folder, Scope
from nylas_readiness.fixtures.payloads.programs import sender_of
from nylas_readiness.fixtures.payloads.traced import Traced

pytestmark = pytest.mark.offline

BASH = shutil.which("bash")
NOTES_WORDS = f"""#!{sys.executable}
import json, os, sys
words = sys.argv[1:]
given = sys.stdin.read() if "@-" in words else ""
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps([*words, given]) + "\\n")
"""
SCRIPTS = {
    "heredoc in a substitution": 'P=$(cat <<END\n{"n": "$WHO", "c": "\\$5"}\nEND\n)\ncurl x.co/ -d "$P"\n',
    "quoted heredoc": 'curl x.co/ -d @- <<\'E\' | cat\n{"n": "$WHO"}\nE\n',
    "indented heredoc": "curl x.co/ -d @- <<-E\n\t{\n\t}\n\tE\n",
    "two heredocs": "cat <<A; cat <<B; curl x.co/ -d 1\ncurl x.co/ -d no\nA\ncurl x.co/ -d no\nB\n",
    "read": "read -r -d '' P <<'E'\n[1]\nE\ncurl x.co/ -d \"$P\"\n",
    "file that is written": "cat > b.json <<'E'\n[2]\nE\ncurl x.co/ -d @b.json\n",
    "here string": "curl x.co/ -d @- <<< '[3]'\n",
    "pipes": 'printf \'{"n":"%s"}\' "$WHO" | tee copy | curl x.co/ -d @- | cat\n',
    "condition": "if ! curl x.co/ -d 1; then echo; else curl x.co/ -d 2; fi\n",
    "case": "case a in\n  a) curl x.co/ -d 1 ;;\n  *) echo ;;\nesac\n",
    "loop": 'for i in 1; do curl x.co/ -d "{\\"i\\": $i}"; done\n',
    "function": 'go() {\n  local P="[\\"$1\\"]"\n  curl x.co/ -d "$P"\n}\ngo a\n',
    "captured": "R=$(curl x.co/ -d '[1]') S=`curl x.co/ -d '[2]'`\n",
    "list of words": "A=(-X POST # why\n  -d '[1]')\ncurl \"${A[@]}\" x.co/\n",
    "quoted out": 'curl x.co/ -d \'{"n": "\'"$WHO"\'", "m": "\'$WHO\'"}\'\n',
    "appended": 'P=\'{"a": 1\'\nP+=\', "b": 2}\'\ncurl x.co/ -d "$P"\n',
    "split": "P='{\"a\": 1}'; curl x.co/ -d $P\n",
    "never split where it is set": 'A="a b"; B=$A; curl x.co/ -d "$B"\n',
    "default": 'curl x.co/ -d "${NONE:-7} ${WHO:-8}"\n',
    "arithmetic": 'curl x.co/ -d "$((1 << 2))"; echo $(( 1 << 3 ))\n',
    "comments": "# curl x.co/ -d no\ncurl x.co/ -d 'a # b' # -d no\n",
    "printed": "echo 'curl x.co/ -d no'; echo \"; curl x.co/ -d no\"; curl x.co/ -d 1\n",
    "in another shell": "bash -c 'curl x.co/ -d \"[9]\"'\n",
    "by heredoc in another shell": "bash -s <<'E'\ncurl x.co/ -d '[8]'\nE\n",
    "before its program": "env A=b timeout 5 curl x.co/ -d 1\n",
    "program in a variable": 'C="curl -sS"\n$C x.co/ -d 1\n',
    "groups": "( cd / && curl x.co/ -d 1 ) && { curl x.co/ -d 2; } 2>&1 | cat\n",
    "background": "trap 'echo x' EXIT\ncurl x.co/ -d 1 &\nwait\n",
    "redirections": ">out 2>/dev/null curl x.co/ -d 1 > other -d 2\n",
    "ANSI-C": "curl x.co/ -d $'{\\'n\\': \\u0041\\x42\\n}'\n",
    "process": "curl x.co/ -d @<(echo 1) -H 'A: b'\n",
    "one of two": 'P=$(cat none 2>/dev/null || echo "[]"); curl x.co/ -d "$P"\n',
    "apostrophe in double quotes": 'curl x.co/ -d "it\'s"; echo "don\'t"\n',
    "apostrophe joined": "curl x.co/ -d '{\"n\":\"O'\\''Neill\"}'\n",
}


def of_bash(script: str, folder: Path) -> list[list[str]]:
    """Return the words of each curl that bash runs, and its standard input."""
    (folder / "bin").mkdir()
    curl = folder / "bin" / "curl"
    curl.write_text(NOTES_WORDS, "utf-8")
    curl.chmod(curl.stat().st_mode | stat.S_IXUSR)
    notes = folder / "notes"
    notes.write_text("", "utf-8")
    path = os.pathsep.join((str(folder / "bin"), os.environ["PATH"]))
    environment = {"PATH": path, "NOTES": str(notes), "WHO": "Ann"}
    assert BASH
    subprocess.run(  # noqa: S603 -- scripts of this file
        [BASH, "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    return [json.loads(line) for line in notes.read_text("utf-8").splitlines()]


def of_ours(script: str, folder: Path) -> list[list[str]]:
    scope = Scope(Folder(folder))
    commands = sh.commands_of(Traced.whole(Document("run.sh", script)), scope)
    found: list[list[str]] = []
    for command in sorted(commands, key=lambda one: one.words[0].offset(0)):
        if sender := sender_of(command):
            words = [word.text for word in sender[1]]
            given = command.stdin.text if command.stdin and "@-" in words else ""
            found.append([*words, given])
    return found


def agree(ours: list[str], of_bash: list[str]) -> bool:
    """Return whether words are the same; a computed value stands for any text."""
    patterns = [re.escape(word).replace(re.escape(COMPUTED), "[\\s\\S]*") for word in ours]
    return len(ours) == len(of_bash) and all(map(re.fullmatch, patterns, of_bash))


@pytest.mark.skipif(BASH is None, reason="bash is the oracle")
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_words_of_each_command_are_those_that_bash_gives_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    theirs, ours = of_bash(SCRIPTS[name], tmp_path / "a"), of_ours(SCRIPTS[name], tmp_path / "b")
    assert len(ours) == len(theirs) > 0, (ours, theirs)
    assert all(map(agree, ours, theirs)), (ours, theirs)


@each_of(
    ("script", "told"),
    [
        ('curl x.co/ -d \'{"n": "D\'Arcy"}\'\ncurl x.co/ -d 2\n', "the apostrophe in line 1, column 24"),
        ("curl x.co/ -d '[1]\n\ncurl x.co/ -d 2\n", "the quote in line 1, column 15 is never closed"),
        ('curl x.co/ -d "[1]\nif ! curl x.co/ -d 2\n', "the quote in line 1, column 15 is never closed"),
        ("curl x.co/ -d @- <<E\n{}\ncurl x.co/ -d 2\n", "the heredoc of line 1 has no line E at its end"),
    ],
)
def test_a_broken_command_is_told_and_the_next_one_is_read(script: str, told: str) -> None:
    scope = Scope(Folder(Path("no such folder")))
    commands = sh.commands_of(Traced.whole(Document("run.sh", script)), scope)
    broken, whole = [one for one in commands if sender_of(one)]
    assert broken.problem
    assert told in broken.problem.message
    assert whole.problem is None
    assert whole.words[-1].text == "2"


@each_of(
    "script",
    [
        "curl x.co/ -d '\n" * 3001,
        "curl x.co/ -d \"$(curl '\n" * 1500,
        "curl x.co/ -d @- <<E\n" * 1500,
        'curl x.co/ -d "' + "$(echo " * 3000,
        'curl x.co/ -d "' + "${" * 10_000,
        "A=xxxxxxxxxx\n" + 'A="$A$A"\n' * 40 + 'curl x.co/ -d "$A"\n',
    ],
)
def test_a_hostile_script_ends_soon_and_leaves_a_trace(script: str) -> None:
    scope = Scope(Folder(Path("no such folder")))
    commands = sh.commands_of(Traced.whole(Document("run.sh", script)), scope)
    assert [one for one in commands if sender_of(one)]
    assert all(len(word.text) < 5_000_000 for one in commands for word in one.words)
