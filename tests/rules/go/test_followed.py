"""What Go rules follow across functions and packages: random strings, secrets, bodies, limits, sessions."""

from __future__ import annotations

import pytest

from fixers.model import Applicability
from tests.rules.go.tool import findings, passes

RANDOM, TIMING, BODY = "weak-random", "timing-unsafe-compare", "unlimited-request-body"
LIMIT, COOKIE, SESSIONS = "missing-rate-limit", "cookie-without-secure", "in-memory-sessions"


def go(imports: str, body: str, package: str = "main") -> str:
    return f"package {package}\n\nimport (\n" + "".join(f'\t"{i}"\n' for i in imports.split()) + f")\n\n{body}\n"


STRING = "func randomString(n int) string {\n\tb[i] = letters[rand.Intn(len(letters))]\n\treturn string(b)\n}\n"
NAMES = STRING.replace("letters[", "tokenRunes[")
KEPT = {
    "given to a secret": "func f() {\n\tu.Password = randomString(8)\n}",
    "a key of bytes": "func f() {\n\tm.key = []byte(randomString(64))\n}",
    "handed to what sets one": "func f() {\n\tu.SetPassword(randomString(8))\n}",
    "returned by a maker of tokens": "func newToken() string {\n\treturn randomString(9)\n}",
    "two functions away": "func s() string {\n\treturn randomString(9)\n}\n\nfunc newToken() string {\n\treturn s()\n}",
}
HARMLESS = {
    "nobody calls it": "func f() {}",
    "a file's name": "func f() {\n\tname := randomString(8)\n}",
    "what is said about a secret": "func f() {\n\taccessKey.Name = randomString(8)\n}",
    "a key of a cache": "func f() {\n\tcacheKey := randomString(8)\n}",
    "a name for a session": "func sessionName() string {\n\treturn randomString(8)\n}",
}


@pytest.mark.parametrize("case", KEPT)
def test_a_random_string_that_becomes_a_secret_is_found_where_it_is_drawn(case: str) -> None:
    (found,) = findings(RANDOM, go("math/rand", STRING + "\n" + KEPT[case]))
    assert found.line == 8


@pytest.mark.parametrize("case", HARMLESS)
def test_a_random_string_that_is_no_secret_is_left_alone(case: str) -> None:
    assert findings(RANDOM, go("math/rand", STRING + "\n" + HARMLESS[case])) == []


def test_the_alphabet_of_a_token_says_what_it_is_for() -> None:
    assert len(findings(RANDOM, go("math/rand", NAMES))) == 1


def test_a_random_string_is_followed_into_other_packages() -> None:
    made = go("math/rand", STRING.replace("randomString", "Random"), "text")
    used = go("example.com/app/text", "func f() {\n\tsecret = text.Random(9)\n}", "auth")
    assert [f.path for f in findings(RANDOM, {"text/a.go": made, "auth/a.go": used})] == ["text/a.go"]
    assert findings(RANDOM, {"text/a.go": made, "auth/a.go": used.replace("app/text", "app/other")}) == []


@pytest.mark.parametrize(
    "line",
    [
        "n := rand.Intn(100) // #nosec a percentage",
        "wait := time.Duration(rand.Intn(9)) * time.Second",
        "x := msg{Nonce: strings.Repeat(s, rand.Intn(9))}",
    ],
)
def test_how_long_something_takes_or_is_may_vary(line: str) -> None:
    assert findings(RANDOM, go("math/rand", f"func newSession() {{\n\t{line}\n}}")) == []


def _compares(signature: str, *lines: str) -> str:
    body = "".join(f"\t{x}\n" for x in lines)
    return go("net/http", f"func {signature} bool {{\n{body}\t\treturn false\n\t}}\n\thmac.New()\n}}")


SENT = {
    "a decoded login": ("Login(c ctx)", "c.Bind(&user)", "if user.Password == dbuser.Password {"),
    "a parameter": ("checkPassword(password string)", "if cfg.Password != password {"),
    "a nonce out of a cookie": (
        "home(r *http.Request)",
        "id, nonce := parse(cookie.Value)",
        "if known.Nonce == nonce {",
    ),
    "in a handler": ("complete(w http.ResponseWriter, r *http.Request)", "if client.Secret != sent.ClientSecret {"),
}
SUMMED = {
    "a hash of a cookie": ("Select(r *http.Request)", "sum, _ := hashCookie(s.Secret, u)", "if sum == cookie.Value {"),
    "a signature": ("check(r *http.Request)", "want := sign(body)", 'if want != r.Header.Get("X-Signature") {'),
}


@pytest.mark.parametrize("case", SUMMED)
def test_what_only_the_owner_of_a_secret_can_make_is_a_secret(case: str) -> None:
    assert len(findings(TIMING, _compares(*SUMMED[case]))) == 1


ALIKE = {
    "two versions of a setting": ("check(password string)", "if oldConfig.Password != password {"),
    "typed twice": ("validate(password string)", "if password != confirmPassword {"),
    "a change": ("updateUser(password string)", "if user.Password != password {"),
    "a record that was looked up by it": ("GetByToken(token string)", "if app.Token == token {"),
    "the nonce of an ID token": ("callback(r *http.Request)", "if idToken.Nonce != nonce.Value {"),
    "a token that was renewed meanwhile": ("checkLater(rejectedToken string)", "if s.accessToken != rejectedToken {"),
    "what is to be deleted": ("deleteKey(r *http.Request)", 'if user.APIKey == r.FormValue("key") {'),
    "digests of files": ("verifyBlob(digest string)", "if digest != fileDigest {"),
    "whether there is one": ("check(r *http.Request)", "if tokenHasNonce != paramsHasNonce {"),
    "two fields of one thing": ("check(r *http.Request)", "if f.Password == f.PasswordAgain {"),
    "kinds": ("check(r *http.Request)", "if a1.TokenType != wanted.TokenType {"),
}


@pytest.mark.parametrize("case", SENT)
def test_a_secret_that_was_sent_is_compared_in_constant_time(case: str) -> None:
    (found,) = findings(TIMING, _compares(*SENT[case]))
    assert found.fixes[0].applicability is Applicability.UNSAFE and "strings" in found.fixes[0].reason


@pytest.mark.parametrize("case", ALIKE)
def test_values_that_nobody_guesses_at_are_compared_as_they_are(case: str) -> None:
    assert findings(TIMING, _compares(*ALIKE[case])) == []


SERVE = "func create(w http.ResponseWriter, r *http.Request) {\n\t%s\n}\n"
READS = SERVE % "json.NewDecoder(r.Body).Decode(&v)"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (SERVE % "readAll(r.Body)" + "\nfunc readAll(b io.Reader) {\n\tio.ReadAll(b)\n}\n", 1),
        (
            SERVE % "readAll(http.MaxBytesReader(w, r.Body, 9))"
            + "\nfunc readAll(b io.Reader) {\n\tio.ReadAll(b)\n}\n",
            0,
        ),
        (SERVE % "readSome(r.Body)" + "\nfunc readSome(b io.Reader) {\n\tio.ReadAll(io.LimitReader(b, 9))\n}\n", 0),
        ("func (p *params) Parse(r *http.Request) error {\n\treturn json.NewDecoder(r.Body).Decode(p)\n}\n", 1),
    ],
)
def test_a_body_is_followed_into_what_reads_it(body: str, count: int) -> None:
    assert len(findings(BODY, go("encoding/json io net/http", body))) == count


def test_callers_in_other_packages_bound_a_body_too() -> None:
    helper = go("encoding/json net/http", READS.replace("create", "Read"), "forms")
    call = go("example.com/app/forms net/http", SERVE % "forms.Read(w, r)", "api")
    assert [f.path for f in findings(BODY, {"forms/a.go": helper, "api/a.go": call})] == ["forms/a.go"]
    bounded = call.replace("forms.Read(", "r.Body = http.MaxBytesReader(w, r.Body, 9)\n\tforms.Read(")
    assert findings(BODY, {"forms/a.go": helper, "api/a.go": bounded}) == []


BOUND = (
    "func bound(next http.Handler) http.Handler {\n\tr.Body = http.MaxBytesReader(w, r.Body, 9)\n\treturn next\n}\n\n"
)
PUBLIC = go("net/http", 'func public(r chi.Router) {\n\tr.Post("/notes", create)\n}')
ROUTERS = {
    "all of them, by a reader of its own": (
        "func main() {\n\thttp.ListenAndServe(a, limited(mux))\n}\n\nfunc limited(h http.Handler) http.Handler {\n"
        "\tr.Body = io.LimitReader(r.Body, 9)\n\th.ServeHTTP(w, r)\n\treturn h\n}",
        0,
    ),
    "all of them": ("func main() {\n\thttp.ListenAndServe(a, bound(mux))\n}", 0),
    "the routes of one function": (
        'func inner() {\n\tr := chi.NewRouter()\n\tr.Use(bound)\n\tr.Post("/in", other)\n\tserver.Serve(r)\n}',
        1,
    ),
    "a router that others register on": (
        'func inner() {\n\tr := chi.NewRouter()\n\tr.Use(bound)\n\tr.Post("/in", other)\n\tpublic(r)\n}',
        0,
    ),
    "a part": (
        'func inner(r chi.Router) {\n\tr.Route("/in", func(r chi.Router) {\n\tr.Use(bound)\n\tr.Post("/", x)\n\t})\n}',
        1,
    ),
    "one route": ('func inner(r chi.Router) {\n\tr.Post("/in", bound(other))\n}', 1),
    "the route itself": ('func inner(r chi.Router) {\n\tr.Post("/in", bound(create))\n}', 0),
}


@pytest.mark.parametrize("case", ROUTERS)
def test_a_wrapper_bounds_the_routes_that_it_is_around(case: str) -> None:
    text, count = ROUTERS[case]
    files = {
        "notes.go": go("encoding/json net/http", READS),
        "bound.go": go("net/http github.com/go-chi/chi", BOUND + text),
        "public.go": PUBLIC.replace('"net/http"', '"net/http"\n\t"github.com/go-chi/chi"'),
    }
    assert len(findings(BODY, files)) == count
    assert passes(BODY, files)


ROUTES = 'func main() {\n\thttp.HandleFunc("/login", login)\n\tserver := &http.Server{Addr: a}\n\tserver.Serve()\n}\n\n'
OWN = "func %s {\n\t%s\n}\n"


@pytest.mark.parametrize(
    ("signature", "line", "count"),
    [
        ("importAll(w http.ResponseWriter, r *http.Request)", "w.WriteHeader(http.StatusTooManyRequests)", 1),
        ("handleLogin(w http.ResponseWriter)", "w.WriteHeader(http.StatusTooManyRequests)", 0),
        ("size(w http.ResponseWriter)", "NewRequestBodyLimiter(9)", 1),
        (
            "wrap(h http.Handler)",
            "if busy() {\n\t\tw.WriteHeader(http.StatusTooManyRequests)\n\t}\n\th.ServeHTTP(w, r)",
            0,
        ),
        ("login(w http.ResponseWriter, r *http.Request)", "if !s.limits.Allow() {\n\t}", 0),
    ],
)
def test_one_route_that_answers_429_limits_no_server(signature: str, line: str, count: int) -> None:
    assert len(findings(LIMIT, go("net/http", ROUTES + OWN % (signature, line)))) == count


GORILLA = go("github.com/gorilla/sessions", "var store = sessions.NewCookieStore(key)")
GIN = go(
    "github.com/gin-contrib/sessions github.com/gin-contrib/sessions/memstore",
    'func setup() {\n\trouter.Use(sessions.Sessions("auth", memstore.NewStore(key)))\n}',
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"main.go": GORILLA}, 1),
        ({"main.go": GIN}, 1),
        ({"main.go": GORILLA, "go.mod": "module a\n\nrequire github.com/gorilla/sessions v1.4.0\n"}, 0),
        ({"main.go": GORILLA, "go.mod": "module a\n\nrequire github.com/gorilla/sessions v1.2.1\n"}, 1),
        ({"main.go": GORILLA, "serve.go": go("os", "func f() {\n\tstore.Options.Secure = cfg.TLS\n}")}, 0),
        ({"main.go": GIN.replace("\trouter", "\tstore.Options(o)\n\trouter")}, 0),
    ],
)
def test_a_session_store_that_says_nothing_about_its_cookie_is_found(files: dict[str, str], count: int) -> None:
    found = findings(COOKIE, files)
    assert len(found) == count and all(f.fix is None for f in found)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (GIN, 1),
        (GIN.replace("memstore.NewStore(key)", "pick()") + "\nvar s = redis.NewStore(key)\n", 0),
        (go("github.com/alexedwards/scs/v2", "func f() {\n\tm := scs.New()\n}"), 1),
        (go("github.com/alexedwards/scs/v2", "func f() {\n\tm := scs.New()\n\tm.Store = sqlite3store.New(db)\n}"), 0),
    ],
)
def test_a_library_that_keeps_sessions_in_memory_is_found(text: str, count: int) -> None:
    assert len(findings(SESSIONS, text)) == count
