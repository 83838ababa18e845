"""Which account the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by root, the server therefore runs as an account of its
own (`dalo-postgres`, made on first use; `nobody` where no account can be made), which owns the
data folder and may pass through, but not list, the folders above it and the wheel.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import NamedTuple

NAME = "dalo-postgres"


class Account(NamedTuple):
    """The user and group a server runs as; without further groups, which could be root's."""

    uid: int
    gid: int


def server_account(folder: Path, binaries: Path) -> Account | None:
    """The account to run as, given the data folder and a way to it; None when we are not root.

    A folder that another account owns already (by an earlier start) stays with that account.
    """
    if os.geteuid() != 0:
        return None
    found = folder.stat()
    account = Account(found.st_uid, found.st_gid) if found.st_uid else _account()
    if not found.st_uid:
        os.chown(folder, *account)
    for path in (folder, binaries):
        for above in path.parents:
            mode = above.stat().st_mode
            if not mode & stat.S_IXOTH:
                above.chmod(mode | stat.S_IXOTH)
    return account


def _account() -> Account:
    try:
        return _named(NAME)
    except KeyError:
        useradd = shutil.which("useradd")
    if useradd is not None:
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            check=False,
            capture_output=True,
        )
    try:
        return _named(NAME)
    except KeyError:
        return _named("nobody")


def _named(name: str) -> Account:
    found = pwd.getpwnam(name)
    return Account(found.pw_uid, found.pw_gid)
