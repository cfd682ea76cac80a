#!/usr/bin/env bash
# Ten thousand sessions whose access tokens have all run out call within one second at a backend for frontends that has just started.
#   bench/herd.sh                       10,000 sessions, SQLite
#   bench/herd.sh --store postgres      the same over PostgreSQL
#   bench/herd.sh --sessions 2000       fewer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

for tool in dotnet node; do
    command -v "$tool" >/dev/null || { echo "bench/herd.sh needs '$tool'" >&2; exit 1; }
done
dotnet build src/BffHost -c Release -v quiet --tl:off '-clp:ErrorsOnly;NoSummary' >&2
dotnet publish src/Server -c Release -r linux-x64 -o artifacts/aot --tl:off -v quiet >&2
# A socket for each session, on both sides.
ulimit -n "$(ulimit -Hn)"
exec node bench/herd.mjs "$@"
