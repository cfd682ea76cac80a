#!/usr/bin/env bash
# Faults on purpose: kills, power cuts, full disks, crashed databases, floods, restored backups, malformed input, a simulation. Linux; disks need root.
#   tests/Faults/run.sh              in short, as ./test.sh does: a few minutes
#   tests/Faults/run.sh --long       with full counts, in about an hour; writes tests/Faults/results/<day>.json and docs/reference/faults.md
#   tests/Faults/run.sh --long flood once more one file of that run; what was not run again keeps its numbers and its day
#   tests/Faults/run.sh --teeth      spoils the harness in every way that it knows; each trial has to turn red
#   FAULTS_SEED=1 tests/Faults/run.sh kill     one file, and the seed that it printed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

for tool in dotnet node npm cc /usr/bin/python3; do
    command -v "$tool" >/dev/null || { echo "tests/Faults/run.sh needs '$tool'" >&2; exit 1; }
done
for tool in patroni etcd; do
    command -v "$tool" >/dev/null || echo "Without '$tool' no failover is tried: apt-get install patroni etcd-server" >&2
done
command -v nft >/dev/null || echo "Without 'nft' nothing is cut off from anything: apt-get install nftables" >&2
for folder in bench/race tests/Sdk tests/Faults; do
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] || (cd "$folder" && npm ci --no-audit --no-fund) >&2
done
[ -e artifacts/aot/poolhouse ] && [ -z "$(find src -type f -newer artifacts/aot/poolhouse -print -quit)" ] ||
    dotnet publish src/Server -c Release -r linux-x64 -o artifacts/aot --tl:off -p:RunAnalyzers=false >&2

[ -e artifacts/bin/BffHost/release/poolhouse-bff.dll ] && [ -z "$(find src/Bff* src/Tokens -type f -newer artifacts/bin/BffHost/release/poolhouse-bff.dll -print -quit)" ] ||
    dotnet build src/BffHost -c Release --tl:off >&2
# The herd has a socket for each session, on both sides.
ulimit -n "$(ulimit -Hn)"
[ -e artifacts/bin/Trials/release/Poolhouse.Trials ] && [ -z "$(find src tests/Trials -type f -newer artifacts/bin/Trials/release/Poolhouse.Trials.dll -print -quit)" ] ||
    dotnet build tests/Trials -c Release --tl:off >&2

files() { [ $# = 0 ] && ls tests/Faults/*.test.mjs || printf 'tests/Faults/%s.test.mjs\n' "$@"; }
trials() { node --test --test-concurrency=2 --test-reporter=spec "$@"; }

teeth() { # which sabotage turns which file red
    local bitten=0 all=0 file name log
    while read -r file name; do
        all=$((all + 1)) log=artifacts/faults/${file##*/}-$name.log
        if FAULTS_SABOTAGE=$name node --test --test-reporter=spec "tests/Faults/$file.test.mjs" >"$log" 2>&1 </dev/null; then
            echo "$file: $name was NOT noticed"
        else
            bitten=$((bitten + 1))
            echo "$file: $name turned it red: $(grep -m2 -E "AssertionError|^ +\+ +'" "$log" | tail -1 | tr -s ' ' | cut -c1-140)"
        fi
    done <<'LIST'
kill lost-rotation
kill lost-revocation
kill fork
power-cut no-fsync
full-disk no-ballast
database-crash lost-rotation
failover asynchronous
failover lost-rotation
flood wrong-status
refresh-race fork
refresh-race no-reuse
guesses forgetful-counter
restore not-restored
rolling no-drain
partition no-bound
clock no-jump
starvation stands-still
keys old-key-set
keys no-cool-down
keys no-removal
herd forgotten-refreshes
redis forgetful-redis
redis swapped-cookies
revocations deaf-guard
revocations forgetful-guard
power-cut no-cut
../Sdk/nodes silent-nodes
simulation check-then-set
simulation notify-as-data
simulation forgetful-guard
simulation plain-sequence
fuzz second-opinion
fuzz loose-redirect
fuzz five-hundred
soak leak
soak no-purge
LIST
    echo "$bitten of $all"
    [ "$bitten" = "$all" ]
}

mkdir -p artifacts/faults
case "${1:-}" in
    --teeth) teeth ;;
    --long)
        results=artifacts/faults/results code=0
        shift
        [ $# -gt 0 ] || rm -rf "$results"
        mkdir -p "$results" tests/Faults/results
        FAULTS_LONG=1 FAULTS_RESULTS=$PWD/$results trials $(files "$@" | grep -v /page.test) || code=$?
        node tests/Faults/page.mjs "$results" ${1:+part}
        exit "$code" ;;
    *) trials $(files "$@") ;;
esac
