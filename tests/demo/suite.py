#!/usr/bin/env python3
"""The demo runs from start to end, prints the same twice, and says what README.md shows: every line of
the README's transcript stands in it, in order. `suite.py --reset` writes the transcript anew."""
import os, pathlib, re, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("SURETY_BUILD", str(ROOT / "build" / "release"))
README = ROOT / "README.md"
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {what}\n{detail}")


def demo():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["bash", "tools/demo", BUILD, folder], cwd=ROOT, capture_output=True, text=True, timeout=300)
        left = sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file())
        text = done.stdout.replace(folder, "demo-out").replace(BUILD, "build/release")
        return done.returncode, text, done.stderr, left


def between(text, start, end):
    i = text.index(start)
    return text[i:text.index(end, i)].rstrip("\n")


def transcript(text):
    easter = between(text, "Easter truce, thirty hours", "── Who could have seen")
    head, _, rates = easter.partition("\nSource:")
    rates = rates[rates.index("── What was reported"):]
    side = "\n".join(text[text.index("HYPOTHETICAL │ ── Side by side"):].split("\n")[:19])
    return "\n".join([head, "…", "", rates, "…",
                      between(text, "── The state over time", "\nwhen (Europe/Moscow)  Mirror"), "…",
                      between(text, "── Breaches: what occurred", "── What is waited for"),
                      between(text, "━━ 5", "• clause M4"), "…",
                      side, "…", between(text, "HYPOTHETICAL │ consultation", "HYPOTHETICAL │ contribution"), "…",
                      between(text, "HYPOTHETICAL │ non-use", "HYPOTHETICAL │ production"), "",
                      between(text, "━━ 9", "━━ The dashboard")])


code, text, errors, left = demo()
check("the demo ends well", code == 0, errors[-2000:])
check("it says nothing on standard error", not errors, errors[:2000])
for name in ("surety.db", "record/checkpoint", "record/log.vkey", "daily-2025-04-20.md", "daily-2025-04-20.html"):
    check(f"it leaves {name}", name in left, "\n".join(left))
check("the key is not in the record directory", not any(n.startswith("record/") and n.endswith(".key") for n in left))
hypothetical = between(text, "━━ 7", "━━ 8").split("\n")[1:]
check("every hypothetical line is marked", all(l.startswith("HYPOTHETICAL │") for l in hypothetical if l), "\n".join(l for l in hypothetical if not l.startswith("HYPO"))[:500])
again = demo()[1]
# The log's key is made anew each time, so the signature differs; the root does not.
check("a second run prints the same", again == text, "")

readme = README.read_text(encoding="utf-8")
block = re.search(r"## What the demo prints\n.*?\n```\n(.*?)\n```", readme, re.S)
if "--reset" in sys.argv:
    README.write_text(readme[:block.start(1)] + transcript(text) + readme[block.end(1):], encoding="utf-8")
else:
    at, missing, lines = 0, None, text.split("\n")
    for line in block.group(1).split("\n"):
        if line in ("…", ""):
            continue
        while at < len(lines) and lines[at] != line:
            at += 1
        if at == len(lines):
            missing = line
            break
        at += 1
    check("README.md shows what the demo prints", missing is None, f"this line is not in it (or not in this order): {missing}\nrun: python3 tests/demo/suite.py --reset")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
