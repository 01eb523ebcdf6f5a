"""A secret that stands in the source is no secret."""

from __future__ import annotations

from collections.abc import Iterator

from fixers import templates
from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.editors.template import fill
from fixers.facts import rust_dev_secrets, rust_production
from fixers.facts.rust import RustFile
from fixers.facts.rust_dev_secrets import DevSecret
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "relay"\nversion = "0.1.0"\n\n[dependencies]\nclap = "4"\n'
BAD = """\
use clap::Parser;

#[derive(Parser)]
struct Args {
    #[arg(long, default_value = "devtoken")]
    auth_token: String,
}

fn main() {
    let args = Args::parse();
    serve(args);
}
"""
GUARD = """\
    if ["", "devtoken"].contains(&args.auth_token.as_str()) {
        if let Err(refused) = crate::production::development_only("auth_token is a known secret") {
            eprintln!("{refused}");
            std::process::exit(1);
        }
    }
"""


def good() -> dict[str, str]:
    """The example with the guard: the module is the template's."""
    code = BAD.replace("use clap::Parser;\n", "use clap::Parser;\n\nmod production;\n")
    code = code.replace("Args::parse();\n", "Args::parse();\n" + GUARD)
    module = fill(templates.text("rust/production.rs"), prefix="RELAY", warn="eprintln!")
    return {"Cargo.toml": MANIFEST, "src/main.rs": code, "src/production.rs": module}


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    audit=("M1",),
    applies=("*.rs",),
    bad={"Cargo.toml": MANIFEST, "src/main.rs": BAD},
    good=good,
)
def check(project: Project) -> Iterator[Result]:
    """A secret that everybody knows is the default.

    A deployment that forgets to set it runs, and whoever reads the source has the key. A default is fine on a
    developer's machine; production has to refuse it.
    """
    found = False
    for path, code, secrets in rust_dev_secrets.dev_secrets(project):
        for name in dict.fromkeys(s.name for s in secrets):
            places = [s for s in secrets if s.name == name and project.keep(path, code.line(s.node))]
            if not places or _is_guarded(project, places[0]):
                continue
            found, secret = True, places[0]
            yield Finding(
                path,
                _message(secret),
                code.line(secret.node),
                anchor=name,
                severity=Severity.HIGH if not secret.value else None,
                locations=tuple(Location(path, code.line(s.node)) for s in places),
                fixes=_guard(project, path, code, places) if secret.holder or secret.variable else (),
                steps=(
                    f"Take the default away, or refuse it when the service runs in production: {secret.name}.",
                    "Give the value by the environment or a file that is not in the repository.",
                ),
            )
    if not found:
        yield NotApplicable("no default of this code is a well-known secret")


def _message(secret: DevSecret) -> str:
    if not secret.value:
        return f"the default of {secret.name} is empty"
    if not rust_dev_secrets.is_known(secret.value):
        return f"{secret.name} stands in the source"
    return f'the default of {secret.name} is "{secret.value}"'


def _is_guarded(project: Project, secret: DevSecret) -> bool:
    """Whether some code of the tree refuses this default already."""
    asked = f"{secret.name} is a known secret".encode()
    return bool(project.grep([asked], "*.rs"))


def _guard(project: Project, path: str, code: RustFile, places: list[DevSecret]) -> tuple[Fix, ...]:
    draft, secret = project.draft(), places[0]
    if len(places) > 1:
        draft.refuse(f"{secret.name} has a default at {len(places)} places: read it at one, and refuse it there")
    loaded = _read_in(secret) if secret.variable else _loaded(code, secret.holder)
    if loaded is None:
        draft.refuse(f"where {secret.holder or secret.variable} is read is not clear")
    elif secret.holder and _type(code, secret) != "String":
        draft.refuse(f"{secret.name} is not a plain String")
    else:
        statement, value = loaded
        asked = f"{value}.{secret.name}" if secret.holder else f'std::env::var("{value}").unwrap_or_default()'
        what = f"{secret.name} is a known secret"
        text, edits = rust_production.call(project, path, code, code.function(statement), what, draft)
        if text:
            known = '["", ' + f'"{secret.value}"]' if secret.value else '[""]'
            inner = "\n".join("    " + line for line in text.split("\n"))
            test = f"if {known}.contains(&{asked}.as_str()) {{\n{inner}\n}}"
            place = code.insert_before if secret.variable else code.insert_after
            draft.edit(path, splice, [*edits, place(statement, test)])
    reason = "a deployment that relied on the default does not start in production mode"
    return draft.fixes(f"Refuse the default {secret.name} in production", reason=reason, name="guard")


def _read_in(secret: DevSecret) -> tuple[Node, str] | None:
    """The statement of the function's own body that reads the variable, and its name."""
    node = secret.node
    while (outer := node.parent()) is not None and outer.kind() != "block":
        node = outer
    holder = outer.parent() if outer is not None else None
    return (node, secret.variable) if holder is not None and holder.kind() == "function_item" else None


def _loaded(code: RustFile, holder: str) -> tuple[Node, str] | None:
    """The only `let args = Args::parse();` of the file, and its variable."""
    found = []
    for let in code.kind("let_declaration"):
        pattern, value = let.field("pattern"), let.field("value")
        if pattern is not None and value is not None and value.text() == f"{holder}::parse()":
            found.append((let, pattern.text().removeprefix("mut ").strip()))
    return found[0] if len(found) == 1 and found[0][1].isidentifier() else None


def _type(code: RustFile, secret: DevSecret) -> str:
    for field in code.kind("field_declaration"):
        name, kind = field.field("name"), field.field("type")
        if name is not None and kind is not None and name.text() == secret.name:
            return kind.text()
    return ""
