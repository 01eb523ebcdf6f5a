"""Messages of the payment provider."""

import hashlib
import hmac
import os


def signature_of(body):
    """What the provider signs a body with."""
    key = os.environ.get("PAYMENT_HOOK_KEY", "").encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def is_genuine(body, signature):
    """Whether the provider sent it."""
    expected = hmac.new(os.environ.get("PAYMENT_HOOK_KEY", "").encode(), body, hashlib.sha256).hexdigest()
    return signature == expected


def is_retry(message, previous):
    """Whether it is the same message once more; ids are no secrets."""
    return message["id"] == previous["id"]
