package inbox

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func fill(t *testing.T, q *queue, n int) {
	t.Helper()
	for range n {
		if err := q.add(&request{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestQueue_Bounds(t *testing.T) {
	q := newQueue()
	fill(t, &q, queueMax)
	if err := q.add(&request{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("one too many: %v", err)
	}
	group, _ := q.take(nil)
	if len(group) != groupMaxRequests || len(q.reqs) != queueMax-groupMaxRequests {
		t.Errorf("%d taken, %d left", len(group), len(q.reqs))
	}
	q = newQueue()
	huge := make([]byte, groupMaxBytes)
	for range 3 {
		q.add(&request{item: Item{Body: huge}})
	}
	if group, _ := q.take(nil); len(group) != 1 {
		t.Errorf("%d huge ones in one transaction", len(group))
	}
	r := &request{}
	q.add(r)
	if !q.cancel(r) || q.cancel(r) {
		t.Error("cancel takes back what waits, once")
	}
	q.close()
	if err := q.add(r); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
	if group, closed := q.take(nil); len(group) != 1 || !closed {
		t.Errorf("after close: %d taken, closed %v", len(group), closed)
	}
}

// TestCrowd: who is alone is never waited with; who was one of many is, briefly,
// and not for long when the others do not come back.
func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crowd
		waits := func(what string, about, here int, later int, want time.Duration) {
			t.Helper()
			q := newQueue()
			fill(t, &q, here)
			go func() {
				time.Sleep(300 * time.Microsecond)
				fill(t, &q, later)
			}()
			c.size = 0
			c.came(about-about/3, about/3)
			started := time.Now()
			c.wait(&q)
			if took := time.Since(started); took != want {
				t.Errorf("%s: waits %v, want %v", what, took, want)
			}
			time.Sleep(time.Second)
		}
		const later = 300 * time.Microsecond
		waits("the first", 0, 1, 0, 0)
		waits("alone after a lone one", 1, 1, 0, 0)
		waits("after seven", 7, 1, 1, 0)
		waits("half of 64 are here", 64, 32, 9, 0)
		waits("the others are coming", 64, 1, 40, later)
		waits("a few are coming", 64, 1, 20, crowdWait)
		waits("nobody comes", 64, 1, 0, crowdWait)
		waits("nobody comes again", 64, 1, 0, crowdWait)
		waits("not tried once", 64, 1, 0, 0)
		waits("a third time", 64, 1, 0, crowdWait)
		for range 3 {
			waits("not tried three times", 64, 1, 0, 0)
		}
		waits("they are back", 64, 1, 40, later)
		waits("and again", 64, 1, 40, later)
		for range 100 {
			c.came(1, 0)
		}
		if c.size/2 >= crowdLeast {
			t.Errorf("long after they have gone it reckons with %d", c.size)
		}
	})
}
