"""Accept the workflows' present commands: `python -m tests.guards.update` (docs/upgrades.md)."""

from __future__ import annotations

import asyncio
import json

from casework.postgres import temporary_postgres
from models import registry
from store.migrate import upgrade
from tests.guards.fingerprint import fingerprint
from tests.guards.test_fingerprints import GUARDED, STORED, played


def main() -> None:
    """Play every story and store what it asked for."""
    registry.load_shipped()
    found = {}
    with temporary_postgres() as server:
        for number, story in enumerate(GUARDED):
            url = server.create_database(f"story_{number}")
            upgrade(url)
            lines = asyncio.run(played(story, url))
            found[story] = {"fingerprint": fingerprint(lines), "commands": lines}
    STORED.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
