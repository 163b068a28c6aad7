#!/usr/bin/env bash
# Does what README.md tells a newcomer to do with a first module, with the code of the page, from an installed prefix.
. "$(dirname "$0")/prologue.sh"
first_block() { awk -v fence='```'"$1" '$0 == "```" { if (on) exit } on { print } $0 == fence { on = 1 }' "$source_dir/README.md"; }
logged() { grep -qF -- "$1" "$work/out" || fail "the log does not say: $1"; }

cmake --install "$ARK_BUILD_DIR" --prefix "$work/ark" >/dev/null
unset CMAKE_GENERATOR  # whatever CMake takes by itself
mkdir "$work/my hello"
cd "$work/my hello"
first_block cpp >hello.cpp
first_block cmake >CMakeLists.txt
cmake -S . -B build -DCMAKE_PREFIX_PATH="$work/ark" >/dev/null
cmake --build build >/dev/null

export ARK_HOME="$work/home" PATH="$PATH:$work/ark/bin"
ark-container 2>"$work/out" &
pid=$!
arkctl wait ready --timeout 60s || fail "the container did not become ready"
arkctl install build/hello-1.0.0.ark || fail "it was not installed"
logged "hello 1.0.0: hello"
arkctl ps | grep -Eq '^hello +1\.0\.0 +biz +ACTIVATED' || fail "arkctl ps does not show it"
arkctl uninstall hello || fail "it was not uninstalled"
logged "hello 1.0.0: goodbye"
! grep -q hello-1.0.0 "/proc/$pid/maps" || fail "it is still mapped"
kill -TERM "$pid"
wait "$pid" || fail "the container ended with $?"
pid=
