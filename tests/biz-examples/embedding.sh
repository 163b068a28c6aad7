#!/bin/sh
# embedding.sh PROGRAM ORDERS.ark: the example hosts orders, which calls it, and says so when it is given something else.
set -eu
program=$1 package=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "embedding.sh: $*" >&2; cat "$work/log" >&2; exit 1; }

"$program" "$work/home" "$package" >"$work/out" 2>"$work/log" || fail "it ended with $?"
[ "$(cat "$work/out")" = "order 1: Welcome to the shop, Ada!" ] || fail "it said: $(cat "$work/out")"
! grep -q "the host program links" "$work/log" || fail "it is no clean host"

! "$program" "$work/home" "$work/none.ark" >"$work/out" 2>"$work/log" || fail "it takes a package that is not there"
grep -q "none.ark" "$work/log" || fail "it does not say which package is not there"
