#!/usr/bin/env python3
"""Imports point down only. Reads every #include "room/…" under src/ and fails on one that
points at the same level (another room) or up. Also checks that verify/ includes nothing of src/
and that no .cc or .h is longer than its ceiling."""
import pathlib, re, sys

LEVELS = [["base"], ["model"], ["geo", "plan", "record"], ["treaty", "logic", "store", "feed", "bus"],
          ["incident", "duty", "fulfil", "access"], ["engine"], ["report", "serve", "lsp"], ["cli"]]
# Same-level imports that DESIGN.md's chain draws: incident → duty → fulfil; plan takes model's words.
ALLOWED = set()
# Files over the ceiling, each with its reason.
LONG = {
    "src/logic/compile.cc": "one compiler over one tree; its cases share the scope of variables",
    "src/logic/nodes.h": "the operators' classes, internal to the room; to be split by kind of operator",
    "src/logic/front/parse_formula.cc": "one recursive parser of the peers' grammar",
}
HEADER_CEILING, SOURCE_CEILING = 300, 600
level = {room: n for n, rooms in enumerate(LEVELS) for room in rooms}
root = pathlib.Path(__file__).resolve().parent.parent
bad = []
for path in sorted(root.glob("src/**/*")) + sorted(root.glob("verify/**/*")):
    if path.suffix not in (".h", ".cc"):
        continue
    rel = path.relative_to(root)
    room = rel.parts[1] if rel.parts[0] == "src" else "verify"
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    ceiling = HEADER_CEILING if path.suffix == ".h" else SOURCE_CEILING
    if lines > ceiling and str(rel) not in LONG:
        bad.append(f"{rel}: {lines} lines, ceiling {ceiling}: split it, or name it in LONG with the reason")
    for n, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+"([^"/]+)/', line)
        if not m:
            continue
        target = m.group(1)
        if target not in level and target != "verify":
            continue
        if room == "verify":
            if target != "verify":
                bad.append(f"{rel}:{n}: verify/ shares no code with src/, but includes {target}/")
        elif target != room and (room, target) not in ALLOWED and (target == "verify" or level[target] >= level[room]):
            bad.append(f"{rel}:{n}: {room} (level {level[room]}) may not include {target} (level {level.get(target)})")
print("\n".join(bad) if bad else "includes point down")
sys.exit(1 if bad else 0)
