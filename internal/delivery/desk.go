package delivery

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/store"
)

const (
	// turnEvery is the least time between two rounds with the database: what
	// happens within it shares a transaction.
	turnEvery = 20 * time.Millisecond
	// pollEvery is how often lanes are looked at unasked: retries fall due, and
	// other servers write to the outbox too.
	pollEvery = time.Second
	// countEvery is how often the outbox is counted, and pruneEvery how often
	// what is old is removed.
	countEvery = 10 * time.Second
	pruneEvery = 10 * time.Minute
	// margin is what a claim lasts beyond two attempts.
	margin = 10 * time.Second
	// maxResults is how many results one round writes.
	maxResults = 1000
)

// Run delivers until ctx ends; then it finishes what is in flight, writes what
// became of it and gives back the rest. Errors of the database are retried and
// logged, never returned.
func (s *Service) Run(ctx context.Context) error {
	if !s.begin(ctx) {
		return nil
	}
	g, gctx := errgroup.WithContext(ctx)
	counts := make(chan counted)
	g.Go(func() error { s.work(gctx, counts); return nil })
	g.Go(func() error { s.count(gctx, counts); return nil })
	g.Go(func() error { s.prune(gctx); return nil })
	return g.Wait()
}

// begin makes the destinations known, takes up the breakers as they were, and
// frees what an earlier life of this server had claimed.
func (s *Service) begin(ctx context.Context) bool {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := s.beginOnce(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		s.cfg.Log.ErrorContext(ctx, "outbox cannot be read, will try again", "wait", wait, "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
}

func (s *Service) beginOnce(ctx context.Context) error {
	if err := s.Register(ctx); err != nil {
		return err
	}
	n, err := s.cfg.Store.ReleaseClaims(ctx, ownerPrefix(s.cfg.Owner)+"/", s.owner)
	if n > 0 {
		s.cfg.Log.InfoContext(ctx, "deliveries of the last run are taken up", "deliveries", n)
	}
	return err
}

// Register makes the configured destinations known to the database, which dates
// them: a replay does not send them what came before.
func (s *Service) Register(ctx context.Context) error {
	var names []string
	for i := range s.cfg.Destinations {
		names = append(names, s.cfg.Destinations[i].Name)
	}
	states, err := s.cfg.Store.Destinations(ctx, names, s.cfg.Now().UnixMilli())
	if err != nil {
		return err
	}
	for _, state := range states {
		if l := s.lanes[state.Name]; l != nil {
			l.adopt(state, s.cfg.Now())
		}
	}
	return nil
}

// adopt takes over a breaker that another server, or an earlier life, opened or
// closed. at is when that was read: what changed here since is newer.
func (l *lane) adopt(d store.DestinationState, at time.Time) {
	if l.probing || l.changed.After(at) {
		return
	}
	defer func() { l.shut.Store(l.breaker.open()) }()
	switch {
	case d.OpenedAt == 0 && l.breaker.open():
		l.breaker = breaker{limit: l.breaker.limit, pause: l.breaker.pause, max: l.breaker.max}
		l.wet = true
	case d.OpenedAt != 0:
		l.breaker.openedAt, l.breaker.openUntil = time.UnixMilli(d.OpenedAt), time.UnixMilli(d.OpenUntil)
		l.breaker.probes, l.breaker.lastError = d.Probes, d.LastError
	}
}

// desk is the state of work.
type desk struct {
	*Service
	ctx, send context.Context
	pending   []store.DeliveryResult            // not yet written
	of        []*lane                           // whose they are
	breakers  map[string]store.DestinationState // not yet written
	inHand    int
}

// work is the desk: it alone touches the lanes.
func (s *Service) work(ctx context.Context, counts <-chan counted) {
	send, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	d := &desk{Service: s, ctx: ctx, send: send, breakers: map[string]store.DestinationState{}}
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var next time.Time // the next round, not before
	wait := turnEvery
	for ctx.Err() == nil {
		timer := time.NewTimer(time.Hour)
		if d.due() {
			timer.Reset(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case r := <-s.results:
			d.take(r)
		case <-s.wake:
			d.wet()
		case <-poll.C:
			d.wet()
		case c := <-counts:
			d.counted(c)
		case <-timer.C:
		}
		timer.Stop()
		d.drain()
		if !d.due() || time.Now().Before(next) || ctx.Err() != nil {
			continue
		}
		if err := d.turn(ctx, true); err != nil {
			wait = min(2*wait, 10*time.Second)
			s.cfg.Log.ErrorContext(ctx, "deliveries wait for the database, will try again", "wait", wait, "err", err)
		} else {
			wait = turnEvery
		}
		next = time.Now().Add(wait)
	}
	d.finish(cut)
}

// finish waits for what is in flight, then writes the last results.
func (d *desk) finish(cut func()) {
	timer := time.AfterFunc(d.cfg.StopTimeout, cut)
	defer timer.Stop()
	for d.inHand > len(d.pending) {
		d.take(<-d.results)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), 5*time.Second)
	defer cancel()
	for len(d.pending) > 0 || len(d.breakers) > 0 {
		if err := d.turn(ctx, false); err != nil {
			// They will be sent again; most destinations know a repetition by its id.
			d.cfg.Log.ErrorContext(ctx, "results of deliveries could not be written", "deliveries", len(d.pending), "err", err)
			return
		}
	}
}

func (d *desk) drain() {
	for len(d.pending) < maxResults {
		select {
		case r := <-d.results:
			d.take(r)
		default:
			return
		}
	}
}

// wet lets every lane look for work.
func (d *desk) wet() {
	for _, l := range d.lanes {
		l.wet = true
	}
}

// due reports whether a round has anything to do.
func (d *desk) due() bool {
	if len(d.pending) > 0 || len(d.breakers) > 0 {
		return true
	}
	now := d.cfg.Now()
	for _, l := range d.lanes {
		if d.limit(l, now) > 0 {
			return true
		}
	}
	return false
}

// limit is how many deliveries a lane may claim now.
func (d *desk) limit(l *lane, now time.Time) int {
	switch {
	case !l.wet || l.holding(now):
		return 0
	case !l.breaker.open():
		return max(0, l.wants(now, d.cfg.Timeout))
	case l.probing || l.inHand > 0 || now.Before(l.breaker.openUntil):
		return 0
	}
	return 1
}

// turn is one round with the database.
func (d *desk) turn(ctx context.Context, more bool) error {
	now := d.cfg.Now()
	n := min(len(d.pending), maxResults)
	t := store.Turn{
		Owner: d.owner, Now: now.UnixMilli(), LeaseUntil: now.Add(2*d.cfg.Timeout + margin).UnixMilli(), Results: d.pending[:n],
	}
	for _, b := range d.breakers {
		t.Breakers = append(t.Breakers, b)
	}
	wanted := map[*lane]int{}
	for _, l := range d.lanes {
		limit := d.limit(l, now)
		if limit == 0 || !more || !d.mayProbe(ctx, l, now) {
			continue
		}
		wanted[l] = limit
		t.Wants = append(t.Wants, store.Want{Destination: l.dest.Name, Limit: limit, Bytes: maxBytes})
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d.cfg.StopTimeout, cancel) })
	defer stop()
	claimed, err := d.cfg.Store.Turn(bounded, t)
	d.cfg.Metrics.turn.Observe(d.cfg.Now().Sub(now).Seconds())
	if err != nil {
		return err
	}
	for name := range d.breakers {
		d.lanes[name].changed = d.cfg.Now() // what was read of it before is older
	}
	clear(d.breakers)
	for _, l := range d.of[:n] {
		l.inHand--
	}
	d.inHand -= n
	d.pending, d.of = slices.Delete(d.pending, 0, n), slices.Delete(d.of, 0, n)
	got := map[*lane]int{}
	for i := range claimed {
		got[d.lanes[claimed[i].Destination]]++
	}
	for l, limit := range wanted {
		l.wet = got[l] >= limit || got[l] > 0 && l.breaker.open()
		l.probing = got[l] > 0 && l.breaker.open()
	}
	d.enrich(bounded, claimed)
	for i := range claimed {
		c := &claimed[i]
		l := d.lanes[c.Destination]
		l.inHand++
		d.inHand++
		go d.attempt(d.ctx, d.send, l, c, l.probing)
	}
	return nil
}

// mayProbe takes the right to probe a destination whose breaker is open.
func (d *desk) mayProbe(ctx context.Context, l *lane, now time.Time) bool {
	if !l.breaker.open() {
		return true
	}
	until := now.Add(d.cfg.Timeout + margin)
	ok, err := d.cfg.Store.TakeProbe(ctx, l.dest.Name, now.UnixMilli(), until.UnixMilli())
	if err != nil || !ok {
		l.breaker.openUntil = now.Add(pollEvery) // another server is at it; the next count tells
		return false
	}
	return true
}

// take notes what became of a delivery.
func (d *desk) take(r result) {
	l, c, a := r.lane, r.claimed, r.attempt
	out := store.DeliveryResult{Seq: c.Seq, Attempt: a}
	if a != nil {
		now := d.cfg.Now()
		d.judge(l, a, now)
		outcome := outcomeDone
		switch pause, again := pauseAfter(d.cfg.Schedule, a.N, r.asked, rand.Float64()); {
		case judge(a.Status) == good:
			out.State = store.DeliveryDone
			d.cfg.Metrics.delay.WithLabelValues(l.metric).Observe(float64(now.UnixMilli()-c.CreatedAt) / 1000)
		case again:
			outcome = outcomeFailed
			out.NextAt = now.Add(pause).UnixMilli()
		default:
			outcome = outcomeDead
			out.State = store.DeliveryDead
			d.cfg.Log.WarnContext(d.ctx, "delivery given up", "destination", l.dest.Name, "delivery", c.Seq, "event", c.Event, "attempts", a.N, "reason", a.Error)
		}
		d.cfg.Metrics.attempts.WithLabelValues(l.metric, outcome).Inc()
		d.cfg.Metrics.seconds.WithLabelValues(l.metric).Observe(float64(a.DurationMs) / 1000)
		l.done++
		l.averageMs += (float64(a.DurationMs) - l.averageMs) / 16
	}
	if l.inHand == 1 {
		l.probing = false
	}
	d.pending = append(d.pending, out)
	d.of = append(d.of, l)
}

// judge tells the breaker what an attempt came to, and everybody when it changed.
func (d *desk) judge(l *lane, a *store.Attempt, now time.Time) {
	v := judge(a.Status)
	held := time.UnixMilli(l.held.Load())
	if held.After(now) && now.After(l.told) {
		l.told = held
		d.cfg.Log.InfoContext(d.ctx, "destination asks to be left alone: deliveries wait", "destination", l.dest.Name, "wait", held.Sub(now).Round(time.Second), "reason", a.Error)
	}
	defer func() { l.shut.Store(l.breaker.open()) }()
	if l.probing && v == bad && l.breaker.open() {
		l.breaker.probed(now, a.Error)
		l.breaker.hold(held)
		l.changed = now
		d.keepBreaker(l)
		return
	}
	changed := l.breaker.saw(v, now, a.Error)
	if longer := l.breaker.hold(held); longer && !changed { // one that was under way
		l.changed = now
		d.keepBreaker(l)
	}
	if !changed {
		return
	}
	l.changed = now
	open := 0.0
	if l.breaker.open() {
		open = 1
		d.cfg.Log.WarnContext(d.ctx, "destination only fails: deliveries wait, one is tried now and then", "destination", l.dest.Name, "failures", l.breaker.failures, "reason", a.Error)
	} else {
		l.wet = true
		d.cfg.Log.InfoContext(d.ctx, "destination is back", "destination", l.dest.Name)
	}
	d.cfg.Metrics.open.WithLabelValues(l.metric).Set(open)
	d.keepBreaker(l)
}

// keepBreaker tells other servers, and the next life of this one, with the next
// round.
func (d *desk) keepBreaker(l *lane) {
	b := &l.breaker
	state := store.DestinationState{Name: l.dest.Name, Probes: b.probes, LastError: b.lastError}
	if b.open() {
		state.OpenedAt, state.OpenUntil = b.openedAt.UnixMilli(), b.openUntil.UnixMilli()
	}
	d.breakers[l.dest.Name] = state
}

// enrich gives the deliveries of destinations that ask for it what the log says.
// What cannot be read now is sent without.
func (d *desk) enrich(ctx context.Context, claimed []store.Claimed) {
	var ids []string
	for i := range claimed {
		if d.lanes[claimed[i].Destination].dest.Enrich {
			ids = append(ids, claimed[i].ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	rows, err := d.cfg.Store.LogRows(ctx, ids)
	if err != nil {
		d.cfg.Log.WarnContext(ctx, "deliveries could not be enriched: sent with their ids alone", "deliveries", len(ids), "err", err)
	}
	for i := range claimed {
		c := &claimed[i]
		if !d.lanes[c.Destination].dest.Enrich {
			continue
		}
		row := rows[c.ID]
		body, err := enrich(c.Body, enrichment{
			EventID: c.ID, Session: c.Session, Client: row.Client, CS: row.CS, Lead: row.Lead, LabelName: row.LabelName,
		})
		if err == nil {
			c.Body = body
		}
	}
}

// counted takes over what other servers know of the destinations, and opens and
// closes the lanes of those that are not configured.
func (d *desk) counted(seen counted) {
	for _, c := range seen.all {
		l := d.lanes[c.Name]
		switch {
		case l != nil:
			if _, unwritten := d.breakers[c.Name]; !unwritten {
				l.adopt(c.DestinationState, seen.at)
			}
		case c.Waiting == 0 || !c.URL || !strings.HasPrefix(c.Name, urlPrefix):
			continue
		default: // something to do for an address that is not configured
			l = d.newLane(Destination{Name: c.Name}, d.client, urlLabel, 4)
			l.adopt(c.DestinationState, seen.at)
			d.lanes[c.Name] = l
		}
		if _, unwritten := d.breakers[c.Name]; l.url && c.Waiting == 0 && l.inHand == 0 && !unwritten {
			delete(d.lanes, c.Name)
		}
	}
}

// counted is the outbox as it was at a time.
type counted struct {
	all []store.DestinationCount
	at  time.Time
}

// count counts the outbox for metrics, and for the desk.
func (s *Service) count(ctx context.Context, counts chan<- counted) {
	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.recount:
		case <-time.After(wait):
		}
		started := s.cfg.Now()
		all, err := s.cfg.Store.OutboxCounts(ctx)
		// A long outbox takes a while to count: a hundredth of the time at most.
		wait = max(countEvery, 100*s.cfg.Now().Sub(started))
		if err != nil {
			if ctx.Err() == nil {
				s.cfg.Log.WarnContext(ctx, "outbox could not be counted", "err", err)
			}
			continue
		}
		s.cfg.Metrics.counted(all, s.cfg.Now().UnixMilli())
		select {
		case <-ctx.Done():
		case counts <- counted{all, started}:
		}
		select { // however many effects are enqueued
		case <-ctx.Done():
		case <-time.After(min(wait/10, pollEvery)):
		}
	}
}

// prune removes settled deliveries that are old.
func (s *Service) prune(ctx context.Context) {
	wait := pruneEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		total := 0
		for ctx.Err() == nil {
			const page = 1000
			n, err := s.cfg.Store.PruneOutbox(ctx, s.cfg.Now().Add(-s.cfg.Keep).UnixMilli(), page)
			if err != nil {
				if ctx.Err() == nil {
					s.cfg.Log.WarnContext(ctx, "old deliveries could not be removed", "err", err)
				}
				break
			}
			if total += n; n < page {
				break
			}
		}
		if total > 0 {
			s.cfg.Log.InfoContext(ctx, "old deliveries removed", "events", total)
		}
	}
}
