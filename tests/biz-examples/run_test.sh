#!/usr/bin/env bash
# run_test.sh demo|broken_demo|stays_up|usage: scripts/run as a user sees it, on the build in ARK_BUILD_DIR.
. "$(dirname "$0")/prologue.sh"
# Its output is in $work/out, and all its temporary files are in $work/tmp.
run() { mkdir -p "$work/tmp"; TMPDIR="$work/tmp" "$source_dir/scripts/run" "$@" >"$work/out" 2>&1; }
expect_line() { grep -Eq -- "$1" "$work/out" || fail "no line matches: $1"; }
expect_nothing_left() { [[ -z "$(ls -A "$work/tmp")" ]] || fail "left behind: $(ls -A "$work/tmp")"; }

demo() {
  run --demo || fail "the demo ended with $?"
  expect_line '^ +start plugin greeter 1\.0\.0 +[0-9.]+ ms'
  expect_line '^ +fire ContainerStarted +[0-9.]+ ms'
  expect_line 'warmup 1\.0\.0: ContainerStarted, first'
  expect_line '^orders +1\.0\.0 +biz +ACTIVATED'
  expect_line '^orders 1\.1\.0 is ACTIVATED'
  expect_line '^mappings of orders 1\.0\.0: 0, of orders 1\.1\.0: [1-9]'
  expect_line '^[1-9][0-9]{4,} calls, 0 failed calls; answered by 1\.0\.0 \([0-9]+\) 1\.1\.0 \([0-9]+\)$'
  expect_nothing_left
}

broken_demo() {
  mkdir -p "$work/build/biz-examples/orders"
  for part in container packaging biz-examples/{greeter,hello,audit,warmup} biz-examples/orders/orders-1.0.0.ark; do
    ln -s "$ARK_BUILD_DIR/$part" "$work/build/$part"
  done
  status=0
  ARK_BUILD_DIR="$work/build" run --demo || status=$?
  [[ $status -eq 1 ]] || fail "the demo ended with $status although there is no orders 1.1.0"
  expect_line 'FAILED: the replacement was refused'
  expect_nothing_left
}

# Starts it with the home $work/home, and waits until it is ready.
start() {
  ARK_HOME="$work/home" TMPDIR="$work" "$source_dir/scripts/run" >"$work/out" 2>&1 &
  pid=$!
  arkctl wait ready --timeout 60s >/dev/null || fail "it did not become ready"
}
end() {
  kill -TERM "$pid"
  wait "$pid" || fail "it ended with $?"
  pid=
}
arkctl() { "$ARK_BUILD_DIR/packaging/arkctl/arkctl" --home "$work/home" "$@"; }
active() { arkctl ps | sed -nE 's/^([a-z]+) +([0-9.]+) .* ACTIVATED .*/\1 \2/p' | sort | paste -sd, ; }
expect_active() { [[ "$(active)" == "$1" ]] || fail "active are $(active), not $1"; }

stays_up() {
  start
  expect_line 'arkctl ps'
  expect_active "audit 1.0.0,greeter 1.0.0,hello 1.0.0,orders 1.0.0,warmup 1.0.0"
  arkctl replace "$ARK_BUILD_DIR/biz-examples/orders/orders-1.1.0.ark" >/dev/null || fail "the replacement was refused"
  end
  start
  expect_active "audit 1.0.0,greeter 1.0.0,hello 1.0.0,orders 1.1.0,warmup 1.0.0"
  end
}

usage() {
  status=0
  run --dmeo || status=$?
  [[ $status -eq 2 ]] || fail "it ended with $status and not 2"
  expect_line '^usage: scripts/run \[--demo\]'
}

case "${1:-}" in
  demo | broken_demo | stays_up | usage) "$1" ;;
  *) echo "usage: run_test.sh demo|broken_demo|stays_up|usage" >&2; exit 2 ;;
esac
