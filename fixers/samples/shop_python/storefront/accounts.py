"""Who is logged in."""

from flask import current_app

from storefront import tokens

sessions = {}


def open_session(user, password):
    """A new token for a user who knows the password, else None."""
    check = current_app.config.get("CHECK_PASSWORD")
    if check is None or not check(user, password):
        return None
    token = tokens.new_token()
    sessions[token] = user
    return token


def close_session(token):
    """Forget a token."""
    sessions.pop(token, None)
