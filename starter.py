"""The `dalo` command."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress

from cli.app import run


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 error, 2 usage, 3 done but some rows
    refused."""
    code = run(sys.argv[1:])
    with suppress(OSError):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    # The engine's client has threads of its own; an interpreter that ends under them may abort.
    os._exit(code)


if __name__ == "__main__":
    main()
