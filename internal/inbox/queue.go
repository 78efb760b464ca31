package inbox

import (
	"sync"
	"time"
)

const (
	// queueMax requests may wait for the writer; more is answered at once with
	// ErrUnavailable. The door lets fewer in than this.
	queueMax = 8192

	// One transaction takes at most so much; what is over waits for the next.
	groupMaxRequests = 1024
	groupMaxBytes    = 8 << 20
)

// request is one call waiting for the writer. Either op is set, or item is to
// be put.
type request struct {
	item Item
	at   int64 // received_at, Unix ms
	op   func(*writer) error

	known bool
	err   error
	done  chan struct{} // capacity 1
}

// queue holds the requests the writer has not taken yet, in order of arrival.
type queue struct {
	mu     sync.Mutex
	reqs   []*request
	closed bool
	wake   chan struct{} // capacity 1; a token means: look again
	enough int           // the writer waits for so many
	filled chan struct{} // capacity 1; a token means: there are enough
}

func newQueue() queue {
	return queue{wake: make(chan struct{}, 1), filled: make(chan struct{}, 1)}
}

func (q *queue) add(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return closedError("put")
	}
	if len(q.reqs) >= queueMax {
		return &Error{Class: ErrUnavailable, Op: "put", Err: errQueueFull}
	}
	q.reqs = append(q.reqs, r)
	if len(q.reqs) == 1 {
		token(q.wake)
	}
	if len(q.reqs) == q.enough {
		token(q.filled)
	}
	return nil
}

func token(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// empty tells whether there is nothing to do, neither requests nor closing.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.reqs) == 0 && !q.closed
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.reqs)
}

// wait waits until n requests are there, or for timeout to pass, and says how
// many there are.
func (q *queue) wait(n int, timeout time.Duration) int {
	q.mu.Lock()
	if there := len(q.reqs); there >= n || q.closed {
		q.mu.Unlock()
		return there
	}
	select {
	case <-q.filled: // a token left over
	default:
	}
	q.enough = n
	q.mu.Unlock()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-q.filled:
	case <-timer.C:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.enough = 0
	return len(q.reqs)
}

// cancel takes r back; false when the writer has it already, and then its
// answer must be waited for, since the writer reads its body.
func (q *queue) cancel(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, x := range q.reqs {
		if x == r {
			q.reqs = append(q.reqs[:i], q.reqs[i+1:]...)
			return true
		}
	}
	return false
}

// take appends what waits to group, as far as one transaction's bounds allow,
// and tells whether the queue has been closed.
func (q *queue) take(group []*request) (_ []*request, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	bytes, n := 0, 0
	for n < len(q.reqs) && len(group) < groupMaxRequests && (bytes < groupMaxBytes || len(group) == 0) {
		bytes += len(q.reqs[n].item.Body)
		group = append(group, q.reqs[n])
		n++
	}
	rest := copy(q.reqs, q.reqs[n:])
	clear(q.reqs[rest:])
	q.reqs = q.reqs[:rest]
	return group, q.closed
}

// close refuses what comes from now on; what waits is still served.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	token(q.wake)
	token(q.filled)
}
