#!/usr/bin/env bash
# Many tabs of a real browser and several nodes that fight over one session, while replies get lost and a node is killed.
# Exits with 1 if a session forked or anybody was signed out.
#   bench/race.sh --tabs 20 --nodes 3 --loss 0.1 --seconds 30    these are the defaults: about nine minutes
#   --client poolhouse,poolhouse-no-locks,oidc-client-ts         who is in the tabs; all three in turn
#   --course crowded,calm                                        calm takes four times the seconds
#   --access 15 --grace 10                                       seconds; access tokens of the calm course live 30
#   --kill, --no-kill                                            a node dies half way; so it is from three nodes on
#   --keep                                                       writes bench/results/<day>-race.md
#   --jit                                                        the server as it is built, without a native publish
#   --sabotage fork, --grace 0                                   what the counters must see: it ends with 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

for tool in dotnet node npm chromium; do
    command -v "$tool" >/dev/null || { echo "bench/race.sh needs '$tool'" >&2; exit 1; }
done
for folder in bench/race tests/Browser; do
    (cd "$folder" && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund; }) >&2
done
case " $* " in
    *" --jit "*) dotnet build src/Server -c Release -v quiet --tl:off '-clp:ErrorsOnly;NoSummary' >&2 ;;
    *) [ -e artifacts/aot/poolhouse ] && [ -z "$(find src -type f -newer artifacts/aot/poolhouse -print -quit)" ] ||
           dotnet publish src/Server -c Release -r linux-x64 -o artifacts/aot --tl:off -p:RunAnalyzers=false >&2 ;;
esac
exec node bench/race/race.mjs "$@"
