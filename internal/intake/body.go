package intake

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// drainAtMost is how much of a body that is too large is still read, so that its
// sender gets to see the answer instead of a broken connection.
const drainAtMost = 16 << 20

// readBody reads the whole body within the time a sender has, or says why not.
func (d *Door) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *answer) {
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(d.cfg.ReadTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		a := unavailable("the connection cannot be read", time.Second)
		return nil, &a
	}
	if r.ContentLength > d.cfg.MaxBody {
		return nil, d.tooLarge(r)
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r.Body, d.cfg.MaxBody+1))
	switch {
	case n > d.cfg.MaxBody:
		return nil, d.tooLarge(r)
	case errors.Is(err, os.ErrDeadlineExceeded):
		a := reject(http.StatusRequestTimeout, "the body did not come in time")
		a.closes = true
		return nil, &a
	case err != nil:
		a := reject(http.StatusBadRequest, "the body did not come whole")
		a.closes = true
		return nil, &a
	}
	return buf.Bytes(), nil
}

func (d *Door) tooLarge(r *http.Request) *answer {
	_, _ = io.CopyN(io.Discard, r.Body, drainAtMost) // at most; the deadline holds
	a := reject(http.StatusRequestEntityTooLarge, "the body is larger than this door takes")
	a.closes = true
	return &a
}
