"""What is in stock."""

import json

GOODS = [{"id": 1, "name": "kettle", "cents": 2490}, {"id": 2, "name": "cup", "cents": 490}]


def all_goods():
    """Every item, cheapest first."""
    return sorted(GOODS, key=lambda item: item["cents"])


def read(body):
    """How many items a partner's file holds."""
    return len(json.loads(body))
