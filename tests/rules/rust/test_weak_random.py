"""rust/weak-random: secrets from fast generators, not chance that nobody needs to guess, nor rand's own generators."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import cured, findings

RULE = "weak_random"
QUIET = {
    "thread_rng is made for secrets": "fn new_token() -> String { let t = rand::thread_rng().gen::<u64>(); let token = t; s(token) }",
    "so is rng": "fn new_token() -> u64 { let token = rand::rng().random(); token }",
    "StdRng from the system": "use rand::rngs::StdRng;\nfn new_token() -> u64 { let mut r = StdRng::from_os_rng(); let token = r.random(); token }",
    "jitter": "async fn renew_token() { sleep(fastrand::u64(0..100)).await; }",
    "a pause before the answer to a wrong password": "use rand::rngs::SmallRng;\nasync fn password_login() { let mut rng = SmallRng::from_os_rng(); sleep(rng.random_range(0..9)).await; }",
    "the next token of a language model": "use rand::rngs::SmallRng;\nfn f() { let mut rng = SmallRng::seed_from_u64(1); let next_token = rng.sample(d); }",
    "a number of tokens": "fn f() { let token_count = fastrand::usize(1..9); }",
    "a shuffled list": "fn f(v: &mut Vec<u8>) { fastrand::shuffle(v); }",
    "a pause inside what makes a token": "fn f() { let token = retry(|| { wait(fastrand::u64(1..9)); fetch() }); }",
    "a pause in what makes a secret": "async fn session_token() -> String { sleep(fastrand::u64(0..9)).await; fetch() }",
    "random text that is no secret": "use rand::rngs::SmallRng;\nfn random_name() -> String { let mut rng = SmallRng::from_os_rng(); pick(&mut rng) }\nfn f() { let name = random_name(); }",
    "a number that decides something else": "fn reset_token() -> String { let n = fastrand::u8(0..9); log(n); from_system() }",
    "a signed token with a time in it": 'fn make_token(k: &Key) -> String { let at = Utc::now(); sign(k, &format!("{at}")) }',
    "a random token with a time in it": 'fn new_token() -> String { format!("{}-{}", Utc::now(), Uuid::new_v4()) }',
    "the id of a recording": 'fn new_session_id() -> String { format!("{}", Utc::now().timestamp()) }',
    "when a token ends": "fn token_expiry() -> u64 { SystemTime::now().as_secs() + 60 }",
    "another crate's name": "use mine::SmallRng;\nfn new_token() -> T { SmallRng::new() }",
    "a test": "#[cfg(test)]\nmod tests { fn f() { let token = fastrand::u64(..); } }",
}
FOUND = {
    "a variable": "fn f() { let token = fastrand::u128(..); }",
    "letters": "fn f() { let reset_code: String = std::iter::repeat_with(fastrand::alphanumeric).take(9).map(|_| fastrand::alphanumeric()).collect(); }",
    "the function that makes it": "fn generate_api_key() -> String { (0..32).map(|_| fastrand::alphanumeric()).collect() }",
    "a field": "fn f() -> S { S { session_id: fastrand::u64(..), n: 1 } }",
    "through a generator": "use rand::rngs::SmallRng;\nfn f() { let mut rng = SmallRng::from_entropy(); let csrf_token = rng.gen::<u64>(); }",
    "a seed that anybody knows": "use rand::rngs::StdRng;\nfn new_session_token(now: u64) -> u64 { let mut rng = StdRng::seed_from_u64(now); rng.gen() }",
    "a function named for what it gives": "use rand::rngs::SmallRng;\npub fn session_token() -> String { let mut rng = SmallRng::from_os_rng(); Alphanumeric.sample_string(&mut rng, 32) }",
    "bytes that are filled": "use rand::rngs::SmallRng;\nfn reset_token() -> String { let mut rng = SmallRng::from_entropy(); let mut bytes = [0u8; 32]; rng.fill_bytes(&mut bytes); hex::encode(bytes) }",
    "random text, and what its callers make of it": "use rand::rngs::SmallRng;\nfn random_text(n: usize) -> String { let mut rng = SmallRng::from_entropy(); (0..n).map(|_| rng.sample(A)).collect() }\nfn f() { let refresh_token = random_text(100); }",
    "a function that is handed on": "fn f() { let token: String = std::iter::repeat_with(fastrand::alphanumeric).take(32).collect(); }",
    "the time and the process": 'fn generate_token() -> String { let at = SystemTime::now().as_millis(); format!("{at:x}{:x}", std::process::id()) }',
    "the time, hashed": "fn create_api_key() -> String { let mut h = Sha256::new(); h.update(Utc::now().to_string()); hex::encode(h.finalize()) }",
    "oorandom": "fn f(seed: u64) { let mut r = oorandom::Rand32::new(seed); let password = r.rand_u32(); }",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1


def test_small_rng_becomes_the_generator_with_the_same_constructors() -> None:
    after = cured(RULE, FOUND["through a generator"])
    assert "rand::rngs::StdRng::from_entropy()" in after and "SmallRng" not in after
    assert findings(RULE, after) == []


def test_elsewhere_it_is_advice() -> None:
    (found,) = findings(RULE, FOUND["a variable"])
    assert found.fix is None and "OsRng" in found.steps[0]


def test_the_callers_may_be_in_another_file() -> None:
    maker = (
        "use rand::rngs::SmallRng;\npub fn text() -> String { let mut rng = SmallRng::from_entropy(); draw(&mut rng) }"
    )
    tree = {"src/text.rs": maker, "src/lib.rs": "fn f() -> S { S { reset_token: crate::text::text(), at: now() } }"}
    (found,) = findings(RULE, tree)
    assert found.path == "src/text.rs" and "reset_token" in found.message
