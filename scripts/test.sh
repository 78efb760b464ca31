#!/usr/bin/env bash
# Runs the tests on real parts: `scripts/test.sh [go test arguments …]`, by
# default all packages. It installs MariaDB where that is missing and allowed,
# and runs the tests beside a private server that is gone afterwards.
#
#   CI=1                 whatever is missing is a failure, not a skip
#   TANDAI_TEST_MYSQL=…  use this server (mysql://user[:pass]@host:port/) for
#                        the tests that do not need to kill theirs
#   NO_INSTALL=1         install nothing
. "$(dirname "$0")/env.sh"

if ! have_mariadb && [ -z "${NO_INSTALL:-}" ]; then
	say "Installing MariaDB's programs (no service is set up)"
	# These hold the programs without the service. Debian 12 and Ubuntu 24.04
	# have them under these names; older releases put a version behind them.
	core() { apt-cache pkgnames "$1-" 2>/dev/null | grep -E -- '-[0-9.]+$' | sort -V | tail -n1; }
	package mariadb-server-core mariadb-client-core ||
		package "$(core mariadb-server-core)" "$(core mariadb-client-core)" ||
		true
fi
skipped=""
if ! have_mariadb; then
	skipped="MARIADB IS NOT TESTED: mariadbd is not installed and may not be installed from here (apt-get install mariadb-server-core mariadb-client-core)"
	[ -z "${CI:-}" ] || absent "$skipped"
fi

# A small file system of its own is mounted for these.
[ "$(id -u)" = 0 ] || absent "A FULL AND A READ-ONLY DISK ARE NOT TESTED: mounting one needs root"

race=(-race)
export CGO_ENABLED=1
if ! have_cc; then
	absent "NO RACE DETECTOR: it needs a C compiler (apt-get install gcc libc6-dev)"
	race=()
	export CGO_ENABLED=0
fi

tests=(go test "${race[@]}" -timeout=30m "$@")
[ $# -gt 0 ] || tests+=(./...)

say "${tests[*]}"
code=0
if [ -n "$skipped" ] || [ -n "${TANDAI_TEST_MYSQL:-}" ]; then
	"${tests[@]}" || code=$?
else
	# mariadb starts the server, runs the tests and removes it, whatever ends
	# them; should it be killed itself, the server still ends.
	tool=$(mktemp -d)
	trap 'rm -rf "$tool"' EXIT
	CGO_ENABLED=0 go build -o "$tool/mariadb" ./scripts/mariadb
	"$tool/mariadb" -- "${tests[@]}" || code=$?
fi
[ -z "$skipped" ] || absent "$skipped"
exit $code
