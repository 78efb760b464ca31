package main

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestErrorCompare(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), errorCompare, "errs")
}

func TestSlogStyle(t *testing.T) { analysistest.Run(t, analysistest.TestData(), slogStyle, "slogs") }
