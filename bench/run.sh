#!/usr/bin/env bash
# Measures Poolhouse beside its peers and against the budgets of the design; the page is printed, and kept in bench/results/
# when it is whole.
#   bench/run.sh                          everything, with the native executable: about twenty minutes
#   bench/run.sh --parts guard            the guard alone, or `server` for refreshes, growth and start: about ten minutes
#   bench/run.sh --parts signin           signing in alone: about six minutes
#   bench/run.sh --jit                    the server as it is built, without a native publish
#   bench/run.sh --parts refresh --rounds 3 --only poolhouse,oidc
#   --scale 0.2 does a fifth of the refreshes per round, --sessions N is the large side of the growth test.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

for tool in dotnet node npm taskset; do
    command -v "$tool" >/dev/null || { echo "bench/run.sh needs '$tool', on Linux" >&2; exit 1; }
done
[ "$(nproc)" -ge 2 ] || { echo "bench/run.sh needs two cores: one for the server, one for the driver" >&2; exit 1; }

(cd bench/peers && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund; }) >&2
for project in bench/OpenIddictPeer bench/Bare bench/GuardChecks bench/GuardedApi bench/Load; do
    dotnet build "$project" -c Release -v quiet --tl:off '-clp:ErrorsOnly;NoSummary' >&2
done
case " $* " in
    *" --jit "*) dotnet build src/Server -c Release -v quiet --tl:off '-clp:ErrorsOnly;NoSummary' >&2 ;;
    *) dotnet publish src/Server -c Release -r linux-x64 -o artifacts/aot --tl:off >&2 ;;
esac

BENCH_ROOT=$root BENCH_SDK=$(dotnet --version) BENCH_CORES=$(nproc) exec taskset -c 1 dotnet artifacts/bin/Load/release/Poolhouse.Load.dll "$@"
