"""`make demo`, from nothing to a page and back to nothing."""

import shutil
import socket
import sys
import urllib.request

import pytest

from tests.house.working_copy import HOUSE, WorkingCopy, ctrl_c

NOT_COPIED = shutil.ignore_patterns(".*", "node_modules", "tests", "var", "__pycache__")


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "A House with Spaces"
    shutil.copytree(HOUSE, folder, ignore=NOT_COPIED)
    (folder / "var").mkdir(mode=0o700)
    (folder / "var" / "static").symlink_to(HOUSE / "var" / "static")
    copy = WorkingCopy(folder, sys.executable)
    yield copy
    assert copy.wait_until_empty()


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lines_until(process, words):
    """What the demonstration says, up to the line with these words or its end."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            break
    return "".join(lines)


def test_the_demonstration_runs_says_its_accounts_and_leaves_nothing_behind(copy, port):
    process = copy.start("demo", PORT=str(port))
    try:
        said = lines_until(process, "Ctrl-C stops it")
        assert f"http://127.0.0.1:{port}" in said, process.communicate()
        assert "inspector" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert 'lang="km"' in page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as page:
            assert page.status == 200
        code, _said, complained = copy.call("demo", PORT=str(port))
        assert code == 1
        assert complained.startswith("The demonstration already runs in this folder")
    finally:
        ctrl_c(process)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert copy.wait_until_empty()


def test_a_port_in_use_is_told_in_a_sentence(copy):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _said, complained = copy.call("demo", PORT=port)
    assert code == 1
    assert complained == f"Port {port} is in use; take another one, for example: PORT=8001 make demo\n"


@pytest.mark.parametrize("port", ["eight", "0", "70000"])
def test_a_port_that_is_none_is_told_in_a_sentence(copy, port):
    code, _said, complained = copy.call("demo", PORT=port)
    assert (code, complained) == (1, f"PORT={port} is not a port number; take one between 1024 and 65535.\n")
