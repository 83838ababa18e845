"""The `dalo` command."""

from __future__ import annotations

import sys

from casework.stopping import leave
from cli.app import run


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 error, 2 usage, 3 done but some rows
    refused."""
    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
