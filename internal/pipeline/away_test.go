package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/storetest"
	"tandai/internal/waha"
)

// memory is an inbox and a store in memory, for tests of time.
type memory struct {
	mu       sync.Mutex
	waiting  []inbox.Delivery
	settled  []inbox.Outcome
	released []int64
	recorded []time.Time // when Record was called
	record   func(context.Context) error
	settle   func(context.Context) error
	ready    chan struct{}
}

func (m *memory) Claim(_ context.Context, limit int) ([]inbox.Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := min(limit, len(m.waiting))
	out := m.waiting[:n]
	m.waiting = m.waiting[n:]
	return out, nil
}

func (m *memory) Release(seqs ...int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.released = append(m.released, seqs...)
}

func (m *memory) Ready() <-chan struct{} { return m.ready }

func (m *memory) Settle(ctx context.Context, outcomes []inbox.Outcome) error {
	if m.settle != nil {
		if err := m.settle(ctx); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settled = append(m.settled, outcomes...)
	return nil
}

func (m *memory) Range(context.Context, inbox.Filter, int64, int) ([]inbox.Delivery, int64, error) {
	return nil, 0, nil
}

func (m *memory) Stats(context.Context) (inbox.Stats, error) { return inbox.Stats{}, nil }

func (m *memory) Doubt(context.Context, time.Duration) error { return nil }
func (m *memory) Trust(context.Context) error                { return nil }

func (m *memory) RecordedWithin(context.Context, time.Duration, int) iter.Seq2[[]inbox.Delivery, error] {
	return func(func([]inbox.Delivery, error) bool) {}
}

func (m *memory) Record(ctx context.Context, _ []store.Input) (store.Recorded, error) {
	m.mu.Lock()
	m.recorded = append(m.recorded, time.Now())
	m.mu.Unlock()
	return store.Recorded{}, m.record(ctx)
}

func (m *memory) Phones(context.Context, string, []string) (map[string]string, error) {
	return nil, nil
}
func (m *memory) Missing(context.Context, []string) ([]string, error)   { return nil, nil }
func (m *memory) EnsureViews(context.Context) ([]store.ViewNote, error) { return nil, nil }

// put makes n deliveries wait.
func (m *memory) put(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, body := range marks(n) {
		d := delivery(body, now0)
		d.Seq = int64(i + 1)
		m.waiting = append(m.waiting, d)
	}
}

// inBubble runs a pipeline on a memory in a bubble of its own time.
func inBubble(t *testing.T, cfg Config, m *memory, test func(t *testing.T, p *Pipeline, stop func() time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m.ready = make(chan struct{}, 1)
		cfg.Inbox, cfg.Store = m, m
		cfg.Now = func() time.Time { return now0 }
		p := New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		stop := func() time.Duration {
			at := time.Now()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v, want nil", err)
			}
			return time.Since(at)
		}
		test(t, p, stop)
	})
}

func TestBackOff(t *testing.T) {
	m := &memory{record: func(context.Context) error { return away() }}
	m.put(3)
	inBubble(t, Config{}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
		time.Sleep(time.Minute)
		synctest.Wait()
		var waits []time.Duration
		for i := 1; i < len(m.recorded); i++ {
			waits = append(waits, m.recorded[i].Sub(m.recorded[i-1]))
		}
		const ms = time.Millisecond
		want := []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 10000 * ms, 10000 * ms, 10000 * ms, 10000 * ms}
		if diff := cmp.Diff(want, waits); diff != "" {
			t.Errorf("waits (-want +got)\n%s", diff)
		}
		if d := p.Database(); d.Up || !errors.Is(d.Err, errNoRoute) || !d.Since.Equal(now0) {
			t.Errorf("Database() = %+v", d)
		}
		if took := stop(); took > 0 {
			t.Errorf("took %v to stop though nothing was under way", took)
		}
		if diff := cmp.Diff([]int64{1, 2, 3}, m.released); diff != "" {
			t.Errorf("released (-want +got)\n%s", diff)
		}
		if len(m.settled) != 0 {
			t.Errorf("settled %v", m.settled)
		}
	})
}

// TestBackOffBeginsAnew: the wait after one trouble is not that of the next.
func TestBackOffBeginsAnew(t *testing.T) {
	calls := 0
	m := &memory{}
	m.record = func(context.Context) error {
		if calls++; calls == 5 || calls > 8 {
			return nil
		}
		return away()
	}
	m.put(2)
	inBubble(t, Config{Batch: 1}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
		time.Sleep(time.Minute)
		synctest.Wait()
		var waits []time.Duration
		for i := 1; i < len(m.recorded); i++ {
			waits = append(waits, m.recorded[i].Sub(m.recorded[i-1]))
		}
		const ms = time.Millisecond
		want := []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 0, 200 * ms, 400 * ms, 800 * ms}
		if diff := cmp.Diff(want, waits); diff != "" {
			t.Errorf("waits (-want +got)\n%s", diff)
		}
		if !p.Database().Up || len(m.settled) != 2 {
			t.Errorf("%+v, settled %v", p.Database(), m.settled)
		}
		stop()
	})
}

func TestShutdown(t *testing.T) {
	// slow takes a while, unless it is cut off.
	slow := func(d time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			select {
			case <-time.After(d):
				return nil
			case <-ctx.Done():
				return &store.Error{Class: store.ErrUnavailable, Op: "record", Err: ctx.Err()}
			}
		}
	}
	for _, tc := range []struct {
		name              string
		record, settle    time.Duration
		took              time.Duration
		settled, released int
	}{
		{name: "the batch in hand is finished", record: 5 * time.Second, took: 4 * time.Second, settled: 1, released: 0},
		{name: "a database that hangs is not waited for", record: time.Hour, took: 10 * time.Second, released: 1},
		{name: "an inbox that is slow is waited for", settle: 5 * time.Second, took: 4 * time.Second, settled: 1},
		{name: "an inbox that hangs is not", settle: time.Hour, took: 10 * time.Second, released: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &memory{record: slow(tc.record), settle: slow(tc.settle)}
			m.put(1)
			inBubble(t, Config{}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
				time.Sleep(time.Second)
				if took := stop(); took != tc.took {
					t.Errorf("took %v to stop, want %v", took, tc.took)
				}
				if len(m.settled) != tc.settled || len(m.released) != tc.released {
					t.Errorf("settled %v, released %v", m.settled, m.released)
				}
			})
		})
	}

	t.Run("what was claimed beside it too, as long as the database answers", func(t *testing.T) {
		m := &memory{record: slow(time.Second)}
		m.put(10)
		inBubble(t, Config{Batch: 1}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
			time.Sleep(1500 * time.Millisecond)
			stop()
			if len(m.released) != 0 || len(m.settled)+len(m.waiting) != 10 || len(m.settled) < 2 {
				t.Errorf("settled %v, released %v, %d never claimed", m.settled, m.released, len(m.waiting))
			}
		})
	})
	t.Run("what was claimed beside it is given back when the database hangs", func(t *testing.T) {
		m := &memory{record: slow(time.Hour)}
		m.put(10)
		inBubble(t, Config{Batch: 1}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
			time.Sleep(1500 * time.Millisecond)
			if took := stop(); took != 10*time.Second {
				t.Errorf("took %v to stop, want 10 s however many batches were claimed", took)
			}
			if len(m.settled) != 0 || len(m.released)+len(m.waiting) != 10 || len(m.released) < 2 {
				t.Errorf("settled %v, released %v, %d never claimed", m.settled, m.released, len(m.waiting))
			}
		})
	})
}

// TestRecordTimeout: a transaction that hangs is given up and tried again.
func TestRecordTimeout(t *testing.T) {
	calls := 0
	m := &memory{}
	m.record = func(ctx context.Context) error {
		if calls++; calls > 1 {
			return nil
		}
		<-ctx.Done()
		return &store.Error{Class: store.ErrUnavailable, Op: "record", Err: ctx.Err()}
	}
	m.put(1)
	inBubble(t, Config{}, m, func(t *testing.T, p *Pipeline, stop func() time.Duration) {
		time.Sleep(119 * time.Second)
		synctest.Wait()
		if len(m.settled) != 0 || !p.Database().Up {
			t.Errorf("after 119 s: settled %v, %+v", m.settled, p.Database())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(m.settled) != 1 || calls != 2 || !p.Database().Up {
			t.Errorf("after 121 s: settled %v, %d calls, %+v", m.settled, calls, p.Database())
		}
		stop()
	})
}

// TestAway: the database is away for a while under load. Deliveries are
// accepted, wait, and are all recorded afterwards.
func TestAway(t *testing.T) {
	w := newWorld(t, onSQLite)
	p := w.start()
	send := func(from, n int) {
		for i := range n {
			w.receive(mark("toko", fmt.Sprintf("62812%08d@c.us", from+i), "1", true, int64(from+i)))
		}
	}
	send(0, 50)
	w.drain()
	if d := p.Database(); !d.Up || d.Err != nil || !d.Since.Equal(now0) {
		t.Errorf("at first: %+v", d)
	}
	if got := w.metric("tandai_database_up"); got != 1 {
		t.Errorf("tandai_database_up %v, want 1", got)
	}

	w.clock.move(time.Minute)
	w.store.set(func(s *faultyStore) {
		s.onRecord = func(int, []store.Input) fault { return fault{before: away()} }
	})
	send(50, 100)
	w.until("it is seen that the database is away", func() bool { return !p.Database().Up })
	w.clock.move(time.Minute)
	send(150, 50)
	d := p.Database()
	if !errors.Is(d.Err, store.ErrUnavailable) || !errors.Is(d.Err, errNoRoute) || !d.Since.Equal(now0.Add(time.Minute)) {
		t.Errorf("while away: %+v, want why and since when", d)
	}
	if got := w.metric("tandai_database_up"); got != 0 {
		t.Errorf("tandai_database_up %v, want 0", got)
	}
	if s := w.stats(); s.Waiting != 150 || s.Done != 50 || s.Received != 200 {
		t.Errorf("while away: %+v", s)
	}
	// A database may answer and take nothing.
	p.Saw(t.Context(), nil)
	if p.Database().Up {
		t.Errorf("an answer outweighs a batch that is stuck")
	}

	w.clock.move(time.Minute)
	w.store.set(func(s *faultyStore) { s.onRecord = nil })
	w.drain()
	w.until("it is seen that the database is back", func() bool { return p.Database().Up })
	if d := p.Database(); d.Err != nil || !d.Since.Equal(now0.Add(3*time.Minute)) {
		t.Errorf("afterwards: %+v", d)
	}
	if got := w.metric("tandai_database_up"); got != 1 {
		t.Errorf("tandai_database_up %v, want 1", got)
	}
	w.same("outcomes", repeat("done", 200), w.outcomes())
	w.same("recorded", []string{"200 | 200"}, w.rows("SELECT COUNT(*), COUNT(DISTINCT event_id) FROM label_events"))
	for text, want := range map[string]int{`msg="database is away`: 1, `msg="database is back"`: 1} {
		if got := strings.Count(w.log.String(), text); got != want {
			t.Errorf("%q stands %d times in the log, want %d", text, got, want)
		}
	}
	if w.metric("tandai_pipeline_retries_total") == 0 {
		t.Errorf("no retries counted")
	}
	w.clean()
}

// TestHealth: what says something of the database, and what does not.
func TestHealth(t *testing.T) {
	group := mark("toko", "120363000000000001@g.us", "1", true, 1)
	t.Run("a conflict says nothing", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.store.onRecord = func(n int, _ []store.Input) fault { return fault{before: conflict()} }
		w.receive(marks(1)...)
		p := w.start()
		w.until("it has tried a few times", func() bool { return w.store.calls() > 3 })
		if !p.Database().Up || w.metric("tandai_database_up") != 1 {
			t.Errorf("%+v, metric %v", p.Database(), w.metric("tandai_database_up"))
		}
	})
	t.Run("a batch that asks nothing of it says nothing", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		p := w.start()
		p.DatabaseAway(away())
		w.receive(group)
		w.drain()
		if p.Database().Up || w.metric("tandai_database_up") != 0 {
			t.Errorf("%+v, metric %v", p.Database(), w.metric("tandai_database_up"))
		}
	})
	t.Run("a look-up of phones does", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.cfg.HasIgnored = func(string) bool { return true }
		w.cfg.Ignored = func(string, string) bool { return false }
		fail := true
		w.store.phones = func() error {
			if fail {
				return away()
			}
			return nil
		}
		w.receive(mark("toko", "201000000000011@lid", "1", true, 1))
		p := w.start()
		w.until("the database is seen to be away", func() bool { return !p.Database().Up })
		if w.stats().Waiting != 1 {
			t.Errorf("settled without having been recorded")
		}
		w.store.set(func(*faultyStore) { fail = false })
		w.drain()
		w.until("the database is seen to be back", func() bool { return p.Database().Up })
	})
	t.Run("somebody else's question does", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		p := w.start()
		p.Saw(t.Context(), away())
		if p.Database().Up || w.metric("tandai_database_up") != 0 {
			t.Errorf("%+v, metric %v", p.Database(), w.metric("tandai_database_up"))
		}
		p.Saw(t.Context(), nil)
		if !p.Database().Up || w.metric("tandai_database_up") != 1 {
			t.Errorf("%+v, metric %v", p.Database(), w.metric("tandai_database_up"))
		}
	})
	t.Run("the start does", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		p := w.pipeline()
		p.DatabaseAway(away())
		if d := p.Database(); d.Up || !errors.Is(d.Err, errNoRoute) {
			t.Errorf("%+v", d)
		}
		p.DatabaseAnswers()
		if d := p.Database(); !d.Up || d.Err != nil {
			t.Errorf("%+v", d)
		}
	})
}

// TestStopWhileAway: a shutdown while the database is away gives the claims
// back; the next start records everything.
func TestStopWhileAway(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 16)
	w := newWorld(t, onSQLite)
	w.cfg.Batch, w.cfg.Wait, w.cfg.MaxWait = 16, time.Hour, time.Hour
	w.store.onRecord = func(int, []store.Input) fault { return fault{before: away()} }
	w.receiveHistory()
	p := w.start()
	w.until("the database is seen to be away", func() bool { return !p.Database().Up })
	begun := time.Now()
	p.stop()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("took %v to stop", took)
	}
	if s := w.stats(); s.Done != 0 || len(w.inbox.released) == 0 {
		t.Errorf("%+v, released %v", s, w.inbox.released)
	}
	// The same inbox, still open: what was released is handed out again.
	w.store.onRecord = nil
	w.run()
	w.exactlyOnce(want)
}

// TestKilledMariaDB: the real thing, killed in the middle and away for a while.
func TestKilledMariaDB(t *testing.T) {
	server := mariadbtest.Start(t)
	w := newWorld(t, engine{"MariaDB", func(t testing.TB, now func() time.Time) storetest.Harness {
		return openMySQL(t, server.DSN(t), now)
	}})
	w.cfg.MaxWait = 100 * time.Millisecond
	p := w.start()
	stop := make(chan struct{})
	sent := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				sent <- n
				return
			case <-time.After(2 * time.Millisecond):
			}
			body := mark("toko", fmt.Sprintf("62812%08d@c.us", n%50), fmt.Sprint(n%3), n%2 == 0, int64(n))
			if err := w.knock(body, waha.Sign(w.key, body)); err != nil {
				t.Errorf("not accepted: %v", err)
			}
			n++
		}
	}()
	w.until("it is under way", func() bool { return w.stats().Done > 100 })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	w.until("the database is seen to be away", func() bool { return !p.Database().Up })
	before := w.stats()
	w.until("a hundred more are accepted", func() bool { return w.stats().Received >= before.Received+100 })
	if s := w.stats(); s.Waiting < 80 { // a batch or two may have been recorded without the inbox knowing it yet
		t.Errorf("while away: %d received, only %d wait", s.Received, s.Waiting)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	w.until("the database is seen to be back", func() bool { return p.Database().Up })
	close(stop)
	n := <-sent
	w.drain()
	p.stop()
	w.same("outcomes", repeat("done", n), w.outcomes())
	w.same("recorded", []string{fmt.Sprintf("%d | %d", n, n)}, w.rows("SELECT COUNT(*), COUNT(DISTINCT event_id) FROM label_events"))
	w.clean()
}
