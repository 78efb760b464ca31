package inbox

import "maps"

// txn is what one transaction adds up beside its rows, written once at its end.
type txn struct {
	counts   map[countKey]int64
	minutes  []minuteTally // nearly always one
	recorded int64         // settled_at of what was recorded, 0 for none
	settled  int
	low      int64 // the new lowWater, 0 when it stays
	arrived  bool  // something new waits
	space    Space
	coming   int64 // bytes this transaction adds to what space says
	refused  error // why something was refused for want of room
}

type countKey struct {
	state  State
	reason string
}

type minuteTally struct{ minute, first, last, n int64 }

func (t *txn) reset() {
	counts, minutes := t.counts, t.minutes
	clear(counts)
	*t = txn{counts: counts, minutes: minutes[:0]}
}

func (t *txn) clone() txn {
	c := *t
	c.counts = maps.Clone(t.counts)
	c.minutes = append([]minuteTally(nil), t.minutes...)
	return c
}

func (t *txn) count(s State, reason string, n int64) {
	if s == Waiting {
		return // what waits is all the rest: see the package comment
	}
	if s != Skipped {
		reason = ""
	}
	if t.counts == nil {
		t.counts = map[countKey]int64{}
	}
	t.counts[countKey{s, reason}] += n
}

// received notes that seq came at receivedAt (Unix ms).
func (t *txn) received(receivedAt, seq int64) {
	m := minuteOf(receivedAt)
	for i := range t.minutes {
		if t.minutes[i].minute == m {
			t.minutes[i].last = seq
			t.minutes[i].n++
			return
		}
	}
	t.minutes = append(t.minutes, minuteTally{m, seq, seq, 1})
}

// minuteOf numbers the minutes of the clock from 1970, rounding down before it too.
func minuteOf(ms int64) int64 {
	m := ms / 60000
	if ms%60000 < 0 {
		m--
	}
	return m
}

// writeTallies writes what the transaction added up.
func (w *writer) writeTallies() error {
	t := &w.tx
	for _, m := range t.minutes {
		if _, err := w.st.minute.ExecContext(bg, m.minute, m.first, m.last, m.n); err != nil {
			return err
		}
	}
	for k, n := range t.counts {
		if n == 0 {
			continue
		}
		if _, err := w.st.count.ExecContext(bg, int64(k.state), k.reason, n); err != nil {
			return err
		}
	}
	if t.recorded != 0 {
		if _, err := w.st.mark.ExecContext(bg, markRecorded, t.recorded); err != nil {
			return err
		}
	}
	if w.settled+t.settled >= lowWaterEvery {
		return w.moveLowWater()
	}
	return nil
}

// moveLowWater looks for the first body that waits for the first time and
// remembers that everything before it has a row in settled.
func (w *writer) moveLowWater() error {
	low, err := firstFresh(bg, w.conn, w.b.low.Load())
	if err != nil {
		return err
	}
	if _, err := w.st.mark.ExecContext(bg, markLowWater, low-1); err != nil {
		return err
	}
	w.tx.low = low - 1
	return nil
}

// committed takes over what holds once the transaction is durable.
func (t *txn) committed(w *writer) {
	w.settled += t.settled
	if t.low > 0 {
		w.settled = 0
		w.b.low.Store(t.low)
	}
	if t.arrived {
		w.b.signal()
	}
}
