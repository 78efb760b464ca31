package inbox

import "time"

// crowd decides whether the writer waits a moment for company. Callers that
// have just been answered together come back one after the other: taking the
// first at once would give it a transaction and an fsync of its own while all
// the others queue behind it, every second time. So after a transaction that
// many shared the writer waits until half of them are back, for at most
// crowdWait; the other half then comes while that transaction is synced.
// Callers that do not come back make it wait less and less often, and a lone
// one is not waited with.
type crowd struct {
	last int // requests in the last transaction
	skip int // transactions for which it is not tried
	miss int // what skip will be after the next disappointment; none after the first
}

const crowdWait = 2 * time.Millisecond

func (c *crowd) came(requests int) { c.last = requests }

func (c *crowd) wait(q *queue) {
	n := c.last / 2
	if n < 2 {
		return
	}
	if c.skip > 0 {
		c.skip--
		return
	}
	if q.wait(n, crowdWait) > n/2 {
		c.miss = 0
		return
	}
	c.skip = c.miss
	c.miss = min(2*c.miss+1, 63)
}
