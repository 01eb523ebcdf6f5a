"""rust/expect-in-library: what others meet and nothing speaks for; a fix only where the types are clear."""

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.rust.tool import cured, findings, is_rustfmt_clean, places

RULE = "expect_in_library"
ANYHOW = "use anyhow::{Context, Result};\n\n"


def body(line: str, returns: str = " -> Result<()>") -> str:
    return ANYHOW + f"pub fn f(x: &X){returns} {{\n    {line}\n    Ok(())\n}}\n"


QUIET = {
    "a pattern that is a literal": body('let r = Regex::new("^a$").unwrap();'),
    "a constant header": body('let h = HeaderValue::from_str("text/html").unwrap();'),
    "a literal number": body("let n = NonZeroU32::new(5).unwrap();"),
    "a date of literals": body("let d = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();"),
    "a literal parsed": body('let u: Url = "https://example.org".parse().unwrap();'),
    "a text made of constants": body('let u: Url = format!("https://{HOST}").parse().unwrap();'),
    "text written to a String": body('write!(s, "{x}").unwrap();'),
    "four bytes of a slice": body("let n = u32::from_le_bytes(b[0..4].try_into().unwrap());"),
    "the clock": body("let t = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();"),
    "a panic passed on": body("handle.join().unwrap();"),
    "a lock is another rule's": body("x.lock().unwrap();"),
    "an address is another rule's": body('let a: std::net::SocketAddr = "1.2.3.4:5".parse().unwrap();'),
    "the message is a proof": body('let v = x.get(0).expect("checked above");'),
    "the message states a fact": body('let v = x.user.as_ref().expect("user is authenticated");'),
    "a comment says why": body("// SAFETY: the map has every key\n    let v = x.get(0).unwrap();"),
    "a comment beside it": body("let v = x.get(0).unwrap(); // never empty"),
    "a comment that counts": body("// there is at least one\n    let v = x.get(0).unwrap();"),
    "written to memory": body("serde_json::to_writer(&mut buffer, &x).unwrap();"),
    "asked before": body("if x.list.is_empty() { return Ok(()); }\n    let v = x.list.first().unwrap();"),
    "assigned before": body("x.tx = Some(1);\n    let v = x.tx.unwrap();"),
    "documented": ANYHOW + "/// # Panics\n///\n/// When empty.\npub fn f(x: &[u8]) {\n    x.first().unwrap();\n}\n",
    "allowed": ANYHOW + "#[allow(clippy::unwrap_used)]\npub fn f(x: &[u8]) {\n    x.first().unwrap();\n}\n",
    "a static": "static R: LazyLock<Regex> = LazyLock::new(|| Regex::new(&make()).unwrap());\n",
    "a test": "#[test]\nfn f() { g().unwrap(); }\n",
    "the message compares": body('let v = x.get(0).expect("n > 0");'),
    "a proof that names a failure": body(
        'let v = x.key().expect("the parser guarantees it when no signature is set");'
    ),
    "a comment after it": body("let v = last(x)?.unwrap(); // will not fail because the first was found"),
    "a json object that was just made": body("let mut r = json!({});\n    r.as_object_mut().unwrap().clear();"),
    "numbers written to a vector": body("let mut buf = Vec::new();\n    buf.write_u32::<LE>(x.n).unwrap();"),
    "a slice of one": body(
        "match x.list[..] {\n        [_one] => x.list.iter().next().unwrap(),\n        _ => 1,\n    };"
    ),
    "base64 is text": body("let s = String::from_utf8(base64_encode(&x)).unwrap();"),
    "a network of one address": body("let n = Ipv4Cidr::new(x.ip, 32).unwrap();"),
    "a style of literals": body('let s = ProgressStyle::default_bar().template("[{bar}]").unwrap();'),
    "a function that says it panics": ANYHOW + "pub fn expect_span(x: &[u8]) {\n    x.first().unwrap();\n}\n",
    "a group of a match": body("for cap in R.captures_iter(s) {\n        let g = cap.get(1).unwrap();\n    }"),
    "a named group": body('let key = param_caps.name("key").unwrap();'),
    "one of a constant list": body("let a = AGENTS.choose(&mut rng).unwrap();"),
    "what a trait cannot return": "impl Deref for G {\n    fn deref(&self) -> &T {\n"
    '        self.v.as_ref().expect("not created unless initialized")\n    }\n}\n',
    "a private function's own business": "fn f(x: &[u8]) { g(x).unwrap(); }\n",
    "a type that is only called so": body("let v = self.cached.parse::<u8>().unwrap();", " -> AclResult"),
    "a field of one's own": body("let v = self.inner.as_ref().unwrap();"),
    "an entry of one's own": body("let v = self.tables.get_mut(&name).unwrap();"),
    "a task that panicked": body("let v = task.await.unwrap();\n    spawn_blocking(f).await.unwrap();"),
    "a label of a metric": body("let m = SIZE.get_metric_with_label_values(&[x.id]).unwrap();"),
    "the first part of a split": body("let v = x.line.split(':').next().unwrap();"),
    "digits that a pattern found": body("let n: u32 = captures[1].parse().unwrap();"),
    "text of a raw value": body("let v = serde_json::from_str(x.raw.get()).unwrap();"),
    "an enum beside a literal": body('let p = Glob::parse("**", Kind::Include).unwrap();'),
    "a text that the function wrote": body('let u = format!("http://0.0.0.0:{}", x.port).parse().unwrap();'),
    "one of two literals": body('let t = if x.a { "text/html" } else { "text/plain" };\n    h(t.parse().unwrap());'),
    "one of several": body('let t = match x.a { 1 => "a/b", _ => "c/d" };\n    h(t.parse().unwrap());'),
    "what was encoded": body("let v = STANDARD.encode(&x.tag).parse().unwrap();"),
    "the message counts": body('let v: [u8; 4] = x.take(4)?.try_into().expect("take returns exactly 4 or fails");'),
    "a comment above the statement": body(
        "// the digits are known to the pattern, so this cannot fail\n    let v = Time::new(\n"
        "        x.year.parse().unwrap(),\n    );"
    ),
    "the length was looked at": body("if x.s.chars().count() < 2 { return Ok(()); }\n    x.s.chars().next().unwrap();"),
    "the last of one's own": body('let m = self.modules.last().expect("main module loaded");'),
    "the length of a character": body("let n = TextSize::try_from(x.c.len_utf8()).unwrap();"),
    "a json value of one's own": body("let v = json!([1]);\n    let p = from_value(v).unwrap();"),
    "asked for its kind": body("let v = if g.is_array() { g.as_array().unwrap().len() } else { 0 };"),
    "an object of one's own": body("let mut v = json::to_value(m).unwrap();\n    v.as_object_mut().unwrap().clear();"),
    "a file of the source": body('let t = include_str!("a.json");\n    let v: Value = from_str(t).unwrap();'),
    "something before": 'fn f(c: &C) {\n    c.at(1).expect("Expected a connection before closing.");\n}\n',
    "parsed and returned before": body("let a = Uuid::from_str(&x.id).map_err(w)?;\n    h.put(x.id.parse().unwrap());"),
    "text of a value": body("h.put(x.on.to_string().parse().unwrap());"),
    "inputs of a known number": body("let [a]: [_; 1] = x.try_into().unwrap();"),
    "a key that is new": body("all.entry(1).or_default().try_insert(x.id, x).unwrap();"),
    "a panic of a task": body('let v = spawn_blocking(f).await.expect("search failed");'),
    "an async one that says it holds": 'async fn f(c: &C) {\n    c.call(1).await.expect("c must handle errors");\n}\n',
    "a database in memory": 'async fn f() -> Db {\n    Db::new(":memory:").await.unwrap()\n}\n',
    "a help for tests": "async fn for_tests(a: &str) -> Db {\n    Db::new(a).await.unwrap()\n}\n",
    "an entry that was just made": body("x.insert(k, v);\n    let a = x.get(&k).unwrap();"),
    "a task with a span": body("let v = spawn_blocking(move || f(1)).instrument(span).await.unwrap();"),
    "what the program wrote": body(
        "let t = toml::to_string(&Config::default())?;\n    let v: V = toml::from_str(&t).unwrap();"
    ),
    "the message gives a reason": body('let t = from_utf8(&x.out).expect("render can only write UTF-8");'),
    "the message speaks of a bug": body('let i = self.query.index_for("cmd").expect("internal error: no cmd");'),
    "a path below another": body('let p = x.path.strip_prefix(root).expect("Couldn\'t get the name");'),
    "a start": 'pub async fn connect(dsn: &str) -> Pool {\n    Pool::open(dsn).await.expect("cannot connect")\n}\n',
    "bytes of a literal": body('let m = Parser::new().parse("Subject: a".as_bytes()).unwrap();'),
    "infallible, misspelt": body("// from_str is infaillible\n    let v = Cs::from_str(&x.s).unwrap();"),
    "a mistake of its own": body('let h = self.handles.take().expect("implementation error: taken twice");'),
    "a state of its own": body('let h = self.transform.take().expect("Invalid state");'),
    "one of two texts made here": body(
        'let u = Url::parse(&match x.v { 1 => format!("a:{n}"), _ => format!("b:{n}") });\n    u.unwrap();'
    ),
    "a semaphore of its own": body('let p = ctx.protect(PERMITS.acquire()).await.expect("closed, failed");'),
    "set once": "fn set(&self) -> Result<(), E> { Ok(()) }\n" + body("LIMIT.set(x.limit).unwrap();"),
    "both are tables": body(
        "match (x.is_table(), y.is_table()) {\n        (true, true) => x.as_table().unwrap(),\n        _ => 1,\n    };"
    ),
    "a buffer that the function fills": body(
        "let mut buf: Vec<u8> = Vec::new();\n    to_writer(&mut buf, x)?;\n    let t = String::from_utf8(buf).unwrap();"
    ),
    "a buffer of its own type": body("let n = str::from_utf8(&self.digits).unwrap();"),
    "a block of a cipher": body('let b = <&mut Block as TryFrom<&mut [u8]>>::try_from(x).expect("length mismatch");'),
    "an id that was just made": body("let id: Uuid = gen_database_id().parse().unwrap();"),
    "a constant as another number": body('let n: u64 = Self::SIZE_LIMIT.try_into().expect("Invalid limit");'),
    "text of a value, in a header": body(
        'let h = HeaderValue::from_str(&x.fork.to_string()).expect("Failed to create");'
    ),
    "a key of its own map": body('let n = phf.get(k).expect("Key not found in phf");'),
    "what was just set up": body('let l = LOGGER.get().expect("logger was just initialized");'),
    "a private start": 'fn f() -> u8 {\n    STATE.get().expect("initialized on creation")\n}\n',
    "unwrap_or is no panic": body("let v = x.get(0).unwrap_or(&1);"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize(
    "path",
    [
        "src/main.rs",
        "src/bin/tool.rs",
        "build.rs",
        "a_test_db/src/lib.rs",
        "tests/a.rs",
        "examples/a.rs",
        "src/gen.rs",
        "src/in_memory_emulator/store.rs",
        "load-tester/src/lib.rs",
    ],
)
def test_programs_and_tests_may_panic(path: str) -> None:
    assert findings(RULE, {path: body("let v = x.get(0).unwrap();")}) == []


EVIDENCE = [
    pytest.param("let f = File::create(&self.path).unwrap();", id="a file"),
    pytest.param("let t = String::from_utf8(out.stdout).unwrap();", id="bytes of another program"),
    pytest.param("self.sender.send(message).unwrap();", id="a receiver that may be gone"),
    pytest.param("let user = find_user(&x.id).await.unwrap();", id="an awaited call"),
    pytest.param("let role = parse_role(group.as_str().unwrap());", id="the shape of somebody's JSON"),
    pytest.param('self.migrate(&x).expect("Error running migrations");', id="the message calls it a failure"),
    pytest.param("let v = self.count.unwrap(); // TODO! Err here!", id="a comment that owes it"),
    pytest.param('let v = x.mxc.try_into().expect("Invalid URI");', id="a conversion that the message calls invalid"),
    pytest.param("let v = x.object().as_one().unwrap();", id="the shape of what is handed in"),
    pytest.param("let u = x.endpoint.host_str().unwrap();", id="a URL without a host"),
]


@pytest.mark.parametrize("line", EVIDENCE)
def test_what_comes_from_outside_can_be_missing(line: str) -> None:
    assert places(RULE, body(line)) == [4]


def test_a_function_of_the_tree_says_by_its_result_that_it_can_fail() -> None:
    code = body("let v = split_address(&self.address).unwrap();")
    own = "fn split_address(a: &str) -> Result<u8, Wrong> {\n    a.len().check()\n}\n"
    assert places(RULE, {"src/lib.rs": code, "src/a.rs": own}) == [4]
    assert places(RULE, {"src/lib.rs": code, "src/a.rs": own.replace("Result<u8, Wrong>", "Option<u8>")}) == []


def test_what_its_author_owes_is_found_in_any_function() -> None:
    code = "fn f(r: R) -> Ship {\n    r.ship.unwrap() // TODO! Err here!\n}\n"
    assert places(RULE, code) == [2]
    assert places(RULE, code.replace("TODO! Err here!", "TODO: a better name")) == []


def test_an_alias_of_result_is_one() -> None:
    code = body("let n: u32 = x.text.parse().unwrap();", " -> StoreResult<()>")
    assert places(RULE, {"src/lib.rs": code, "src/a.rs": "pub type StoreResult<T> = Result<T, Wrong>;\n"}) == [4]
    assert places(RULE, {"src/lib.rs": code.replace("pub fn", "fn"), "src/a.rs": "struct StoreResult;\n"}) == []


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('let v = x.get(0).expect("no first");', 'x.get(0).context("no first")?;'),
        ("let v = x.get(0).unwrap();", 'x.get(0).context("get found nothing")?;'),
        ("let v = std::env::var(&x).unwrap();", 'std::env::var(&x).context("std::env::var failed")?;'),
    ],
)
def test_where_the_function_returns_a_result_the_error_is_returned(line: str, after: str) -> None:
    cure = cured(RULE, body(line))
    assert after in cure
    assert is_rustfmt_clean(cure)


def test_the_context_trait_is_imported_when_it_is_not() -> None:
    code = body("let v = x.get(0).unwrap();").replace("{Context, Result}", "Result")
    assert "use anyhow::{Context, Result};" in cured(RULE, code)


def test_the_style_is_found_through_a_module_that_exports_it_again() -> None:
    tree = {
        "src/errors.rs": "pub use anyhow::{Context, Result};\n",
        "src/lib.rs": body("let v = x.get(0).unwrap();").replace(
            "use anyhow::{Context, Result}", "use crate::errors::*"
        ),
    }
    assert 'x.get(0).context("get found nothing")?' in cured(RULE, tree)


@pytest.mark.parametrize(
    ("returns", "after"),
    [
        (" -> std::io::Result<()>", 'x.get(0).ok_or_else(|| std::io::Error::other("get found nothing"))?'),
        (" -> Result<(), Box<dyn std::error::Error>>", 'x.get(0).ok_or("get found nothing")?'),
        (" -> Result<(), String>", 'x.get(0).ok_or_else(|| "get found nothing".to_owned())?'),
        (" -> Result<(), AppError>", 'AppError::Internal("get found nothing".to_owned()))?'),
    ],
)
def test_other_styles_need_to_know_that_it_is_an_option(returns: str, after: str) -> None:
    enum = "enum AppError {\n    Io(std::io::Error),\n    Internal(String),\n}\n"
    code = (enum + body("let v = x.get(0).unwrap();", returns)).replace(ANYHOW, "")
    assert after in "".join(cured(RULE, code).split("\n        "))
    (unclear,) = findings(RULE, code.replace("x.get(0)", "ask(&x).await"))
    assert unclear.fix is None


def test_a_demand_on_the_caller_is_found_in_any_function() -> None:
    (found,) = findings(
        RULE, 'fn auth(b: &mut B) {\n    let c = STATE.get().expect("init must be called before calls");\n}\n'
    )
    assert (found.line, found.severity, found.fix) == (2, Severity.MEDIUM, None)


def test_a_closure_returns_from_itself() -> None:
    assert places(RULE, body("let g = || x.get(0).unwrap();")) == []


def test_one_finding_for_a_file() -> None:
    assert places(RULE, body("let v = x.get(0).unwrap();\n    let w = x.get(1).unwrap();")) == [4, 5]


def test_advice_of_many_files_is_one_finding_of_the_crate() -> None:
    code = "pub fn f(x: &str) -> u8 {\n    x.parse().unwrap()\n}\n"
    few = {f"src/m{i}.rs": code for i in range(5)}
    assert len(findings(RULE, few | {"src/lib.rs": ""})) == 5
    (found,) = findings(RULE, few | {"src/lib.rs": code})
    assert found.message == "panics on a value that may be missing, 6 places in 6 files"
    assert len({p.path for p in found.locations}) == 6


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("let v = x.name().into_string().unwrap();", id="an error that is no Error"),
        pytest.param("let v = client.get(&x).await.unwrap();", id="something else called get"),
        pytest.param("let v = ask(&x).await.unwrap();", id="nobody knows what"),
    ],
)
def test_what_the_question_mark_might_not_carry_is_advice(line: str) -> None:
    (found,) = findings(RULE, body(line))
    assert found.fix is None


def test_clear_places_are_mended_beside_unclear_ones() -> None:
    clear, unclear = findings(RULE, body("let v = x.get(0).unwrap();\n    let w = ask(&x).await.unwrap();"))
    assert clear.fix is not None
    assert unclear.fix is None


def test_without_room_for_the_trait_the_error_is_made_by_the_macro() -> None:
    code = "pub fn f(x: &X) -> anyhow::Result<()> {\n    let v = x.get(0).unwrap();\n    Ok(())\n}\n"
    assert '.ok_or_else(|| anyhow::anyhow!("get found nothing"))?;' in cured(RULE, code)


MUST = "init must be called with a token first"
SET_AUTH = f"""\
/// Puts the token on a request.
pub fn set_auth(request: &mut Request) {{
    let token = TOKEN.get().expect("{MUST}");
    request.set(token);
}}
"""
CALLER = """\
use anyhow::{Context, Result};

pub fn send(request: &mut Request) -> Result<()> {
    set_auth(request);
    Ok(())
}

#[test]
fn a_test() {
    set_auth(&mut Request::new());
}
"""


def test_what_a_function_demands_becomes_an_error_of_its_callers() -> None:
    after = cured(RULE, CALLER + "\n" + SET_AUTH)
    assert (
        "/// Puts the token on a request.\n///\n/// # Errors\n///\n"
        f'/// Fails with "{MUST}".\n'
        "pub fn set_auth(request: &mut Request) -> Result<()> {\n"
        f'    let token = TOKEN\n        .get()\n        .context("{MUST}")?;\n'
        "    request.set(token);\n    Ok(())\n}\n"
    ) in after
    assert "    set_auth(request)?;\n    Ok(())" in after
    assert "    set_auth(&mut Request::new()).unwrap();" in after
    assert findings(RULE, after) == []
    assert is_rustfmt_clean(after)


def test_a_value_is_wrapped_at_every_end() -> None:
    get = f"""\
fn token(short: bool) -> String {{
    if short {{
        return String::new();
    }}
    TOKEN.get().expect("{MUST}").clone()
}}
"""
    code = "pub fn send() -> std::io::Result<String> {\n    let t = token(true);\n    Ok(t)\n}\n\n" + get
    after = cured(RULE, {"src/lib.rs": code})
    assert "fn token(short: bool) -> std::io::Result<String> {" in after
    assert "        return Ok(String::new());" in after
    assert "let t = token(true)?;" in after
    assert "    Ok(TOKEN" in after


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(CALLER.replace("Result<()>", "bool"), "cannot pass an error on", id="a caller without a Result"),
        pytest.param("", "nothing in the repository calls", id="no caller"),
        pytest.param(
            CALLER + "\npub fn g() { run(set_auth); }\n", "another use of the name", id="handed on as a value"
        ),
        pytest.param(CALLER + "\nimpl T { fn set_auth(&self) {} }\n", "another use of the name", id="two of the name"),
        pytest.param(CALLER + "\nfn g() { m!(set_auth(x)); }\n", "another use of the name", id="in a macro"),
    ],
)
def test_where_the_callers_cannot_follow_it_may_be_documented(code: str, reason: str) -> None:
    (found,) = findings(RULE, code + "\n" + SET_AUTH)
    assert not found.fixes[0].changes
    assert reason in found.fixes[0].reason
    after = cured(RULE, code + "\n" + SET_AUTH, "document")
    assert f'///\n/// # Panics\n///\n/// Panics with "{MUST}".\npub fn set_auth' in after
    assert findings(RULE, after) == []
