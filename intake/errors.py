"""The error of a file that cannot be read at all; a row that cannot be is a `Reject`."""

from __future__ import annotations


class FileError(Exception):
    """A file as a whole is unusable. `message` says what is wrong and `remedy` what to do; neither
    holds content of the file."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}: {remedy}")
        self.message = message
        self.remedy = remedy
