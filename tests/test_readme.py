"""What the pages say is so: every command in them runs, their tables are the course's, their links lead somewhere."""
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labutils import course, list_labs
from labutils.workspace import ROOT

PAGES = [p for p in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("*/README.md"))) if p.parent.name != "dist"]
SAID = sorted({command for page in PAGES for command in re.findall(r"python -m labutils (\w+)", page.read_text(encoding="utf-8"))})
SHORT = {"open": "open 01 --no-jupyter", "doctor": "doctor", "check": "check notebooks/solutions/00_numpy_foundations.ipynb", "build": "build 00 --check",
         "prove": "prove 00 --reasons", "benchmark": "benchmark 00"}  # for one lab where a page means them all


@pytest.fixture(scope="module")
def course_copy(tmp_path_factory):
    """The course's folder without what git and the tests make, so that a command may write."""
    copy = tmp_path_factory.mktemp("course") / "labs"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "my_labs", "build", "dist", "__pycache__"))
    return copy


@pytest.mark.parametrize("command", SAID)
def test_every_command_runs(command, course_copy):
    done = subprocess.run([sys.executable, "-m", "labutils", *SHORT[command].split()], cwd=course_copy, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() and "Traceback" not in done.stderr, done.stdout + done.stderr


def test_the_table_of_labs_is_the_course():
    rows = re.findall(r"^\| \[(\w+) [^]]*\]\(notebooks/(\w+)\.ipynb\) \| .+ \| (\d+) \| (\d+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(name.split("_")[0], name, str(len(course.exercise_names(name))), str(course.about(name).MINUTES)) for name in list_labs()]


def test_stored_data_are_listed_with_size_and_checksum():
    said = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "data").glob("*.json"):
        row = next(line for line in said.splitlines() if f"`{file.name}`" in line)
        assert f"{file.stat().st_size} bytes" in row and hashlib.sha256(file.read_bytes()).hexdigest()[:16] in row


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for place in re.findall(r"\]\((?!https?:|doi:)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / Path(place)).exists(), place
