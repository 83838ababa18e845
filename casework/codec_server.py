"""The codec endpoint: decrypts payloads for Temporal's UI and command line, for who may.

It only decodes. Every answer is first written to the access log, under the account `SVC-CODEC`.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from google.protobuf import json_format
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payloads

from access.gate import CODEC_ACCOUNT, Gate
from casework.codec import StreamCodec
from casework.errors import ServerError
from casework.settings import Settings
from models.base import Refused
from store.engine import make_engine
from store.keys import KeyFault, Keyring, KeyUnavailable, MasterKeys, utc_now

_LARGEST_BODY = 16 * 1024 * 1024
_log = logging.getLogger(__name__)


def codec_app(
    engine: AsyncEngine, keyring: Keyring, token: str, ui_origins: tuple[str, ...] = ()
) -> Starlette:
    """The web application. `token` is asked for as `Authorization: Bearer ...`; a browser may call
    from `ui_origins` alone. Disposes of `engine` at the end."""
    gate, codec = Gate(engine, utc_now), StreamCodec(keyring)

    async def decode(request: Request) -> Response:
        if not _authorised(request, token):
            return _problem(401, "TOKEN_NEEDED", "send the codec token as a bearer token")
        try:
            wrapped = await _payloads(request)
        except (ValueError, json_format.ParseError):
            return _problem(400, "MALFORMED_BODY", "send Payloads as JSON, at most 16 MB")
        try:
            await gate.authorise(CODEC_ACCOUNT, "decode-payloads")
            # A process that lives long must not go on opening what was erased elsewhere.
            await keyring.forget_destroyed()
            plain = Payloads(payloads=await codec.decode(wrapped.payloads))
        except Refused as refused:
            return _problem(503, refused.code, refused.remedy)
        except KeyUnavailable as error:
            return _problem(503, error.code, "try again when the database answers")
        except KeyFault as error:
            return _problem(410, error.code, "this content was erased or is not of this store")
        except ValueError:
            return _problem(422, "NOT_DECODABLE", "the payload was altered")
        return Response(json_format.MessageToJson(plain), media_type="application/json")

    async def encode(_: Request) -> Response:
        return _problem(403, "ENCODE_REFUSED", "send commands with dalo do, not through the engine")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(ui_origins),
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "X-Namespace"],
    )
    return Starlette(
        routes=[
            Route("/decode", decode, methods=["POST"]),
            Route("/encode", encode, methods=["POST"]),
        ],
        middleware=[cors],
        lifespan=lifespan,
    )


def _authorised(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


async def _payloads(request: Request) -> Payloads:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise ValueError("the body is too large")
    return json_format.Parse(bytes(body), Payloads())


def _problem(status: int, code: str, remedy: str) -> JSONResponse:
    return JSONResponse({"code": code, "remedy": remedy}, status)


def serve(
    settings: Settings, database_url: str | None = None, ui_origins: tuple[str, ...] = ()
) -> None:
    """Run the endpoint at `settings.codec_bind` until it is told to stop.

    `database_url` is that of the one-machine service where the settings name none. Raises
    `ServerError` where token, address or database are not configured.
    """
    if settings.codec_token is None:
        raise ServerError(
            "The codec endpoint has no token.", "Set DALO_CODEC_TOKEN to a long random text."
        )
    if settings.database_url is not None:
        database_url = settings.database_url.get_secret_value()
    if database_url is None or settings.codec_bind is None:
        raise ServerError(
            "The codec endpoint has no database or no address.",
            "Set DALO_DATABASE_URL and DALO_CODEC_BIND, or start the service with: dalo up",
        )
    host, _, port = settings.codec_bind.rpartition(":")
    engine = make_engine(database_url)
    keyring = Keyring(engine, MasterKeys(settings.master_keys))
    app = codec_app(engine, keyring, settings.codec_token.get_secret_value(), ui_origins)
    _log.info("codec endpoint listens", extra={"address": settings.codec_bind})
    uvicorn.run(app, host=host, port=int(port), log_level="warning", access_log=False)
