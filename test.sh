#!/usr/bin/env bash
# Installs what the tests need, runs every suite, and ends with the sum: `N passed, N failed`.
#   ./test.sh              everything
#   ./test.sh unit server  these stages only, and the build that they need
# A suite that fails, or that reports no test at all, counts as a failure. Full output: artifacts/test/<stage>.log
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_CLI_USE_MSBUILD_SERVER=0
export LC_ALL=C.UTF-8 NO_COLOR=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_UI_LANGUAGE=en TESTINGPLATFORM_NOBANNER=1
suites="unit storage server guard bff house sdk browser client faults smoke"
chosen=${*:-$suites}
logs=artifacts/test; passed=0; failed=0; red=; aot=
mkdir -p "$logs"

for name in $chosen; do
    case " $suites " in *" $name "*) ;; *) echo "No stage '$name'. Stages: $suites" >&2; exit 2 ;; esac
done
wants() { local one; for one in "$@"; do case " $chosen " in *" $one "*) return 0 ;; esac; done; return 1; }
finish() { # with the names once more: of a long log, some keep the end alone
    [ -z "$red" ] || printf '\nFailed:\n%s' "$red"
    echo; echo "$passed passed, $failed failed"; [ "$failed" = 0 ]; exit
}
trap '[ -z "$aot" ] || kill "$aot" 2>/dev/null' EXIT

# The debian packages behind commands that are not here yet.
missing_packages() {
    command -v node >/dev/null || ! wants sdk browser client faults smoke || echo nodejs
    command -v npm >/dev/null || ! wants sdk browser client faults || echo npm
    command -v chromium >/dev/null || ! wants bff browser client || echo chromium
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || ! wants storage bff sdk client faults || echo postgresql
    command -v redis-server >/dev/null || ! wants bff faults || echo redis-server
    ! wants sdk || { /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || echo python3-aiosmtpd; command -v openssl >/dev/null || echo openssl; }
    [ -x /usr/bin/aws ] || [ -x /usr/local/bin/aws ] || ! wants sdk || echo awscli
    ! wants faults || { [ -x /usr/bin/python3 ] || echo python3; [ -x /usr/sbin/mkfs.ext4 ] || echo e2fsprogs; command -v cc >/dev/null || echo gcc libc6-dev; command -v patroni >/dev/null || echo patroni; command -v etcd >/dev/null || echo etcd-server; compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || echo libfaketime; }
    wants sdk browser client faults smoke || return 0
    command -v clang >/dev/null || command -v gcc >/dev/null || echo clang
    [ -e /usr/include/zlib.h ] || echo zlib1g-dev
}

setup() {
    if ! dotnet --version; then
        echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
        return 1
    fi
    local packages sudo=
    packages=$(missing_packages)
    if [ -n "$packages" ]; then
        if ! command -v apt-get >/dev/null; then echo "Please install:" $packages; return 1; fi
        [ "$(id -u)" = 0 ] || sudo=sudo
        $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qy --no-install-recommends -o DPkg::Lock::Timeout=600 ca-certificates $packages || return 1
    fi
    ! wants sdk faults || node_packages tests/Sdk || return 1
    ! wants browser client || node_packages tests/Browser || return 1
    ! wants client faults || node_packages bench/race || return 1
    ! wants faults || node_packages tests/Faults || return 1
    ! wants client || { node_packages client && node_packages tests/Client; }
}

node_packages() { # only where the lock file is newer than what is installed
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || (cd "$1" && npm ci --no-audit --no-fund)
}

build() {
    if [ "$chosen" = "$suites" ]; then dotnet build Poolhouse.slnx -c Release --tl:off; return; fi
    local name projects project
    for name in $chosen; do
        case $name in unit) projects=tests/Unit ;; storage) projects=tests/Storage ;; server) projects=tests/Server ;; guard) projects=tests/Guard ;; bff) projects=tests/Bff ;; house) projects=tests/House ;; client) projects=src/BffHost ;; faults) projects="tests/Trials src/BffHost" ;; *) continue ;; esac
        for project in $projects; do dotnet build "$project" -c Release --tl:off || return 1; done
    done
}

publish() { # the build before has analysed the same sources; here the AOT compiler speaks
    rm -rf artifacts/aot
    nice -n 10 dotnet publish src/Server -c Release -r linux-x64 -o artifacts/aot --tl:off -p:RunAnalyzers=false
}

dotnet_suite() { "artifacts/bin/$1.Tests/release/Poolhouse.$1.Tests"; }
node_suite() { (cd "tests/$1" && node --test "${@:2}" --test-reporter=spec --test-reporter-destination=stdout ./*.test.mjs); }

plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; } # some runners colour their output in CI

sum() { # "passed failed skipped" out of a runner's own summary: Microsoft.Testing.Platform's or node:test's
    plain "$1" | awk '/^Test run summary:/ { mtp = 1 }
         mtp && $1 == "succeeded:" { p += $2 } mtp && $1 == "failed:" { f += $2 } mtp && $1 == "skipped:" { s += $2 }
         NF == 3 && $1 !~ /[A-Za-z0-9]/ && $2 == "pass" { p += $3 } NF == 3 && $1 !~ /[A-Za-z0-9]/ && $2 == "skipped" { s += $3 }
         NF == 3 && $1 !~ /[A-Za-z0-9]/ && ($2 == "fail" || $2 == "cancelled") { f += $3 }
         END { print p + 0, f + 0, s + 0 }'
}

names() { # of the tests that failed, as the runners say them
    plain "$2" | grep -E '^failed .*\([0-9a-z. ]+\)$|^ *✖ .*\([0-9.]+ms\)$' | sed -E "s/^(failed| *✖) /  $1: /" | sort -u
}

step() { # step <name> <command …>: everything that is not a suite; true if it went well
    local name=$1 start=$EPOCHREALTIME; shift
    if "$@" >"$logs/$name.log" 2>&1 </dev/null; then line "$name" "$start" "done"; return 0; fi
    failed=$((failed + 1)); red+="  $name"$'\n'; cat "$logs/$name.log"; line "$name" "$start" "FAILED"; return 1
}

suite() { # suite <name> <command …>: the counts come from the runner, and none at all is a failure
    local name=$1 start=$EPOCHREALTIME code p f s; shift
    wants "$name" || return 0
    export -f dotnet_suite node_suite
    timeout --kill-after=10 900 bash -c '"$@"' _ "$@" >"$logs/$name.log" 2>&1 </dev/null; code=$?
    read -r p f s < <(sum "$logs/$name.log")
    [ $((p + f)) -gt 0 ] && { [ "$code" = 0 ] || [ "$f" -gt 0 ]; } || f=$((f + 1))
    passed=$((passed + p)); failed=$((failed + f))
    [ "$f" = 0 ] || { cat "$logs/$name.log"; red+=$(names "$name" "$logs/$name.log" | grep . || echo "  $name: no test by name")$'\n'; }
    line "$name" "$start" "$p passed, $f failed$([ "$s" = 0 ] || echo ", $s skipped")$([ "$code" != 124 ] || echo ", out of time")"
}

line() { awk -v n="$1" -v a="$2" -v b="$EPOCHREALTIME" -v t="$3" 'BEGIN { printf "%-8s %6.1f s  %s\n", n, b - a, t }'; }

step set-up setup || finish
step build build || finish
# The native binary is made while the suites run that do not need it.
if wants sdk browser client faults smoke; then publish >"$logs/publish.log" 2>&1 </dev/null & aot=$!; fi
suite unit dotnet_suite Unit
suite storage dotnet_suite Storage
suite server dotnet_suite Server
suite guard dotnet_suite Guard
suite bff dotnet_suite Bff
suite house dotnet_suite House
if [ -n "$aot" ]; then step aot wait "$aot" || cat "$logs/publish.log"; aot=; fi
suite sdk node_suite Sdk
suite browser node_suite Browser
suite client node_suite Client --test-concurrency=2   # browsers and timers wait for much: two files at once
suite faults node_suite Faults --test-concurrency=2   # most of it is waiting for servers to be back
suite smoke node_suite Smoke
finish
