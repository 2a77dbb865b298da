"""The one error that a method raises on purpose: a request that cannot be answered."""

from __future__ import annotations


class Refusal(Exception):
    """A request that cannot be answered; `code` is one of the contract's error codes, the message is for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
