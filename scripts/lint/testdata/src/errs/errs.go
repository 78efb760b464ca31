// Package errs holds comparisons of errors, good and bad.
package errs

import (
	"errors"
	"io"
)

var errGone = errors.New("gone")

type wrapped struct{ error }

func (w wrapped) Is(target error) bool { return target == errGone }

func compare(err error) int {
	if err == nil || err != nil {
		return 0
	}
	if err == errGone { // want `errors compared with ==; use errors.Is`
		return 1
	}
	if err == io.EOF || err != io.EOF {
		return 8
	}
	if err != io.ErrShortWrite { // want `errors compared with !=; use errors.Is`
		return 2
	}
	if _, ok := err.(wrapped); ok { // want `type of an error asserted; use errors.As`
		return 3
	}
	switch err { // want `switch compares errors; use errors.Is`
	case errGone:
		return 4
	}
	switch err.(type) { // want `type of an error asserted; use errors.As`
	case wrapped:
		return 5
	}
	var w wrapped
	if errors.Is(err, errGone) || errors.As(err, &w) {
		return 6
	}
	return 7
}
