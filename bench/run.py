#!/usr/bin/env python3
"""Runs the benchmarks of a build and prints one table; the same figures as JSON in build/bench.json.
Processor seconds, not wall time. `./dev bench ROOM…` runs only those; more arguments after -- go to the programs."""
import argparse, json, os, pathlib, platform, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ap = argparse.ArgumentParser()
ap.add_argument("--build", default="build/release")
ap.add_argument("only", nargs="*")
args, extra = ap.parse_known_args()
extra = [e for e in extra if e != "--"]
rows = []
for program in sorted((ROOT / args.build / "bench").rglob("bench-*")):
    if not (program.is_file() and os.access(program, os.X_OK)):
        continue
    room = program.name.removeprefix("bench-")
    if args.only and room not in args.only:
        continue
    run = subprocess.Popen([str(program), *extra], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    for line in run.stdout:
        if line.startswith("{"):
            row = {"room": room, **json.loads(line)}
            rows.append(row)
            print(f"{row['name']:44} {row['n']:>10} {row['unit']:12} {row['cpu_s']:9.3f} s {row['per_s']:>12,.0f}/s {row['peak_mb']:8.1f} MB  {row.get('note', '')}", flush=True)
        else:
            print(line, end="", flush=True)
    if run.wait():
        sys.exit(f"{program.name} failed")
out = ROOT / "build" / "bench.json"
out.write_text(json.dumps({"machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "rows": rows}, indent=1) + "\n")
print(f"\n{out.relative_to(ROOT)}")
