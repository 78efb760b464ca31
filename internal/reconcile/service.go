package reconcile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"tandai/internal/waha/rest"
)

// Reasons for a read, as runs are shown with.
const (
	ReasonStart     = "start"
	ReasonWorking   = "working"   // the session works again
	ReasonDeaf      = "deaf"      // webhooks stopped coming, or came back
	ReasonGap       = "gap"       // a websocket was away
	ReasonAmbiguous = "ambiguous" // two changes share a millisecond
	ReasonDaily     = "daily"
	ReasonPoll      = "poll" // an engine that tells of no labels
	ReasonConfirm   = "confirm"
	ReasonAgain     = "again" // the last read was not complete
	ReasonCommand   = "command"

	reasonLook = "look" // for sessions nobody has told of; not a reason to read the others
)

// ServiceConfig makes a Service.
type ServiceConfig struct {
	Reader    *Reader
	DailyAt   time.Duration // after midnight in Zone
	Zone      *time.Location
	PollEvery time.Duration // sessions whose engine tells of no labels; 0 = 3 min
	Settle    time.Duration // after a trigger, before reading: 0 = 1 s
	Now       func() time.Time
	Log       *slog.Logger
}

// Service reads sessions by itself: when told to, once a day, again to confirm
// what was seen, and every few minutes where nothing else tells of labels.
type Service struct {
	cfg  ServiceConfig
	wake chan struct{} // capacity 1

	mu       sync.Mutex
	everyone string             // reason to read all sessions; "" = none
	sessions map[string]*charge // by name here
	next     time.Time          // the next daily read
	look     time.Time          // the next look at which sessions there are
}

// charge is what is due for one session.
type charge struct {
	due     time.Time // zero = nothing
	reason  string
	busy    bool
	failed  int // incomplete reads in a row
	engine  string
	working bool // when it was looked at last
}

// NewService makes a Service; Run starts it.
func NewService(cfg ServiceConfig) *Service {
	cfg.PollEvery = cmp.Or(cfg.PollEvery, 3*time.Minute)
	cfg.Settle = cmp.Or(cfg.Settle, time.Second)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg: cfg, wake: make(chan struct{}, 1), sessions: map[string]*charge{}}
}

// Trigger has a session read soon, or with "" every session. It never blocks; many
// triggers are one read.
func (s *Service) Trigger(session, reason string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	if session == "" {
		s.everyone = cmp.Or(s.everyone, reason)
	} else {
		s.dueIn(session, s.cfg.Settle, reason)
	}
	s.mu.Unlock()
	s.poke()
}

// TriggerServer is Trigger for all sessions of one server.
func (s *Service) TriggerServer(server, reason string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	for name := range s.sessions {
		if of, _, dotted := strings.Cut(name, "."); dotted && of == server || !dotted && server == "" {
			s.dueIn(name, s.cfg.Settle, reason)
		}
	}
	s.mu.Unlock()
	s.poke()
}

func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// dueIn has a session read no later than in d; s.mu is held.
func (s *Service) dueIn(session string, d time.Duration, reason string) {
	c := s.charge(session)
	at := s.cfg.Now().Add(d)
	if c.due.IsZero() || at.Before(c.due) {
		c.due, c.reason = at, reason
	}
}

func (s *Service) charge(session string) *charge {
	c := s.sessions[session]
	if c == nil {
		c = &charge{}
		s.sessions[session] = c
	}
	return c
}

// lookEvery is how often WAHA is asked which sessions there are.
const lookEvery = 10 * time.Minute

// Run reads what is due until ctx ends.
func (s *Service) Run(ctx context.Context) {
	s.mu.Lock()
	s.everyone = cmp.Or(s.everyone, ReasonStart)
	s.next, s.look = s.nextDaily(s.cfg.Now()), s.cfg.Now().Add(lookEvery)
	s.mu.Unlock()
	var reads sync.WaitGroup
	defer reads.Wait()
	places := make(chan struct{}, sessionsAtOnce)
	listAgain := 5 * time.Second
	var listAt time.Time
	for ctx.Err() == nil {
		now := s.cfg.Now()
		s.mu.Lock()
		if !now.Before(s.next) {
			s.everyone = ReasonDaily
			s.next = s.nextDaily(now)
		}
		if !now.Before(s.look) {
			s.everyone, s.look = cmp.Or(s.everyone, reasonLook), now.Add(lookEvery)
		}
		everyone := s.everyone
		if now.Before(listAt) {
			everyone = ""
		} else {
			s.everyone = ""
		}
		s.mu.Unlock()
		if everyone != "" {
			if s.list(ctx, everyone) {
				listAgain, listAt = 5*time.Second, time.Time{}
			} else {
				s.mu.Lock()
				s.everyone = cmp.Or(s.everyone, everyone)
				s.mu.Unlock()
				listAt = s.cfg.Now().Add(listAgain)
				listAgain = min(2*listAgain, 5*time.Minute)
			}
		}
		wait := s.start(ctx, &reads, places, listAt)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}

// start begins the reads that are due, and says how long nothing else is.
func (s *Service) start(ctx context.Context, reads *sync.WaitGroup, places chan struct{}, listAt time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	wait := min(time.Minute, max(0, s.next.Sub(now)))
	if s.everyone != "" {
		wait = min(wait, max(0, listAt.Sub(now)))
	}
	var due []string
	for name, c := range s.sessions {
		switch {
		case c.busy || c.due.IsZero():
		case !c.due.After(now):
			due = append(due, name)
		default:
			wait = min(wait, c.due.Sub(now))
		}
	}
	slices.SortFunc(due, func(a, b string) int { return s.sessions[a].due.Compare(s.sessions[b].due) })
	for _, name := range due {
		c := s.sessions[name]
		select {
		case places <- struct{}{}:
		default:
			return wait // who finishes pokes
		}
		reason := c.reason
		c.busy, c.due = true, time.Time{}
		reads.Go(func() {
			s.read(ctx, name, reason)
			<-places
			s.poke()
		})
	}
	return max(wait, 5*time.Millisecond)
}

// list asks which sessions there are and has those that work read. It reports
// whether every server answered.
func (s *Service) list(ctx context.Context, reason string) bool {
	targets, err := s.cfg.Reader.Targets(ctx)
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "sessions of WAHA cannot be listed, will try again", "reason", reason, "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range targets {
		c := s.charge(t.Name)
		was := c.working
		c.engine, c.working = cmp.Or(t.Engine, c.engine), t.Status == Working
		switch {
		case !c.working:
		case reason != reasonLook:
			s.dueIn(t.Name, 0, reason)
		case !was:
			s.dueIn(t.Name, 0, ReasonWorking)
		}
	}
	return err == nil
}

// read reads one session and says when it is due again.
func (s *Service) read(ctx context.Context, name, reason string) {
	res, t, err := s.readOnce(ctx, name, reason)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.charge(name)
	c.busy = false
	if ctx.Err() != nil {
		return
	}
	c.engine = cmp.Or(t.Engine, c.engine)
	switch {
	case errors.Is(err, rest.ErrNotWorking), errors.Is(err, rest.ErrNotFound):
		// session.status will tell when it works, or the next look at all sessions.
		c.failed, c.working = 0, false
	case err != nil:
		s.again(name, c)
	default:
		if has(res.Open, Unread) {
			s.again(name, c)
		} else {
			c.failed = 0
		}
		s.confirm(name, res)
	}
	if c.engine == "WEBJS" {
		s.dueIn(name, s.cfg.PollEvery, ReasonPoll)
	}
}

// again has a session read again that was not read whole, ever later. s.mu is held.
func (s *Service) again(name string, c *charge) {
	c.failed++
	pause := min(10*time.Minute, 5*time.Second<<min(c.failed, 10))
	s.dueIn(name, pause+rand.N(pause/5), ReasonAgain)
}

// confirm has a session read again when the first of what it noted can be
// confirmed, and where something changed meanwhile; what WAHA does not say is asked
// again, ever more seldom, by the daily read.
func (s *Service) confirm(name string, res Result) {
	after := s.cfg.Reader.cfg.ConfirmAfter
	wait := time.Duration(-1)
	for _, o := range res.Open {
		switch o.Why {
		case SeenOnce: // some of it by a read before this one, and this one took its time
			since := time.Duration(s.cfg.Now().UnixMilli()-o.NotedAt) * time.Millisecond
			if left := min(after, max(0, after-since)); wait < 0 || left < wait {
				wait = left
			}
		case Changed:
			if wait < 0 {
				wait = after
			}
		}
	}
	if wait >= 0 {
		s.dueIn(name, wait+20*time.Millisecond, ReasonConfirm)
	}
}

func (s *Service) readOnce(ctx context.Context, name, reason string) (Result, Target, error) {
	t, err := s.cfg.Reader.Target(ctx, name)
	if err == nil && t.Status != Working {
		err = rest.ErrNotWorking
	}
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, rest.ErrNotWorking) {
			s.cfg.Log.WarnContext(ctx, "session cannot be read from WAHA", "session", name, "reason", reason, "err", err)
		}
		return Result{}, t, err
	}
	res, err := s.cfg.Reader.Read(ctx, t, reason)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.cfg.Log.WarnContext(ctx, "labels could not be compared with WAHA, will try again", "session", name, "reason", reason, "err", err)
	default:
		s.cfg.Log.InfoContext(ctx, "labels compared with WAHA", "session", name, "reason", reason, "labels", res.Labels, "chats", res.Chats,
			"differences", res.Differences, "repaired", res.Repaired, "open", res.ReadingRun.Open)
	}
	return res, t, err
}

// nextDaily is the next time of day after now.
func (s *Service) nextDaily(now time.Time) time.Time {
	local := now.In(s.cfg.Zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.cfg.Zone)
	for range 3 {
		h, m := int(s.cfg.DailyAt.Hours()), int(s.cfg.DailyAt.Minutes())%60
		if at := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, s.cfg.Zone); at.After(now) {
			return at
		}
		day = day.AddDate(0, 0, 1)
	}
	return now.Add(24 * time.Hour)
}
