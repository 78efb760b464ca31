#!/usr/bin/env bash
# Everything that can be said about the code without running it. Each tool
# speaks even where an earlier one has found something.
. "$(dirname "$0")/env.sh"
export CGO_ENABLED=0 # as it is built

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
failed=0
check() {
	say "$1"
	shift
	"$@" || failed=1
}

formatted() {
	local files
	files=$(gofmt -l .) || return 1
	[ -z "$files" ] || { printf 'not formatted, run gofmt -w:\n%s\n' "$files"; return 1; }
}

analysers() {
	# Not in bin: go cannot use a tool with a space in its path. What vet
	# caches goes by the tool's content.
	go build -o "$tool/lint" ./scripts/lint && go vet -vettool="$tool/lint" ./...
}

check "gofmt" formatted
check "go vet" go vet ./...
check "scripts/lint" analysers
check "staticcheck" go tool staticcheck -checks=inherit,ST1000,ST1016 ./...
for script in .ci/run scripts/*.sh; do bash -n "$script" || failed=1; done

exit $failed
