# Shared by the other scripts: source it first. It goes to the repository's
# root and settles what differs from machine to machine.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -euo pipefail

# Root on a fresh machine often lacks Go's usual place in PATH.
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { echo "Go is not in PATH; see https://go.dev/doc/install" >&2; exit 1; }

# `go build` stamps the commit and fails where git refuses to say which (a
# checkout that belongs to somebody else, an exported tree).
if ! git rev-parse HEAD >/dev/null 2>&1; then
	export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
fi

say() { printf '\n==> %s\n' "$*"; }

# absent says in one loud line what is not tested for want of something. With
# CI set that is a failure.
absent() {
	if [ -n "${CI:-}" ]; then
		printf '!!! FAILED, CI is set: %s\n' "$*" >&2
		exit 1
	fi
	printf '!!! %s\n' "$*" >&2
}

# package PACKAGE… installs Debian packages where that is allowed: by root or
# through a sudo that asks nothing. It never removes a package to make room.
package() {
	command -v apt-get >/dev/null || return 1
	local as=()
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || return 1
		as=(sudo -n)
	fi
	local install=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
		-o DPkg::Lock::Timeout=300 --no-remove --no-install-recommends install "$@")
	# The lists of a fresh machine are empty or old.
	"${install[@]}" </dev/null >&2 || { "${as[@]}" apt-get -q update </dev/null >&2 && "${install[@]}" </dev/null >&2; }
}

# have_mariadb: the tests look in these places too, see internal/mariadbtest.
have_mariadb() {
	local PATH=$PATH:/usr/sbin:/usr/local/sbin
	{ command -v mariadbd || command -v mysqld; } >/dev/null &&
		command -v mariadb-install-db >/dev/null && command -v my_print_defaults >/dev/null
}

# have_cc: the race detector needs a C compiler and the C library's headers.
have_cc() {
	local cc
	cc=$(go env CC)
	printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | ${cc:-cc} -x c -o /dev/null - 2>/dev/null
}
