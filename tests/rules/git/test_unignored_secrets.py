"""What counts as a path that the program writes, and which patterns are chosen for it."""

import pytest

from fixers.model import Finding
from fixers.project import MemoryReader, Project
from fixers.rules.git.unignored_secrets import check

QUIET = {
    "a logger's name": {"settings.py": 'LOGGERS = {"django.db": {}}\nENGINE = "django.db.backends.sqlite3"\n'},
    "a name joined to a folder that the user gives": {"src/lib.rs": 'let p = dir.join("app.db");\n'},
    "a constant's bare name": {"fs.go": 'const caFile = "ca.pem"\n'},
    "a media type": {"mime.go": 'var t = "application/vnd.sqlite3"\n'},
    "a URL": {"a.py": 'URL = "https://example.org/ca/root.pem"\n'},
    "a property in bundled JavaScript": {"web/dist/app.js": 'x("data/a.key")\n'},
    "a comment": {"conf.toml": '# cert = "data/cert.pem"\n'},
    "a test": {"tests/tls.rs": 'open("data/cert.pem");\n', "a_test.go": 'os.Open("data/x.db")\n'},
    "a Rust test module": {"src/lib.rs": '#[cfg(test)]\nmod t { const K: &str = "data/k.pem"; }\n'},
    "a tracked certificate": {"src/a.rs": 'include_bytes!("certs/ca.pem");\n', "src/certs/ca.pem": "x"},
    "a tracked folder": {"a.toml": 'data_dir = "data"\n', "data/seed.csv": "x"},
    "an ignored path": {".gitignore": "/data/\n", "a.toml": 'key_file = "data/server.key"\n'},
    "a loader of another file": {"a.go": "err := godotenv.Load(file)\ngodotenv.Marshal(m)\n"},
    "a loader of a file of another name": {"a.py": 'load_dotenv("/etc/app/server.env")\n'},
    "a path that the caller gives": {"src/a.rs": "dotenvy::from_path(&path)?;\n"},
    "a path for node": {"a.js": "require('dotenv').config({ path: file })\n"},
    "a commented setting of another program": {"grafana.ini": ";path = grafana.db\n"},
    "a database that is ignored beside the code": {
        ".gitignore": "backend/site.db\n",
        "backend/a.py": 'u = "sqlite:///" + os.path.join(root, "site.db")\n',
    },
    "a path that is joined to a folder": {"a.py": 'x = os.path.join(etc, "CA/ca.pem")\n'},
    "a constant that is joined to a folder": {
        "a.go": 'const tokenFile = "token.json"\nvar p = filepath.Join(dir, tokenFile)\n'
    },
    "a loader that is offered to others": {"cli.py": "def load_dotenv(path):\n    dotenv.load_dotenv()\n"},
    "a loader of the tests": {"src/a.rs": "#[cfg(test)]\nmod t { fn f() { dotenvy::dotenv().ok(); } }\n"},
    "the settings of tests of the pages": {"playwright.config.ts": "require('dotenv').config()\n"},
    "a file below a folder that the user sets": {
        "src/config.rs": 'format!("sqlite://{}", join_path(&c.folder, "db.sqlite3"))\n'
    },
    "a database at a place of the system": {"src/a.rs": 'let u = "sqlite:///var/lib/a.db";\n'},
    "the contents of a site": {"a.go": 'ContentDir: "content",\nLayoutDir: "layouts",\nDataDir: "data",\n'},
    "a loader of its own": {"app.py": "from . import cli\n\ncli.load_dotenv()\n"},
    "an example in a text": {"engine.py": '"""How to set it up:\n\n    database: "data/films.db"\n"""\n'},
    "a name that is joined to a folder": {"a.py": 'open(os.path.join(home, "credentials.json"))\n'},
    "a tracked example of that name": {"a.py": 'open("secrets.toml")\n', "secrets.toml": "x = 1\n"},
    "a secret's name in a Helm chart": {"charts/app/values.yaml": "key: tls/server.key\n"},
}


@pytest.mark.parametrize("tree", QUIET.values(), ids=list(QUIET))
def test_it_stays_quiet_about(tree: dict[str, str]) -> None:
    assert not [r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding)]


PATTERNS = {
    "a folder that is not tracked": ({"a.toml": 'key_file = "data/server.key"\n'}, ["/data/", "*.key"]),
    "fixtures keep the pattern narrow": (
        {"a.toml": 'key_file = "run/server.pem"\n', "tests/ca.pem": "x"},
        ["/run/server.pem"],
    ),
    "a data folder that a setting names": ({"a.toml": 'data_dir = "./data"\n'}, ["/data/"]),
    "an opened database": ({"a.py": 'db = sqlite3.connect("app.db")\n'}, ["*.db"]),
    "a .env file with an example": ({".env.example": "A=1\n"}, [".env"]),
    "a loader without a path": ({"a.go": "_ = godotenv.Load()\n"}, [".env"]),
    "a loader with options": ({"a.py": "load_dotenv(override=True)\n"}, [".env"]),
    "a loader that searches": ({"a.py": "load_dotenv(find_dotenv())\n"}, [".env"]),
    "a loader of .env by a path": ({"a.py": "load_dotenv(os.path.join(basedir, '.env'))\n"}, [".env"]),
    "a loader of a named path": ({"a.py": 'p = Path(".") / ".env"\nload_dotenv(dotenv_path=p)\n'}, [".env"]),
    "the loader of Rust": ({"src/main.rs": "dotenvy::dotenv().ok();\n"}, [".env"]),
    "the loader of node": ({"a.js": "require('dotenv').config()\n"}, [".env"]),
    "the loader of node with options": (
        {"a.ts": "import dotenv from 'dotenv'\n\ndotenv.config({ override: true })\n"},
        [".env"],
    ),
    "credentials of a service": (
        {"a.py": 'flow.from_client_secrets_file("credentials.json", x)\n'},
        ["credentials.json"],
    ),
    "a token that a constant names": ({"a.py": 'TOKEN_PATH = "token.json"\n'}, ["token.json"]),
    "an identity without an ending": ({"m.go": 'os.ReadFile("conf/id_ed25519")\n'}, ["id_ed25519"]),
    "a database of SQLAlchemy": ({"a.py": 'URI = "sqlite:///site.db"\n'}, ["*.db"]),
    "a database of a driver": ({"a.py": 'URI = "sqlite+aiosqlite:///./site.db"\n'}, ["*.db"]),
    "a database of Flask": ({"a.py": 'u = "sqlite:///" + os.path.join(\n    root, "site.db"\n)\n'}, ["*.db"]),
    "a database of Django": ({"s.py": "D = {'NAME': BASE_DIR / 'db.sqlite3'}\n"}, ["*.sqlite3"]),
    "the secrets of streamlit": ({"a.py": 'import streamlit as st\nkey = st.secrets["key"]\n'}, ["secrets.toml"]),
    "a TLS pair": ({"m.go": 'http.ListenAndServeTLS(a, "tls/c.pem", "tls/k.pem", nil)\n'}, ["/tls/", "*.pem"]),
}


@pytest.mark.parametrize(("tree", "lines"), PATTERNS.values(), ids=list(PATTERNS))
def test_it_ignores(tree: dict[str, str], lines: list[str]) -> None:
    (found,) = (r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding))
    assert found.fix is not None and found.fix.changes[0].after is not None
    assert found.fix.changes[0].after.decode() == "\n".join(["# Secrets and local data", *lines, ""])


def test_names_in_the_work_tree_count_and_their_contents_are_never_read() -> None:
    project = Project(MemoryReader({"a.txt": "x"}, untracked=("server.key", "notes.txt", ".env")))
    (found,) = (r for r in check.check(project) if isinstance(r, Finding))
    assert "server.key" in found.message and ".env" in found.message and "notes.txt" not in found.message


@pytest.mark.parametrize(
    "code",
    [
        'key = st.secrets["key"]\n',  # without streamlit, st is something else
        'import streamlit as st\nkey = request.secrets["key"]\n',
        'import streamlit as st\n# st.secrets is not used here\nSAID = "st.secrets"\n',
    ],
)
def test_what_only_looks_like_the_secrets_of_streamlit(code: str) -> None:
    assert not [r for r in check.check(Project(MemoryReader({"a.py": code}))) if isinstance(r, Finding)]


def test_an_attribute_of_rust_is_no_comment() -> None:
    code = '#[derive(Parser)]\nstruct Args {\n    #[arg(default_value = "data/server-key.der")]\n    key: PathBuf,\n}\n'
    found = [r for r in check.check(Project(MemoryReader({"src/main.rs": code}))) if isinstance(r, Finding)]
    assert len(found) == 1 and "data/server-key.der" in found[0].message
