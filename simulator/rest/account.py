"""Whose request it is: HTTP Basic credentials against the account in the path."""

from __future__ import annotations

import base64
import binascii
import hmac

from simulator.form.refusal import RefusalError
from simulator.settings import Settings


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise RefusalError(20003)
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RefusalError(20003) from error
    user, colon, password = text.partition(":")
    if not colon:
        raise RefusalError(20003)
    return user, password


def authenticate(settings: Settings, header: str, account_sid: str, path: str) -> str:
    """The password given, once the credentials are good for the account in the path.

    Wrong or missing ones are Twilio error 20003 (HTTP 401), another account's path 20404.
    """
    user, password = _basic_credentials(header)
    if settings.auth_token is not None and not hmac.compare_digest(password.encode(), settings.auth_token.encode()):
        raise RefusalError(20003)
    if settings.account_sid is None:
        if user != account_sid:
            raise RefusalError(20003)
    elif user != settings.account_sid:
        raise RefusalError(20003)
    elif account_sid != user:
        raise RefusalError(20404, path)
    return password
