from catalog import shelf
from storefront import hooks, tokens


def test_goods_come_cheapest_first():
    assert [item["name"] for item in shelf.all_goods()] == ["cup", "kettle"]


def test_a_partners_file_is_counted():
    assert shelf.read(b"[1, 2, 3]") == 3


def test_tokens_are_long_and_differ():
    one, other = tokens.new_token(), tokens.new_token()
    assert len(one) == len(other) == 32
    assert one != other
    assert set(one) <= set(tokens.ALPHABET)


def test_shuffling_loses_no_banner():
    assert sorted(tokens.shuffled(["a", "b", "c"])) == ["a", "b", "c"]


def test_only_the_providers_signature_is_genuine():
    body = b'{"id": 7}'
    assert hooks.is_genuine(body, hooks.signature_of(body))
    assert not hooks.is_genuine(body, hooks.signature_of(b"other"))
    assert not hooks.is_genuine(body, "")
