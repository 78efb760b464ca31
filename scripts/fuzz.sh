#!/usr/bin/env bash
# Runs every fuzz target in the repository, one after the other, each for
# FUZZTIME: 1000000x is a million inputs, 30s is half a minute.
. "$(dirname "$0")/env.sh"
FUZZTIME=${FUZZTIME:-1000000x}

export CGO_ENABLED=0

found=0
for dir in $(grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -r -n1 dirname | sort -u); do
	targets=$(go test -list '^Fuzz' "./$dir") # on its own line, or a package that does not build passes
	for target in $(grep '^Fuzz' <<<"$targets"); do
		found=$((found + 1))
		say "$target in $dir, $FUZZTIME"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 1000x -timeout 0 "./$dir"
	done
done

say "$found fuzz targets, nothing found"
