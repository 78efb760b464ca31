package demo

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"strconv"
	"time"

	"tandai/internal/waha/wahasim"
)

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = 60 * minute
	day    = 24 * hour
)

// world is the agency in motion: what is planned, and the phones it happens on.
type world struct {
	cfg        Config
	start, end int64 // Unix ms; start is a midnight in Jakarta
	length     int64 // of the history in whole days, ms: what is placed in it does not move with the hour it ends
	perDay     float64
	days       int // begun so far
	srv        *wahasim.Server
	desks      []*desk
	people     []identity      // everybody who has written, for those who come again and for phantoms
	met        map[string]bool // session + " " + phone
	staff      map[string]bool
	routine    *rand.Rand

	plan agenda
	seq  uint64
	last int64 // time of the last event
}

// desk is a CS at work: the seat, its phone, and what is known only in motion.
type desk struct {
	brand   *brand
	seat    *seat
	phone   *wahasim.Phone
	ids     [slotCount]string
	exists  [slotCount]bool
	offline []span
}

// span of Unix ms, [from, to).
type span struct{ from, to int64 }

// action is something that will happen on a phone.
type action struct {
	at   int64 // when it happens; later than due when the phone is offline by then
	due  int64 // when it was meant to happen
	seq  uint64
	desk *desk
	lead *prospect // nil: nobody's
	mark bool      // it puts or takes a label, so its millisecond matters

	// do makes it happen at a time (Unix ms).
	do func(at int64) wahasim.Event
}

func newWorld(cfg Config) *world {
	end := cfg.End.UnixMilli()
	start := midnight(cfg.End.In(wib)).AddDate(0, 0, -cfg.Days)
	w := &world{cfg: cfg, start: start.UnixMilli(), end: end, length: int64(cfg.Days) * day,
		staff: map[string]bool{}, met: map[string]bool{},
		srv: wahasim.New(wahasim.Config{Seed: cfg.Seed}), routine: newRand(cfg.Seed, streamRoutine)}
	total := 0.0
	for n := range cfg.Days {
		total += busyness(start.AddDate(0, 0, n), n, cfg.Days)
	}
	w.perDay = float64(cfg.Leads) / total

	bs := brands()
	for i := range bs {
		b := &bs[i]
		for _, number := range b.ignore {
			w.staff[number] = true
		}
		for j := range b.seats {
			w.desks = append(w.desks, newDesk(w.srv, b, &b.seats[j], len(w.desks)))
		}
	}
	for _, d := range w.desks {
		w.setUp(d)
		w.weeks(d)
	}
	w.at(w.start, nil, nil, func(int64) wahasim.Event { w.newDay(); return wahasim.Event{} })
	return w
}

func newDesk(srv *wahasim.Server, b *brand, s *seat, n int) *desk {
	d := &desk{brand: b, seat: s}
	p, err := srv.AddPhone(wahasim.PhoneConfig{Session: s.session, Engine: s.engine, Version: s.version, Number: s.number,
		LID: strconv.Itoa(190000000000001 + n), PushName: b.title + " " + s.cs, Metadata: s.metadata})
	if err != nil {
		panic(err) // the seats are data of this package
	}
	d.phone = p
	// The same label has another id on each phone: it was created in another order.
	for i := range slotCount {
		d.ids[i] = strconv.Itoa(len(usualLabels) + 1 + (int(i)+3*n)%int(slotCount))
	}
	// The promotion came last, so that its id is the one WAHA gives again.
	for i := range slotCount {
		if d.ids[i] == strconv.Itoa(len(usualLabels)+int(slotCount)) {
			d.ids[i], d.ids[slotPromo] = d.ids[slotPromo], d.ids[i]
		}
	}
	return d
}

func (d *desk) name(s slot) string { return cmp.Or(d.seat.rename[s], d.brand.names[s]) }

// at plans an action.
func (w *world) at(due int64, d *desk, p *prospect, do func(at int64) wahasim.Event) *action {
	w.seq++
	a := &action{at: due, due: due, seq: w.seq, desk: d, lead: p, do: do}
	heap.Push(&w.plan, a)
	return a
}

// next takes the earliest action, unless that is at or after `until`. What falls
// into a time without connection happens when it is back, all in a few
// milliseconds, as WAHA then delivers it.
func (w *world) next(until int64) *action {
	for len(w.plan) > 0 && w.plan[0].at < until {
		a := heap.Pop(&w.plan).(*action)
		if to := a.desk.backAt(a.at); to != 0 && a.lead != nil {
			a.at = to + int64(a.lead.index%40)
			heap.Push(&w.plan, a)
			continue
		}
		// Two different changes of one lead never share a millisecond: from the
		// events nobody could tell their order.
		if a.mark && a.due != a.lead.lastDue && a.at <= a.lead.lastAt {
			a.at = a.lead.lastAt + 1
			heap.Push(&w.plan, a)
			continue
		}
		return a
	}
	return nil
}

// giveBack returns an action that next gave, unused.
func (w *world) giveBack(a *action) { heap.Push(&w.plan, a) }

// run makes an action happen, its event stamped with a time: the story's own in
// the history, now in the present.
func (w *world) run(a *action, stamp int64) wahasim.Event {
	if a.mark {
		a.lead.lastDue, a.lead.lastAt, a.lead.lastStamp = a.due, a.at, stamp
	}
	ev := a.do(stamp)
	if !ev.IsZero() {
		w.last = max(w.last, ev.At)
	}
	return ev
}

// history runs up to the end and yields what is emitted. When yield has had
// enough, the rest is still to be had with another call.
func (w *world) history(yield func(wahasim.Event) bool) {
	for a := w.next(w.end); a != nil; a = w.next(w.end) {
		if ev := w.run(a, a.at); !ev.IsZero() && !yield(ev) {
			return
		}
	}
}

// newDay draws the leads of the next day.
func (w *world) newDay() {
	n := w.days
	w.days++
	r := newRand(w.cfg.Seed, streamDay+uint64(n))
	today := time.UnixMilli(w.start).In(wib).AddDate(0, 0, n)
	expected := w.perDay * busyness(today, n, w.cfg.Days)
	count := int(expected)
	if r.Float64() < expected-float64(count) {
		count++
	}
	for range count {
		d := w.drawDesk(r)
		at := today.UnixMilli() - zoneAhead(d.brand.zone) + moment(today.Weekday(), r)
		if at < today.UnixMilli() {
			at += day // the first hour of a day that begins before Jakarta's: take the next day's
		}
		w.arrive(d, at)
	}
	w.at(today.AddDate(0, 0, 1).UnixMilli(), nil, nil, func(int64) wahasim.Event { w.newDay(); return wahasim.Event{} })
}

// zoneAhead is how much earlier a zone's day begins than Jakarta's, in ms.
func zoneAhead(z *time.Location) int64 {
	_, off := time.Unix(0, 0).In(z).Zone()
	_, home := time.Unix(0, 0).In(wib).Zone()
	return int64(off-home) * 1000
}

func (w *world) drawDesk(r *rand.Rand) *desk {
	weights := make([]float64, len(w.desks))
	for i, d := range w.desks {
		weights[i] = d.brand.share * d.seat.share
	}
	return w.desks[pick(r, weights)]
}

// backAt is when a phone that is offline at t is connected again, else 0.
func (d *desk) backAt(t int64) int64 {
	if d == nil {
		return 0
	}
	for _, s := range d.offline {
		if t >= s.from && t < s.to {
			return s.to
		}
	}
	return 0
}

// agenda is a heap of actions by time; of one time, by when they were due.
type agenda []*action

func (g agenda) Len() int { return len(g) }
func (g agenda) Less(i, j int) bool {
	a, b := g[i], g[j]
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.due, b.due), cmp.Compare(a.seq, b.seq)) < 0
}
func (g agenda) Swap(i, j int) { g[i], g[j] = g[j], g[i] }
func (g *agenda) Push(x any)   { *g = append(*g, x.(*action)) }
func (g *agenda) Pop() any {
	old := *g
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*g = old[:len(old)-1]
	return a
}
