#!/usr/bin/env python3
"""Runs every test that a build holds and closes with one line: N passed, N failed, N skipped.

Suites: the C++ test programs (surety-tests-*), the golden cases, the include check, and every tests/*/suite.* (the
page, clients written elsewhere, …).
--all adds the slow campaigns (environment SURETY_SLOW=1), --faults the full fault campaign."""
import argparse, os, pathlib, re, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "golden"))
import run as golden  # noqa: E402

total = {"passed": 0, "failed": 0, "skipped": 0}


def note(name, passed, failed, skipped, seconds, detail=""):
    total["passed"] += passed
    total["failed"] += failed
    total["skipped"] += skipped
    print(f"{name:28} {passed:5} passed {failed:3} failed {skipped:4} skipped  {seconds:6.1f} s", flush=True)
    if failed and detail:
        print(detail, flush=True)


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def gtest(program):
    start = time.time()
    done = subprocess.run([str(program), "--gtest_color=no", "--gtest_brief=0"], cwd=ROOT, capture_output=True, text=True, errors="replace")
    text = done.stdout
    passed, failed = number(r"\[  PASSED  \] (\d+) test", text), number(r"\[  FAILED  \] (\d+) test", text)
    # A test may stand for many cases that it could not run: it prints "skipped: N …".
    skipped = number(r"\[  SKIPPED \] (\d+) test", text) + sum(map(int, re.findall(r"^skipped: (\d+)", text, re.M)))
    if done.returncode and not failed:
        failed = 1  # it crashed
    keep = [line for line in text.splitlines() if not re.match(r"\[( RUN|       OK|-----)", line)]
    note(program.name.removeprefix("surety-tests-"), passed, failed, skipped, time.time() - start, "\n".join(keep[-80:]) + done.stderr[-4000:])
    counts(text)


# Lines that a suite wants seen even when all is well: how often each fault was injected, how many published vectors were
# read, what clients written elsewhere accepted and refused.
SHOWN = re.compile(r"^(faults |vectors |skipped:? |ok      (Go|Node) ).*", re.M)


def counts(text):
    for line in SHOWN.finditer(text):
        print("  " + line[0], flush=True)


def script(name, command, env=None):
    """A suite that closes with its own `N passed, N failed[, N skipped]` line."""
    start = time.time()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", env=env)
    last = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", done.stdout)
    passed, failed, skipped = (int(x or 0) for x in last[-1]) if last else (0 if done.returncode else 1, 1 if done.returncode else 0, 0)
    if done.returncode and not failed:
        failed = 1
    note(name, passed, failed, skipped, time.time() - start, done.stdout[-6000:] + done.stderr[-2000:])
    counts(done.stdout)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build/release")
    ap.add_argument("--all", action="store_true")
    ap.add_argument("--faults", action="store_true")
    ap.add_argument("only", nargs="*")
    args = ap.parse_args()
    if args.all:
        os.environ["SURETY_SLOW"] = "1"
    if args.faults or args.all:
        os.environ["SURETY_FAULTS"] = "1"
    build = (ROOT / args.build).resolve()
    os.environ["SURETY_BUILD"] = str(build)
    wanted = lambda name: not args.only or any(o in name for o in args.only)

    for program in sorted(build.rglob("surety-tests-*")):
        if program.is_file() and os.access(program, os.X_OK) and wanted(program.name):
            gtest(program)
    if wanted("golden"):
        start = time.time()
        lines = []
        passed, failed, skipped = golden.run(build, show=lines.append)
        note("golden", passed, failed, skipped, time.time() - start, "\n".join(lines))
        counts("\n".join(lines))
    if wanted("includes"):
        script("includes", [sys.executable, "tools/check_includes.py"])
    for suite in sorted((ROOT / "tests").glob("*/suite.*")):
        if wanted(suite.parent.name):
            script(suite.parent.name, {".py": [sys.executable], ".mjs": ["node"], ".sh": ["bash"]}[suite.suffix] + [str(suite)])
    print(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] or not total["passed"] else 0)


if __name__ == "__main__":
    main()
