"""Runs over_a_milvus_server.py where there is a server to install: `pip install --no-deps milvus==2.3.5`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest
from support.commands import ROOT

WITHIN = ROOT / "tests" / "support" / "over_a_milvus_server.py"
APART = ("unshare", "--net")
NOT_OURS = ("-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""The package that starts the server leaves sockets and files open."""
LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def has_a_network_of_its_own():
    return shutil.which(APART[0]) and subprocess.run([*APART, "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.needs_milvus_server
@pytest.mark.skipif(
    importlib.util.find_spec("milvus") is None, reason="no Milvus server: pip install --no-deps milvus==2.3.5"
)
@pytest.mark.skipif(not has_a_network_of_its_own(), reason="A network of its own needs root on Linux.")
def test_several_processes_on_a_real_server(tmp_path):
    pytest_ = [
        "-m",
        "pytest",
        "--numprocesses=0",
        "-q",
        *NOT_OURS,
        f"--basetemp={tmp_path / 'within'}",
        str(WITHIN),
    ]
    done = subprocess.run(
        [*APART, sys.executable, "-c", LOOPBACK_UP, *pytest_],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
