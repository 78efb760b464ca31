package intake

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	smallBody  = 8 << 10   // bytes a buffer begins with: most bodies are smaller
	pooledBody = 256 << 10 // bytes; a larger buffer is not kept for the next request

	// drainMost is how much of a body that is refused is still read, so that
	// the sender gets to see the answer: one that is writing does not read, and
	// closing on it loses the answer.
	drainMost = 16 << 20
)

// buffer is a body being held. Its bytes count in Door.held.
type buffer struct{ data []byte }

// read reads the whole body, in the time and space allowed. The sender's
// Content-Length is believed only where it says too much: memory is taken as
// the bytes arrive.
func (d *Door) read(w http.ResponseWriter, r *http.Request) (*buffer, *answer) {
	if r.ContentLength > d.maxBody {
		d.swallow(w, r)
		return nil, d.tooLarge()
	}
	d.deadline(w)
	b := d.buffers.Get().(*buffer)
	b.data = b.data[:0]
	if !d.hold(cap(b.data)) {
		d.buffers.Put(b)
		d.drain(r.Body)
		return nil, d.noRoom()
	}
	for {
		if len(b.data) == cap(b.data) && !d.grow(b) {
			d.free(b)
			d.drain(r.Body)
			return nil, d.noRoom()
		}
		n, err := r.Body.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if int64(len(b.data)) > d.maxBody {
			d.free(b)
			d.drain(r.Body)
			return nil, d.tooLarge()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			d.free(b)
			return nil, unreadable(err)
		}
	}
	// The connection's next request is not part of this one's time, and while
	// this one is made durable an expired deadline would look like a hang-up.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return b, nil
}

// grow doubles the buffer, if all requests together may hold that much.
func (d *Door) grow(b *buffer) bool {
	more := cap(b.data)
	if !d.hold(more) {
		return false
	}
	data := make([]byte, len(b.data), 2*more)
	copy(data, b.data)
	b.data = data
	return true
}

func (d *Door) hold(n int) bool {
	if d.held.Add(int64(n)) > d.maxHeld {
		d.held.Add(-int64(n))
		return false
	}
	return true
}

func (d *Door) free(b *buffer) {
	d.held.Add(-int64(cap(b.data)))
	if cap(b.data) <= pooledBody {
		d.buffers.Put(b)
	}
}

// deadline gives the sender its time from now on. Where the server cannot set
// deadlines (a test's recorder) there are none.
func (d *Door) deadline(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d.readTimeout))
}

// swallow reads what is sent of a request that is refused unread.
func (d *Door) swallow(w http.ResponseWriter, r *http.Request) {
	if r.Body == http.NoBody || r.Header.Get("Expect") != "" {
		return // nothing comes, or nothing before we ask for it
	}
	d.deadline(w)
	d.drain(r.Body)
}

func (d *Door) drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, drainMost)
}

func (d *Door) tooLarge() *answer {
	return &answer{status: http.StatusRequestEntityTooLarge, result: resultTooLarge,
		reason: fmt.Sprintf("the body is larger than %d bytes", d.maxBody)}
}

func (d *Door) noRoom() *answer {
	return &answer{status: http.StatusServiceUnavailable, result: resultBusy, retryAfter: retrySoon,
		reason: fmt.Sprintf("more than %d bytes are held at once", d.maxHeld)}
}

// unreadable tells a sender that was too slow from one that broke off.
func unreadable(err error) *answer {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &answer{status: http.StatusRequestTimeout, result: resultTimeout, close: true,
			reason: "the body did not arrive in time"}
	}
	return &answer{status: http.StatusServiceUnavailable, result: resultBroken, retryAfter: retrySoon, close: true,
		reason: "the body could not be read to its end"}
}
