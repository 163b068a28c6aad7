#!/bin/sh
# live.sh PREFIX PACKAGES: installs, calls, replaces and removes the project's modules in a running container.
set -eu
prefix=$1 packages=$2
work=$(mktemp -d)  # a short path: the container's socket is in it
home=$work/home receipt=$work/home/data/customer/receipt container=
trap '[ -z "$container" ] || kill -KILL $container 2>/dev/null; rm -rf "$work"' EXIT
fail() { echo "live.sh: $*" >&2; cat "$work/log" >&2; exit 1; }

"$prefix/bin/ark-container" --home "$home" --module "$packages/greeter-1.0.0.ark" >"$work/log" 2>&1 &
container=$!
arkctl() { "$prefix/bin/arkctl" --home "$home" "$@" || fail "arkctl $* ended with $?"; }
mapped() { grep -c "/run/stage/.*$1" "/proc/$container/maps" || true; }
expect() { [ "$1" = "$2" ] || fail "$3: '$1' and not '$2'"; }

arkctl wait ready --timeout 60s
arkctl install "$packages/shop-2.0.0.ark"
arkctl install "$packages/customer-1.0.0.ark"
expect "$(cat "$receipt")" "Good day, Ada, that is 1" "what the customer was told"
[ "$(mapped shop.so)" -gt 0 ] || fail "nothing of shop is mapped while it runs"

arkctl replace "$packages/shop-2.1.0.ark"
rm "$receipt"
arkctl stop customer
arkctl start customer
expect "$(cat "$receipt")" "Good day, Ada, that is 1" "what the new shop told, with statics of its own"

arkctl uninstall customer
arkctl uninstall shop
expect "$(mapped shop.so)" 0 "mappings of shop after uninstall"
expect "$(mapped customer.so)" 0 "mappings of customer after uninstall"

kill -TERM $container
wait $container || fail "ark-container ended with $?"
container=
