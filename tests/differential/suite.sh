#!/usr/bin/env bash
# The logic engine against the oracle and against the peers' own cases, and the fuzz corpus replayed.
# Closes with one line: N passed, N failed, N skipped. SURETY_SLOW=1 runs many more random cases.
# SURETY_PEER names a monitor with MonPoly's flags ("monpoly", "monpoly -verified"): it is asked random cases too.
build=${SURETY_BUILD:-build/release}
passed=0 failed=0 skipped=0
run() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAILED %s\n%s\n' "$name" "$(printf '%s' "$out" | tail -40)"; fi
  printf '%s\n' "$out" | tail -12
}
cases=300
[ -n "${SURETY_SLOW:-}" ] && cases=10000
run differential "$build/tests/differential/differential_run" --cases "$cases" --corrections $((cases / 2)) --exhaustive 1 --explain $((cases / 2))
run calendar "$build/tests/differential/differential_run" --calendar --cases "$cases" --corrections $((cases / 2)) --explain $((cases / 2))
run fragment "$build/tests/differential/fragment_run" --cases $((cases * 10))
run replay "$build/fuzz/replay-logic" fuzz/corpus/fuzz-logic
if [ -n "${SURETY_PEER:-}" ]; then
  run peer "$build/tests/differential/differential_run" --cases 150 --peer "$SURETY_PEER" --save "$(mktemp -d)"
  run fragment-peer "$build/tests/differential/fragment_run" --cases 300 --peer "$SURETY_PEER"
else
  skipped=2
fi
if [ -d "${SURETY_SHARED:-../shared}/suite" ]; then
  run suite-engine "$build/tests/differential/suite_run" --engine
  run suite-oracle "$build/tests/differential/suite_run" --oracle --max-points 300
else
  skipped=$((skipped + 983))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
