#!/usr/bin/env bash
# Runs the workflows of examples/n8n in a real n8n, beside a private MariaDB:
# `make test-n8n`. Not part of `make test`: n8n is large, and comes from npm.
#
#   N8N_VERSION=1.123.81  of n8n; it has to suit the node that is here
#   N8N_CACHE=DIR         where n8n is installed and kept
#   N8N_WAHA=VERSION      of @devlikeapro/n8n-nodes-waha
#
# Where npm does not have that package, a stand-in of its trigger is used, and
# the last line says so; with CI set that is a failure.
. "$(dirname "$0")/env.sh"

command -v node >/dev/null && command -v npm >/dev/null || { echo "node and npm are not in PATH" >&2; exit 1; }
have_mariadb || { echo "mariadbd is not installed (apt-get install mariadb-server-core mariadb-client-core)" >&2; exit 1; }

version=${N8N_VERSION:-1.123.81}
major=$(node -p 'process.versions.node.split(".")[0]')
cache=${N8N_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tandai/n8n-$version-node$major}
mkdir -p "$cache/n8n" "$cache/waha"

# What n8n asks for and these workflows do not need: spreadsheets from another
# place than npm, and a sandbox that older nodes cannot build.
overrides='"xlsx": "0.18.5"'
[ "$major" -ge 24 ] || overrides+=', "isolated-vm": "5.0.4"'

# install DIR PACKAGE OPTION…: once; there is no marker where npm failed.
install() {
	[ ! -e "$1/installed" ] || return 0
	say "npm install $2 (into $1; n8n takes some minutes)"
	echo "{\"private\": true, \"overrides\": {$overrides}}" >"$1/package.json"
	(cd "$1" && npm install --no-audit --no-fund --loglevel=error "${@:3}" "$2") && touch "$1/installed"
}

install "$cache/n8n" "n8n@$version"

stand_in=""
nodes=$cache/waha/node_modules/@devlikeapro/n8n-nodes-waha
waha="@devlikeapro/n8n-nodes-waha${N8N_WAHA:+@$N8N_WAHA}"
# Its peers are n8n's own packages, which are there already.
if ! install "$cache/waha" "$waha" --legacy-peer-deps --ignore-scripts; then
	stand_in="WAHA'S OWN NODE IS NOT TESTED: npm does not have $waha; scripts/n8n/stand-in took its place"
	nodes=$PWD/scripts/n8n/stand-in
fi

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
CGO_ENABLED=0 go build -o "$tool/mariadb" ./scripts/mariadb
CGO_ENABLED=0 go build -trimpath -o "$tool/tandai" ./cmd/tandai

say "n8n $version on node $(node --version)"
code=0
TANDAI_N8N="$cache/n8n/node_modules/n8n/bin/n8n" TANDAI_N8N_WAHA=$nodes TANDAI_N8N_BINARY="$tool/tandai" \
	"$tool/mariadb" -- go test -count=1 -timeout=20m -v -run 'TestRun' "$@" ./examples/n8n || code=$?
[ -z "$stand_in" ] || absent "$stand_in"
exit $code
