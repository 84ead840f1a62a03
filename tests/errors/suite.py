#!/usr/bin/env python3
"""Every error code that a program can give stands in docs/errors.md or docs/errors-treaty.md, and every code there
is given somewhere in src/. A code is a string literal `room.what-it-is`."""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# First words of codes, where they are not the names of folders.
ROOMS = {p.name for p in (ROOT / "src").iterdir() if p.is_dir()} | set("api book bytes call decimal file statement time unit verdict".split())
# Literals of that shape that are names of files and of members of a statement.
NO_CODES = {"log.vkey", "place.lat", "place.lon", "place.name"}
BUS_TOPICS = re.compile(r"bus/")
CODE = re.compile(r'"([a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)"')

given = {}
for path in sorted((ROOT / "src").rglob("*")):
    name = str(path.relative_to(ROOT / "src"))
    if path.suffix not in (".cc", ".h") or "test" in path.name or BUS_TOPICS.match(name):
        continue
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("//"))
    for found in CODE.finditer(text):
        code = found[1]
        if code.split(".")[0] in ROOMS and code not in NO_CODES:
            given.setdefault(code, name)

listed = {}
for page in ("docs/errors.md", "docs/errors-treaty.md"):
    for code in re.findall(r"^\| `([a-z0-9.-]+)` \|", (ROOT / page).read_text(encoding="utf-8"), re.M):
        if code in listed:
            listed[code] = None
        else:
            listed[code] = page

problems = [f"{code}: given in src/{where}, not in docs/errors.md or docs/errors-treaty.md" for code, where in given.items() if code not in listed]
problems += [f"{code}: in {page}, given nowhere in src/" for code, page in listed.items() if page and code not in given]
problems += [f"{code}: listed twice" for code, page in listed.items() if not page]
for line in sorted(problems):
    print("FAILED " + line)
print(f"{len(given.keys() | listed.keys()) - len(problems)} passed, {len(problems)} failed, 0 skipped")
sys.exit(1 if problems else 0)
