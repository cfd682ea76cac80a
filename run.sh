#!/usr/bin/env bash
# Builds the server where something has changed since the last start, and runs `poolhouse dev` with the arguments given.
# Needs the .NET 10 SDK and nothing else. Options: ./run.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dll=$root/artifacts/bin/Server/release/poolhouse.dll
built=$root/artifacts/run.stamp
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if ! command -v dotnet >/dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then PATH=$HOME/.dotnet:$PATH; fi
if ! command -v dotnet >/dev/null; then
    missing="no 'dotnet' on the PATH"
elif ! (cd "$root" && dotnet --version) >/dev/null 2>&1; then # global.json names the SDK
    missing="'dotnet' is here, but these SDKs only: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')"
fi
if [ -n "${missing:-}" ]; then
    cat >&2 <<TEXT
Poolhouse needs the .NET 10 SDK (10.0.100 or later): $missing
Get it from https://dotnet.microsoft.com/download/dotnet/10.0, or with a package manager:
  Debian, Ubuntu  sudo apt-get install dotnet-sdk-10.0   (Debian: add Microsoft's package feed first)
  macOS           brew install --cask dotnet-sdk
  Windows         winget install Microsoft.DotNet.SDK.10
TEXT
    exit 1
fi

# A folder counts too: its time changes when a file in it is removed.
newer() { find "$root/src" "$root/client/src" "$root"/Directory.*.props "$root/global.json" -newer "$built" 2>/dev/null | head -n 1; }
if [ ! -f "$dll" ] || [ ! -f "$built" ] || [ -n "$(newer)" ]; then
    echo "Building the server …" >&2
    mkdir -p "$root/artifacts" && touch "$built.next" # the time before the build: what is saved during it is built next time
    said=$(cd "$root" && dotnet build src/Server -c Release --tl:off 2>&1) || { echo "$said" >&2; exit 1; }
    mv "$built.next" "$built"
fi
exec dotnet "$dll" dev "$@"
