"""Data keys and the master keys that wrap them: AES-256-GCM, each ciphertext bound to its place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class KeyFault(Exception):
    """A data key cannot be had. `code` is fixed; the text names the scope, a reference."""

    code: ClassVar[str] = "KEY_FAULT"

    def __init__(self, text: str) -> None:
        super().__init__(f"{self.code}: {text}")


class KeyUnavailable(KeyFault):
    """Not now: the store does not answer, or the wrapping master key is not configured here. Trying
    again later may succeed."""

    code = "KEY_UNAVAILABLE"


class KeyDestroyed(KeyFault):
    """Never again: the key was destroyed, and what it encrypted is erased."""

    code = "KEY_DESTROYED"


class UnknownScope(KeyFault):
    """No key was ever made for this scope (or with this id)."""

    code = "KEY_UNKNOWN"


class NamedSecret(Protocol):
    """A master key as configuration gives it: an id that may be stored, and 32 bytes."""

    @property
    def key_id(self) -> str: ...

    @property
    def secret(self) -> bytes: ...


@dataclass(frozen=True)
class DataKey:
    """One stream's key. What it encrypts is bound to `aad` and begins with its nonce."""

    scope: str
    key_id: str
    secret: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.secret))

    def encrypt(self, plain: bytes, aad: bytes) -> bytes:
        """Nonce and AES-256-GCM ciphertext; only the same `aad` decrypts it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, aad)

    def decrypt(self, blob: bytes, aad: bytes) -> bytes:
        """The plain bytes. Raises ValueError when blob, key or `aad` do not belong together."""
        try:
            return self._cipher.decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], aad)
        except InvalidTag:
            raise ValueError(f"ciphertext under key {self.key_id} was altered or moved") from None


class MasterKeys:
    """The master keys of this process: the first wraps, all unwrap."""

    def __init__(self, keys: Sequence[NamedSecret]) -> None:
        if not keys:
            raise ValueError("master keys: at least one is needed")
        self._keys = {key.key_id: AESGCM(key.secret) for key in keys}
        self.active_id = keys[0].key_id

    def wrap(self, scope: str, key_id: str, secret: bytes) -> bytes:
        """The data key under the active master key, bound to its scope and id."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._keys[self.active_id].encrypt(nonce, secret, _bound(scope, key_id))

    def unwrap(self, master_id: str, scope: str, key_id: str, wrapped: bytes) -> bytes:
        """The data key. Raises `KeyUnavailable` where this process cannot open it."""
        master = self._keys.get(master_id)
        if master is None:
            raise KeyUnavailable(
                f"the key of {scope} is wrapped by master key {master_id}, which is not configured;"
                " add it to DALO_MASTER_KEYS"
            )
        try:
            return master.decrypt(
                wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _bound(scope, key_id)
            )
        except InvalidTag:
            raise KeyUnavailable(
                f"the stored key of {scope} was altered; restore it from the key backup"
            ) from None


def _bound(scope: str, key_id: str) -> bytes:
    return hashlib.sha256(f"{scope}\n{key_id}".encode()).digest()
