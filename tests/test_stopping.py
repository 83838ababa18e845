"""How a process ends that met the engine."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ENDS_UNDER_A_THREAD = textwrap.dedent("""
    import atexit, threading, time
    from casework.stopping import leave

    class Aborts:
        def __del__(self):
            print("taken down")

    kept = Aborts()
    atexit.register(print, "handler ran")
    threading.Thread(target=time.sleep, args=(600,)).start()
    print("said", end=" ")
    leave({code})
""")


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_process_ends_with_its_code_its_handlers_run_and_nothing_taken_down_under_threads(
    code: int,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_UNDER_A_THREAD.format(code=code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code
    assert ended.stdout == "said handler ran\n"
    assert ended.stderr == ""


@pytest.mark.parametrize("program", ["starter.py", "worker.py", "demo/worker.py"])
def test_every_program_of_the_product_ends_that_way(program: str) -> None:
    calls = [
        node.func.id
        for node in ast.walk(ast.parse((ROOT / program).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert "leave" in calls
