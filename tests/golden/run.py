#!/usr/bin/env python3
"""Golden cases: one readable text file holds the agreement, the evidence, the commands and what they
must print. Every case runs in an empty folder of its own.

    # what this case shows
    === file a.treaty
    …
    === run surety check a.treaty
    …expected standard output…
    === stderr
    …expected standard error (optional; absent: must be empty)…
    === exit 2          (optional; absent: 0)

`=== needs postgresql` before the first run gives the case a database of its own, $PG; where there is no server the case is skipped.

In commands, $ROOT is the project's root. Lines of output that contain a path of the run's folder show
it as $DIR. `run.py --reset [CASE…]` rewrites the expectations; the diff is the review."""
import os, pathlib, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import postgres  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def parse(path):
    intro, blocks = [], []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("=== "):
            kind, _, rest = line[4:].strip().partition(" ")
            blocks.append([kind, rest, ""])
        elif blocks:
            blocks[-1][2] += line
        else:
            intro.append(line)
    return "".join(intro), blocks


def execute(command, folder, build, database):
    env = dict(os.environ, PATH=f"{build}:{build}/verify:{os.environ['PATH']}", ROOT=str(ROOT), LC_ALL="C.UTF-8", TZ="UTC")
    host = database.partition("?host=")[2] if database else "\0"
    if database:
        env["PG"] = database
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    clean = lambda b: b.decode("utf-8", "backslashreplace").replace(str(folder), "$DIR").replace(str(ROOT), "$ROOT").replace(database or "\0", "$PG").replace(host, "$PGDIR")
    return clean(done.stdout), clean(done.stderr), done.returncode


def case(path, build, reset):
    """What differs from what is expected; None: the case needs what is not here."""
    intro, blocks = parse(path)
    problems, out, database = [], [intro], None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        i = 0
        while i < len(blocks):
            kind, rest, body = blocks[i]
            i += 1
            if kind == "file":
                target = folder / rest
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(body, encoding="utf-8")
                out.append(f"=== file {rest}\n{body}")
                continue
            if kind == "needs" and rest == "postgresql":
                database = postgres.fresh_database()
                if not database:
                    return None
                out.append(f"=== needs {rest}\n")
                continue
            if kind != "run":
                problems.append(f"unknown block: {kind}")
                continue
            want_err, want_code = "", 0
            while i < len(blocks) and blocks[i][0] in ("stderr", "exit"):
                if blocks[i][0] == "stderr":
                    want_err = blocks[i][2]
                else:
                    want_code = int(blocks[i][1])
                i += 1
            got_out, got_err, code = execute(rest, folder, build, database)
            if got_out and not got_out.endswith("\n"):
                got_out += "\n"
            if got_err and not got_err.endswith("\n"):
                got_err += "\n"
            for what, want, got in (("output", body, got_out), ("stderr", want_err, got_err), ("exit code", want_code, code)):
                if want != got:
                    problems.append(f"{what} of `{rest}`\n--- expected\n{want}--- found\n{got}" if isinstance(want, str)
                                    else f"{what} of `{rest}`: expected {want}, found {got}")
            out.append(f"=== run {rest}\n{got_out}")
            if got_err:
                out.append(f"=== stderr\n{got_err}")
            if code:
                out.append(f"=== exit {code}\n")
    if reset:
        path.write_text("".join(out), encoding="utf-8")
    return problems


def run(build, wanted=(), reset=False, show=print):
    """Returns (passed, failed, skipped)."""
    base = ROOT / "tests" / "golden"
    passed = failed = skipped = 0
    for path in sorted(base.rglob("*.golden")):
        if wanted and not any(w in str(path) for w in wanted):
            continue
        problems = case(path, pathlib.Path(build).resolve(), reset)
        if problems is None:
            skipped += 1
            show(f"skipped: 1 {path.relative_to(ROOT)}: PostgreSQL 15 is not installed")
        elif problems and not reset:
            failed += 1
            show(f"FAILED {path.relative_to(ROOT)}\n" + "\n".join(problems))
        else:
            passed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    build_dir = os.environ.get("SURETY_BUILD", str(ROOT / "build" / "release"))
    good, bad, left = run(build_dir, args, "--reset" in sys.argv)
    print(f"golden: {good} passed, {bad} failed, {left} skipped")
    sys.exit(1 if bad else 0)
