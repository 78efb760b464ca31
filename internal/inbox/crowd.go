package inbox

import "time"

// crowd decides whether the writer waits a moment for company. Callers that
// have just been answered together come back one after the other: taking the
// first at once would give it a transaction and an fsync of its own while all
// the others queue behind it, every second time. So while many are about the
// writer waits until half of them are there, for at most crowdWait; the other
// half then comes, and is worked on elsewhere, while the first is synced.
// Callers that do not come back make it wait less and less often, and a lone
// one is not waited with.
type crowd struct {
	size int // how many callers there are, lately: it falls slowly
	skip int // transactions for which it is not tried
	miss int // what skip will be after the next disappointment; none after the first
}

const (
	crowdWait  = 2 * time.Millisecond
	crowdLeast = 4 // half of a crowd: fewer are better off without
)

// came is told, after each transaction, how many shared it and how many came
// meanwhile.
func (c *crowd) came(shared, queued int) { c.size = max(c.size*15/16, shared+queued) }

func (c *crowd) wait(q *queue) {
	n := c.size / 2
	if n < crowdLeast {
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
	c.size = c.size * 3 / 4
	c.skip = c.miss
	c.miss = min(2*c.miss+1, 63)
}
