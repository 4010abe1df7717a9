#!/usr/bin/env bash
# `make run` as a newcomer meets it: it must get as far as serving, with verdicts and a config printed, and stop on Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
log="$work/log"
export TOUCHSTONE_DATA_DIR="$work/data" TOUCHSTONE_PORT="${TOUCHSTONE_PORT:-3001}"
setsid make run >"$log" 2>&1 &
pid=$!
trap 'kill -TERM -- -"$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

for _ in $(seq 300); do
  grep -q "Ctrl-C stops" "$log" && break
  kill -0 "$pid" 2>/dev/null || { cat "$log"; echo "make run ended early" >&2; exit 1; }
  sleep 0.2
done

for sign in "refuted" "supported" '"mcpServers"' "Ctrl-C stops"; do
  grep -q "$sign" "$log" || { cat "$log"; echo "make run did not print: $sign" >&2; exit 1; }
done
if grep -q "the sample failed" "$log"; then cat "$log"; exit 1; fi
echo "make run: 1 passed, 0 failed"
