"""The words by which people name the faults that the rules know: what an item has to say to be a rule's.

`_CODE` is told by code that an item quotes and counts before all else; `_TOPICS` by the item's title, or by its
first sentences. A pattern names the thing *and* what is wrong with it; gaps are short, so that both belong
together. Rules are globs, for several languages share a fault. Patterns see small letters without markup.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

_CODE: Final = (
    (r"\.parse(?:::<[^>\n]{0,40}>)?\(\)\s{0,20}\.(?:unwrap|expect)\(", "rust/parse-unwrap"),
    (r"\.(?:lock|read|write)\(\)\s{0,20}\.(?:unwrap|expect)\(", "rust/mutex-unwrap"),
    (r"\.expect\(", "rust/expect-in-library"),
    (r"\binsecureskipverify\b|\bdanger_accept_invalid|\bverify ?= ?false\b", "*/tls-verification-off"),
    (r"\byaml\.load\(", "python/unsafe-yaml-load"),
    (r"\bmath/rand\b", "*/weak-random"),
)
_NOT: Final = r"(?:no|missing|without|lacks?|lacking|zero|absent|not)"
_SECRET: Final = r"(?:secret|token|password|credential|api[ -]?key|(?:private|signing|secret|encryption)[ -]key)s?"
_TOPICS: Final = (
    (
        rf"\b(?:default|dev|example|hard-?coded|well-known|weak|placeholder)\b.{{0,40}}\b{_SECRET}\b"
        rf"|\b{_SECRET}\b.{{0,40}}\b(?:defaults?|hard-?coded|devtoken|changeme|in (?:the )?(?:code|source))\b",
        "*/dev-token python/hardcoded-secret-key compose/secret-in-environment",
    ),
    (
        r"\b(?:database|db|sqlite|sqlcipher)\b.{0,60}\b(?:unencrypted|plain-?text|not encrypted|encryption)\b"
        r"|\b(?:unencrypted|plain-?text)\b.{0,40}\b(?:database|db|sqlite)\b",
        "*/plaintext-database",
    ),
    (
        rf"\b(?:{_SECRET}|keys?|certificates?|certs?|databases?|\.env|generated files?)(?!\w).{{0,60}}"
        r"\b(?:not|un)[ -]?(?:git)?-?ignored\b|gitignore\b.{0,60}\b(?:does not|doesn't|missing|lacks|incomplete)\b",
        "git/unignored-secrets",
    ),
    (
        rf"\b(?:committed|checked in|tracked)\b.{{0,40}}\b(?:{_SECRET}|\.env)(?!\w)"
        rf"|(?:\b{_SECRET}|\.env)(?!\w).{{0,40}}\b(?:committed|checked in|tracked|in (?:the )?(?:git|history|repo))",
        "git/tracked-secrets git/unignored-secrets",
    ),
    (
        r"\b(?:docker(?:file)?|image)\b.{0,60}\b(?:workspace|members?|manifests?|out of sync)\b",
        "docker/missing-workspace-member",
    ),
    (r"\bcrypto ?provider\b", "rust/no-crypto-provider"),
    (r"\b(?:mutex|rwlock|locks?)\b.{0,40}(?:unwrap|panic|poison|expect)|\bpoisoned\b", "rust/mutex-unwrap"),
    (
        r"(?:\bpanics?|unwrap(?:\(\))?|expect(?:\(\))?)(?!\w).{0,60}\b(?:client|library|lib|rpc|api|public|handlers?|paths?)\b",
        "rust/expect-in-library",
    ),
    (r"\bself-?signed\b|\bcert(?:ificate)?s?\b.{0,40}\b(?:auto-?)?generat", "rust/silent-self-signed-cert"),
    (
        rf"\b{_NOT}\b.{{0,12}}\b(?:tls|https)\b|\bclear-?text\b.{{0,20}}\btraffic\b|\btls termination\b",
        "*/cleartext-listener",
    ),
    (
        rf"\b{_NOT}\b.{{0,6}}\b(?:ci|continuous integration)\b"
        rf"|\b(?:ci|continuous integration)(?: pipeline| workflow)?s?\b.{{0,20}}\b{_NOT}\b|\bci pipeline\b",
        "ci/missing-workflow",
    ),
    (r"\bcodeowners\b", "git/no-codeowners"),
    (
        r"\b(?:cargo[ -]audit|govulncheck|pip-audit|npm audit)\b|\bdependency (?:audit|scan)|\bvulnerab\w{1,12} scan",
        "ci/no-dependency-audit",
    ),
    (r"\bdeny\.toml\b|\bcargo[ -]deny\b", "deps/missing-deny-toml"),
    (
        r"\bwarnings?\b.{0,40}\b(?:build|generated|compil)|\bgenerated code\b.{0,40}\b(?:warning|lint)",
        "rust/generated-code-warnings",
    ),
    (
        r"\b(?:docker|container|image)s?\b.{0,40}\b(?:as )?(?:root|nobody)\b"
        r"|\b(?:root|nobody)\b.{0,30}\b(?:container|docker|image)|\bnon-?root (?:user|container)",
        "docker/homeless-user docker/root-user",
    ),
    (
        r"\b(?:binds?|binding|listens?|listening)\b.{0,60}"
        r"(?:0\.0\.0\.0|\b(?:all|every|any|public) (?:network )?interfaces?\b)"
        r"|\bnon-loopback bind|\b0\.0\.0\.0 (?:bind|by default)",
        "*/open-bind config/open-bind-without-auth",
    ),
    (
        rf"\b{_NOT}\b.{{0,4}}\bauth(?:entication|orization)?\b|\bunauthenticated\b|\bpeer sync authentication\b",
        "go/unauthenticated-route",
    ),
    (r"\brate.?limit", "*/missing-rate-limit"),
    (r"\bcors\b", "go/origin-prefix-match */wildcard-cors"),
    (
        r"\borigin\b(?! server).{0,40}\b(?:header|checks?|missing|empty|websocket|ws)\b|\bwebsocket\b.{0,40}\borigin\b",
        "go/missing-origin-accepted",
    ),
    (
        r"\bhealth\w{0,6}\b.{0,60}\b(?:leak|expos|reconnaissance|disclos|version|auth-gate|too much)",
        "go/talkative-health",
    ),
    (
        r"\b(?:in-?memory|persist\w{0,4})\b.{0,20}\bsessions?\b"
        r"|\bsessions?\b.{0,40}\b(?:in[ -]memory|lost on restart|sync\.map)\b",
        "*/in-memory-sessions",
    ),
    (
        r"\b(?:websockets?|ws)\b.{0,60}\b(?:messages?|memory|buffers?|size|oom)\b",
        "*/unbounded-websocket-read",
    ),
    (
        r"\bcookies?\b.{0,40}\bsecure\b|\bsecure (?:flag|attribute)\b|\binsecure cookie",
        "*/cookie-without-secure */insecure-cookie",
    ),
    (r"\brp ?id\b|\brelying part|\bwebauthn\b.{0,40}\b(?:localhost|hard-?coded)\b", "*/hardcoded-relying-party"),
    (r"\bdns rebinding\b", "go/rebinding-dialer"),
    (
        r"\bssrf\b|\bsafe(?:r)?client\b|\bhttp[. ]?(?:client|request)s?\b.{0,40}\btimeouts?\b"
        rf"|\b{_NOT}\b.{{0,6}}\btimeouts?\b.{{0,40}}\b(?:http (?:client|request)|outbound|requests\.)",
        "*/unguarded-http-client go/unbounded-error-body python/request-without-timeout",
    ),
    (r"\bplug-?ins?\b.{0,60}\b(?:integrity|verif|signature|checksum|unsigned)", "go/unverified-plugin"),
    (
        r"\b(?:request )?bod(?:y|ies)\b.{0,30}\b(?:size|limit)|\bmaxbytesreader\b|\bunbounded (?:request )?bod",
        "*/unlimited-request-body",
    ),
    (r"\bslowloris\b|\bserver\b.{0,30}\btimeouts?\b|\bread-?header-?timeout\b", "go/server-without-timeouts"),
    (
        r"\b(?:certificate|tls|ssl)s?\b.{0,20}\b(?:verification|validation)\b.{0,30}\b(?:off|disabled|skipped|bypass)",
        "*/tls-verification-off",
    ),
    (r"\b(?:weak|predictable|insecure|non-cryptographic)\b.{0,30}\brandom", "*/weak-random"),
    (r"\b(?:non-?constant|timing)\b.{0,40}\b(?:compar|attack|leak|side)", "*/timing-unsafe-compare"),
    (
        rf"\b(?:{_SECRET}|pii|sensitive data)\b.{{0,30}}\blog(?:s|ged|ging)?\b"
        rf"|\blog(?:s|ged|ging)?\b.{{0,30}}\b{_SECRET}\b",
        "*/secret-in-log",
    ),
    (
        rf"\b{_NOT}\b.{{0,15}}\b(?:docker|container|image|compose)\b.{{0,15}}\bhealth ?checks?\b|\bhealthcheck\b",
        "docker/no-healthcheck compose/no-healthcheck",
    ),
    (rf"\b{_NOT}\b.{{0,15}}\b(?:health|readiness|liveness) (?:endpoint|probe|check)", "rust/no-health-endpoint"),
    (r"\bdebug\b.{0,20}\b(?:mode|true|enabled|on|left)\b", "*/debug-enabled"),
    (r"\ballowed_hosts\b|\bhost header\b", "python/wildcard-hosts"),
    (r"\bunsafe yaml\b|\byaml deserial", "python/unsafe-yaml-load"),
    (
        r"\b(?:un-?pinned|pin(?:ned|ning)?)\b.{0,30}\bactions?\b|\bactions?\b.{0,30}\b(?:un)?pinned\b",
        "ci/unpinned-action",
    ),
    (r"\b(?:workflow|github_token|ci)s?\b.{0,40}\bpermissions?\b", "ci/excessive-permissions"),
    (r"\b(?:jobs?|workflows?)\b.{0,30}\btimeouts?\b", "ci/missing-timeout"),
    (r"\bsecurity\.md\b|\bsecurity policy\b|\bvulnerability disclosure\b", "git/no-security-policy"),
    (rf"\b{_NOT}\b.{{0,10}}\blicen[cs]e\b", "git/no-license"),
    (r"\b(?:dependabot|renovate)\b|\bautomated? dependency updates?\b", "deps/no-update-bot"),
    (r"\bdockerignore\b", "docker/no-dockerignore"),
    (r"\bbase image\b.{0,40}\b(?:pin|unpinned|latest|digest)|:latest\b", "docker/unpinned-base-image"),
    (r"\bprivileged\b.{0,20}\b(?:container|mode)|\bprivileged: true\b", "compose/privileged"),
    (
        r"\b(?:database|postgres|redis|mysql|mongo)\w{0,4}\b.{0,40}\b(?:ports?|exposed|published)\b",
        "compose/published-database",
    ),
    (r"\brestart polic", "compose/no-restart-policy"),
)


@cache
def _compiled(code: bool) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(pattern), tuple(names.split())) for pattern, names in (_CODE if code else _TOPICS))


def plain(text: str) -> str:
    """What the patterns look at: small letters on one line, without the marks of Markdown."""
    return " ".join(re.sub(r"[*`~\"“”]+", "", text).lower().split())


def named(text: str, rules: frozenset[str], *, code: bool = False) -> tuple[str, ...]:
    """The rules, of those that there are, of which a plain text speaks."""
    globs = [g for pattern, names in _compiled(code) if pattern.search(text) for g in names]
    return tuple(r for r in sorted(rules) if any(fnmatchcase(r, g) for g in globs))
