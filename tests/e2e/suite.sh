#!/usr/bin/env bash
# The page's tests as tests/run.py calls them: SURETY_BUILD holds the program.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
if ! command -v node >/dev/null; then
  echo "e2e: 0 passed, 0 failed, 94 skipped: node is not installed"
  exit 0
fi
[ -d node_modules/playwright-core ] || npm ci --ignore-scripts --no-audit --no-fund --silent || true
exec node run.mjs --surety "${SURETY_BUILD:-../../build/release}/surety"
