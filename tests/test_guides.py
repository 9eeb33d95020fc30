"""All Python in docs/ runs, page by page, from top to bottom."""

import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

ROOT = pathlib.Path(__file__).parent.parent
# a hidden `<!-- before: ... -->` makes what a page takes for granted, a file for example
CODE = re.compile(r"^<!-- before:\n(.*?)^-->$|^( *)```python\n(.*?)^\2```$", re.MULTILINE | re.DOTALL)


def code_of(path):
    """The program that the blocks of a page make."""
    blocks = [before or textwrap.dedent(block) for before, _, block in CODE.findall(path.read_text(encoding="utf-8"))]
    return "\n".join(blocks)


PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if code_of(path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_code_of_a_page_runs(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", code_of(path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_guide_has_code():
    assert {path for path in (ROOT / "docs" / "guides").glob("*.md")} <= set(PAGES)
