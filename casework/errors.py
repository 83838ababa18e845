"""The error that servers, connections and configuration raise: what is wrong, and what to do."""

from __future__ import annotations


class ServerError(Exception):
    """A server cannot be started, reached or configured.

    `message` says what is wrong and `remedy` what to do about it; both are fit to print, without
    a traceback, and carry neither passwords nor personal data.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy
