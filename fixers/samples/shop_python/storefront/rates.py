"""Exchange rates of the bank, and the price list."""

import requests
import yaml

BANK = "https://bank.example.org/rates"


def rates(base):
    """Today's rates."""
    return requests.get(
        BANK,
        params={"base": base},  # the currency
    ).json()


def report(order):
    """Tell the accountants' machine about an order."""
    return requests.post("https://ledger.example.org/orders", json=order, timeout=10, verify=False)


def load_prices(stream):
    """The price list as the buyers write it."""
    return yaml.load(stream, Loader=yaml.Loader)


def load_names(stream):
    """The names of the goods."""
    return yaml.safe_load(stream)
