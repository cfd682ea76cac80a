#!/usr/bin/env bash
# Starts one of the two sample applications with all that it needs, and says where to open it. Ctrl-C ends everything, and nothing is kept.
#
#   samples/run.sh page    a single-page app that has its tokens in the page, and its API
#   samples/run.sh bff     the same app behind the backend for frontends: no token in the page
#
#   --short-lifetimes      the access token lives 15 seconds and the session 2 minutes, to watch them renewed and end
#   --access SECONDS, --refresh SECONDS                    other lifetimes; an hour and 30 days if nothing is said
#   --port PORT, --pool-port PORT, --api-port PORT         5280 for the app, 5281 for the pool, 5282 for the API behind the Bff
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 Logging__LogLevel__Default=Warning
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit "$1"; }

mode=${1:-}
case $mode in page | bff) shift ;; -h | --help) usage 0 ;; *) usage 2 >&2 ;; esac
port=5280 pool_port=5281 api_port=5282 access=3600 refresh=2592000
while [ $# -gt 0 ]; do
    case $1 in
        --short-lifetimes) access=15 refresh=120; shift; continue ;;
        --access) access=$2 ;; --refresh) refresh=$2 ;;
        --port) port=$2 ;; --pool-port) pool_port=$2 ;; --api-port) api_port=$2 ;;
        *) usage 2 >&2 ;;
    esac
    shift 2
done
[ "$mode" = bff ] || api_port=$port # without a Bff the API serves the page
app=http://localhost:$port issuer=http://localhost:$pool_port/us-east-1_SwimLanes

if ! command -v dotnet >/dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then PATH=$HOME/.dotnet:$PATH; fi
command -v dotnet >/dev/null || { echo "The samples need the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0" >&2; exit 1; }

work=$(mktemp -d)
program() { echo "$root/artifacts/bin/$1/release/$2.dll"; }
build() { # <project> <its program> <its sources …>: where it is missing or older than they are
    local project=$1 dll=$2 since=$2 said; shift 2
    [ ! "$dll.stamp" -nt "$dll" ] || since=$dll.stamp
    [ ! -f "$dll" ] || [ -n "$(find "$@" "$root"/Directory.*.props -newer "$since" | head -n 1)" ] || return 0
    echo "Building $project …" >&2
    touch "$work/before" # what is saved during the build is built next time
    said=$(cd "$root" && dotnet build "$project" -c Release --tl:off 2>&1) || { echo "$said" >&2; exit 1; }
    touch -r "$work/before" "$dll.stamp"
}
pids=()
stop() {
    trap - EXIT
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 0' INT TERM

pool=$(program Server poolhouse) lanes=$(program Samples.Api Poolhouse.Samples.Api) bff=$(program BffHost poolhouse-bff)
build src/Server "$pool" "$root/src" "$root/client/src"
build samples/Api "$lanes" "$root/src/Guard" "$root/src/Guard.AspNetCore" "$root/src/Tokens" "$root/samples/Api"
[ "$mode" = page ] || build src/BffHost "$bff" "$root/src/BffHost" "$root/src/Bff" "$root/src/Bff.Redis" "$root/src/Tokens"

start() { # <name> <port> <command …>: until it answers at its port
    local name=$1 at=$2; shift 2
    "$@" >"$work/$name.log" 2>&1 &
    local pid=$!
    pids+=("$pid")
    until (exec 3<>"/dev/tcp/127.0.0.1/$at") 2>/dev/null; do
        kill -0 "$pid" 2>/dev/null || { echo "The $name did not start:" >&2; cat "$work/$name.log" >&2; exit 1; }
        sleep 0.1
    done
}

sed -E -e "s#\{App\}#$app#g" -e "s/\"(Access|Id)TokenValidity\": [0-9]+/\"\1TokenValidity\": $access/g" -e "s/\"RefreshTokenValidity\": [0-9]+/\"RefreshTokenValidity\": $refresh/" \
    "$root/samples/seed.json" >"$work/seed.json"
start pool "$pool_port" dotnet "$pool" dev --port "$pool_port" --data "$work/data" --seed "$work/seed.json" --short-lifetimes
api=(dotnet "$lanes" --urls "http://localhost:$api_port" --Issuer "$issuer" --SessionSeconds "$refresh")
if [ "$mode" = page ]; then
    start API "$port" "${api[@]}" --Web "$root/samples/web"
else
    start API "$api_port" "${api[@]}"
    # The Bff's session ends with the refresh token; it takes nothing below a minute.
    ends=$((refresh < 60 ? 60 : refresh)) idle=$((refresh < 60 ? 60 : refresh < 86400 ? refresh : 86400))
    span() { echo "$(($1 / 86400)).$(($1 / 3600 % 24)):$(($1 / 60 % 60)):$(($1 % 60))"; }
    export POOLHOUSE_BFF_Key POOLHOUSE_BFF_Listen__0=$app POOLHOUSE_BFF_PublicUrl=$app POOLHOUSE_BFF_Authority=$issuer
    export POOLHOUSE_BFF_Apis__0__Target=http://localhost:$api_port/api POOLHOUSE_BFF_EndsAfter=$(span $ends) POOLHOUSE_BFF_IdleAfter=$(span $idle)
    POOLHOUSE_BFF_Key=$(head -c 32 /dev/urandom | base64)
    start Bff "$port" dotnet "$bff" --config "$root/samples/bff.json"
fi

cat <<TEXT

  Open $app

  Sign in as demo, or as lifeguard who may close lanes. The password of both is Poolhouse-1.
  Ctrl-C ends it.

TEXT
alive() { local pid; for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || return 1; done; }
while alive; do sleep 1 & wait $!; done # a signal ends a wait at once
echo "One of the programs has ended:" >&2
tail -n 5 "$work"/*.log >&2
exit 1
