#!/usr/bin/env bash
# Clients of transparency logs that were written elsewhere: Go's x/mod as Debian packages it, and
# @sigstore/verify. They must accept what we write, and refuse it damaged. SURETY_BUILD holds the programs.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
build=${SURETY_BUILD:-../../build/release}
passed=0 failed=0 skipped=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

skip() { echo "skipped $1"; skipped=$((skipped + $2)); }

# client COMMAND…: runs it over the record, shows its cases, counts them.
client() {
  local last
  "$@" "$folder" | tee "$folder/out"
  last=$(tail -n 1 "$folder/out")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
  fi
}

writer=$(find "$build" -name surety-clients-record -type f -perm -u+x | head -n 1)
if [ -z "$writer" ]; then
  echo "FAILED no surety-clients-record in $build: build with -DSURETY_TESTS=ON"
  echo "0 passed, 1 failed"
  exit 1
fi
"$writer" "$folder" || { echo "FAILED the record could not be written"; echo "0 passed, 1 failed"; exit 1; }

# Debian's packages for Go lie in /usr/share/gocode; nothing is downloaded.
if [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] && command -v go >/dev/null; then
  if GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$folder/cache" go build -o "$folder/client" client.go cases.go; then
    client "$folder/client"
  else
    failed=$((failed + 1))
  fi
else
  skip "Go's client: golang-go and golang-golang-x-mod-dev are not installed" 12
fi

if command -v node >/dev/null; then
  [ -d node_modules/@sigstore/verify ] || npm ci --ignore-scripts --no-audit --no-fund --silent || true
fi
if [ -d node_modules/@sigstore/verify ] && command -v node >/dev/null; then
  client node client.mjs
else
  skip "@sigstore/verify: node, or its package, is not there (npm ci in tests/clients)" 7
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
