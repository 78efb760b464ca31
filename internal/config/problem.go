package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with the configuration.
type Problem struct {
	// Key is the path of what is wrong, `clients[0].timezone`; "" where a
	// file as a whole is.
	Key string

	// Where is `tandai.yaml:3`, `TANDAI_TIMEZONE` or `--timezone`.
	Where string

	// Text says what is wrong, where, and what is allowed.
	Text string

	line int // in the file, for the order
}

// Error holds every Problem found, in the file's order.
type Error struct{ Problems []Problem }

// Error has one line for each problem.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return "configuration: " + e.Problems[0].Text
	}
	var b strings.Builder
	fmt.Fprintf(&b, "configuration: %d problems:", len(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.Text)
	}
	return b.String()
}

// An origin is where a key was set. Of two, the later layer wins.
type origin struct {
	layer layer
	where string
	line  int
}

type layer int

const (
	fromDefault layer = iota
	fromFile
	fromEnv
	fromFlag
)

// in joins a key and its origin as every problem does.
func (o origin) in(key string) string {
	switch o.layer {
	case fromFile:
		return key + " at " + o.where
	case fromDefault:
		return key
	}
	return key + " from " + o.where
}

// problem notes what is wrong with a key. Of several for one key the first is
// kept: the others follow from it.
func (l *loader) problem(key, format string, args ...any) {
	if l.bad[key] {
		return
	}
	l.bad[key] = true
	o := l.originOf(key)
	l.add(Problem{Key: key, Where: o.where, line: o.line, Text: o.in(key) + ": " + fmt.Sprintf(format, args...)})
}

func (l *loader) add(p Problem) { l.problems = append(l.problems, p) }

// originOf is where a key was set, or else the nearest key around it.
func (l *loader) originOf(key string) origin {
	for at := key; at != ""; {
		if o, ok := l.origins[at]; ok {
			return o
		}
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
	return origin{}
}

// err returns the problems as one error, nil where there are none.
func (l *loader) err() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.line, b.line), inOrder(a, b))
	})
	return &Error{Problems: l.problems}
}

// inOrder sorts by key what no line sorts.
func inOrder(a, b Problem) int {
	if a.line > 0 {
		return 0
	}
	return cmp.Compare(a.Key, b.Key)
}

// order puts the file before the rest.
func order(p Problem) int {
	if p.line > 0 {
		return 0
	}
	return 1
}
