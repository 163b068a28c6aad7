# Sourced by the scripts of this folder: strict, in a folder of its own, $work, that is gone with it, and so is the process $pid. What a command
# under test has said is in $work/out.
set -euo pipefail
source_dir="$(cd "$(dirname "$0")/../.." && pwd)"
work="$(mktemp -d)"
pid=
finish() {
  [[ -z "$pid" ]] || kill -KILL "$pid" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "$(basename "$0"): $*" >&2; [[ ! -f "$work/out" ]] || cat "$work/out" >&2; exit 1; }
