"""Master keys: they wrap the data key of every stream, and never leave configuration.

Several may be given: the first is active and wraps new keys, the others still unwrap, so that a
key is rotated by putting the new one in front. On one machine they live in `master.key`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from casework.errors import ServerError

KEY_BYTES = 32
FILE_NAME = "master.key"


@dataclass(frozen=True)
class MasterKey:
    """One master key: a name that may be stored beside what it wraps, and 32 secret bytes."""

    key_id: str
    secret: bytes = field(repr=False)


def parse_master_keys(text: str, source: str) -> tuple[MasterKey, ...]:
    """Read keys separated by commas, spaces or lines; raise `ServerError` naming the place.

    The key's id is the start of its SHA-256, so that every process names it alike.
    """
    words = text.replace(",", " ").split()
    if not words:
        raise ServerError(f"{source} holds no master key.", _REMEDY)
    keys = tuple(_parse_one(word, f"{source}, key {n}") for n, word in enumerate(words, start=1))
    if len({key.key_id for key in keys}) != len(keys):
        raise ServerError(f"{source} names the same master key twice.", "Leave one of the two out.")
    return keys


_REMEDY = (
    "A key is the base64 of 32 random bytes; make one with:"
    " python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
)


def _parse_one(word: str, source: str) -> MasterKey:
    try:
        secret = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        raise ServerError(f"{source} is not base64.", _REMEDY) from None
    if len(secret) != KEY_BYTES:
        raise ServerError(f"{source} has {len(secret)} bytes, not {KEY_BYTES}.", _REMEDY)
    return MasterKey(hashlib.sha256(b"dalo master key " + secret).hexdigest()[:12], secret)


def load_or_make(home: Path) -> tuple[MasterKey, ...]:
    """The keys kept in `home`, made on first use, readable by their owner alone (mode 0600).

    Two processes that start together agree: whichever links its file first has made the key.
    """
    path = home / FILE_NAME
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _make(path)
        return parse_master_keys(path.read_text("ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ServerError(
            f"The master key in {path} cannot be used ({type(error).__name__}).",
            "Check that the folder is writable, has free space and belongs to you.",
        ) from None


def _make(path: Path) -> None:
    draft = path.with_name(f".{FILE_NAME}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
