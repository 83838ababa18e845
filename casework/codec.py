"""Encryption of everything the engine stores: each stream's payloads under the stream's own key.

The key is chosen by the workflow id, which is the stream's name; its id travels in the payload's
metadata, so that decoding needs no context. Destroying the key leaves the engine's history
unreadable (docs/security.md).
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from store.keys import SHARED_SCOPE, DataKey, Keyring

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
COMPRESSION = "encryption-compression"
"""Set to ZLIB where the plain bytes were compressed first: batches of events shrink to a sixth."""
ZLIB = b"zlib"
_WORTH_COMPRESSING = 512
_STREAM_KINDS = ("case", "incident", "referral", "meeting")


def scope_of(workflow_id: str | None) -> str:
    """The key scope of a workflow: its id where that is a stream's name, else the shared scope."""
    kind, separator, rest = (workflow_id or "").partition("/")
    return f"{kind}/{rest}" if separator and rest and kind in _STREAM_KINDS else SHARED_SCOPE


class StreamCodec(PayloadCodec, WithSerializationContext):
    """AES-256-GCM with the key of the stream that a payload belongs to.

    Raises the key ring's errors: `KeyUnavailable` (the engine tries again), `KeyDestroyed` and
    `UnknownScope`. A stream's key is never made here, only by the transaction that makes the
    stream; the shared key is made on first use.
    """

    def __init__(self, keyring: Keyring, scope: str = SHARED_SCOPE) -> None:
        self._keyring = keyring
        self._scope = scope

    def with_context(self, context: SerializationContext) -> StreamCodec:
        """The codec for payloads of one workflow, its activities included."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return StreamCodec(self._keyring, scope_of(context.workflow_id))
        return StreamCodec(self._keyring)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload whole, its own metadata included."""
        if not payloads:
            return []
        key = await self._key()
        return [_encrypt(key, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt by the key id in the metadata; what is not encrypted passes unchanged."""
        return [await self._decode_one(payload) for payload in payloads]

    async def _key(self) -> DataKey:
        if self._scope == SHARED_SCOPE:
            return await self._keyring.ensure(SHARED_SCOPE)
        return await self._keyring.get(self._scope)

    async def _decode_one(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key = await self._keyring.by_key_id(payload.metadata[KEY_ID].decode())
        plain = key.decrypt(payload.data, key.key_id.encode())
        compressed = payload.metadata.get(COMPRESSION) == ZLIB
        return Payload.FromString(zlib.decompress(plain) if compressed else plain)


def _encrypt(key: DataKey, payload: Payload) -> Payload:
    key_id = key.key_id.encode()
    metadata = {"encoding": ENCODING, KEY_ID: key_id}
    plain = payload.SerializeToString()
    if len(plain) >= _WORTH_COMPRESSING:
        plain = zlib.compress(plain, 1)
        metadata[COMPRESSION] = ZLIB
    return Payload(metadata=metadata, data=key.encrypt(plain, key_id))


def data_converter(keyring: Keyring) -> DataConverter:
    """The converter that clients and workers share: pydantic, encrypted, failures included."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=StreamCodec(keyring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
