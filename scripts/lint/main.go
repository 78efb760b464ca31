// Command lint holds the analysers that `go vet` leaves out, and two of this
// project's own. It is run through vet, which caches its results:
//
//	go build -o /tmp/lint ./scripts/lint && go vet -vettool=/tmp/lint ./...
//
// scripts/lint.sh does that.
package main

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/atomicalign"
	"golang.org/x/tools/go/analysis/passes/deepequalerrors"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/scannererr"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/passes/sqlrowserr"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// analysers are run on every package, tests included. Left out on purpose:
// shadow (reports the idiom `if err := …` inside a function that has an err)
// and fieldalignment (trades the order that reads best for a few bytes).
var analysers = []*analysis.Analyzer{
	atomicalign.Analyzer,
	deepequalerrors.Analyzer,
	nilness.Analyzer,
	reflectvaluecompare.Analyzer,
	scannererr.Analyzer,
	sortslice.Analyzer,
	sqlrowserr.Analyzer,
	unusedwrite.Analyzer,
	errorCompare,
	slogStyle,
}

func main() { unitchecker.Main(analysers...) }
