"""Tokens for sessions, and the order of the banners."""

import random
import string

ALPHABET = string.ascii_letters + string.digits


def new_token(length=32):
    """A token that nobody can guess."""
    return "".join(random.choice(ALPHABET) for _ in range(length))


def shuffled(banners):
    """The banners in some order; nobody's secret."""
    order = list(banners)
    random.shuffle(order)
    return order
