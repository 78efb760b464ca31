package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/config"
	"tandai/internal/inbox"
	"tandai/internal/pipeline"
	"tandai/internal/reconcile"
	"tandai/internal/store"
)

// reconcileServers are the WAHA servers that can be asked.
func reconcileServers(wahas []wahaServer) ([]reconcile.Server, error) {
	var all []reconcile.Server
	for _, s := range wahas {
		if s.URL == "" {
			continue
		}
		client, err := s.client()
		if err != nil {
			return nil, err
		}
		all = append(all, reconcile.Server{Name: s.known, WAHA: client})
	}
	return all, nil
}

// newReconciler makes what compares with WAHA while serving; nil where no WAHA can
// be asked, or nobody wants it.
func newReconciler(cfg *config.Config, wahas []wahaServer, db store.Store, in numbered, r prometheus.Registerer, log *slog.Logger) (*reconcile.Service, error) {
	servers, err := reconcileServers(wahas)
	if err != nil || len(servers) == 0 || !cfg.Reconcile.Enabled {
		return nil, err
	}
	ignore := newIgnoreList(cfg)
	return reconcile.NewService(reconcile.ServiceConfig{
		Reader: reconcile.NewReader(reconcile.Config{
			Servers: servers, Store: db, Inbox: &recorded{inbox: in}, Ignored: ignore.ignored,
			ConfirmAfter: cfg.Reconcile.ConfirmAfter, Log: log, Metrics: reconcile.NewMetrics(r),
		}),
		DailyAt: cfg.Reconcile.DailyAt.SinceMidnight(), Zone: cfg.Timezone.Location(), PollEvery: cfg.Reconcile.PollEvery, Log: log,
	}), nil
}

// numbered is the inbox as far as who waits for it is concerned.
type numbered interface {
	Received(ctx context.Context) (int64, error)
	Settled(ctx context.Context, upTo int64) (bool, error)
}

// recorded waits until what the inbox holds is recorded: by whoever drains it, or
// where nobody does, by itself.
type recorded struct {
	inbox   numbered
	drain   func(context.Context) error // nil = somebody drains it
	patient time.Duration               // before draining; 0 = 2 s
	limit   time.Duration               // 0 = 10 min
}

// Recorded returns nil once all that the inbox holds now has been dealt with.
func (r *recorded) Recorded(ctx context.Context) error {
	upTo, err := r.inbox.Received(ctx)
	if err != nil {
		return err
	}
	limit, patient := r.limit, r.patient
	if limit == 0 {
		limit = 10 * time.Minute
	}
	if patient == 0 {
		patient = 2 * time.Second
	}
	started := time.Now()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		settled, err := r.inbox.Settled(ctx, upTo)
		if err != nil || settled {
			return err
		}
		switch waited := time.Since(started); {
		case waited > limit:
			return fmt.Errorf("what has arrived is not recorded after %s, so nothing can be compared: is the database away, or `tandai serve` not running?", limit)
		case r.drain != nil && waited > patient:
			if err := r.drain(ctx); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Received and Settled are the inbox's, once it is open.
func (l *lateInbox) Received(ctx context.Context) (int64, error) {
	if b := l.open.Load(); b != nil {
		return b.Received(ctx)
	}
	return 0, errInboxNotOpen
}

// Settled is the inbox's, once it is open.
func (l *lateInbox) Settled(ctx context.Context, upTo int64) (bool, error) {
	if b := l.open.Load(); b != nil {
		return b.Settled(ctx, upTo)
	}
	return false, errInboxNotOpen
}

// watchSessions has sessions compared with WAHA that work again, and those whose
// events cannot be told apart by time.
func watchSessions(s *reconcile.Service) func(pipeline.Observed) {
	var mu sync.Mutex
	last := map[string]store.StatusAt{}
	return func(o pipeline.Observed) {
		mu.Lock()
		defer mu.Unlock()
		for _, in := range o.Inputs {
			if in.Status == "" || in.At < last[in.Session].At {
				continue
			}
			was := last[in.Session].Status
			last[in.Session] = store.StatusAt{Status: in.Status, At: in.At}
			if in.Status == reconcile.Working && was != reconcile.Working {
				s.Trigger(in.Session, reconcile.ReasonWorking)
			}
		}
		for _, session := range o.Done.Ambiguous {
			s.Trigger(session, reconcile.ReasonAmbiguous)
		}
	}
}

// Reconcile compares with WAHA from a process of its own.
type Reconcile struct {
	store  store.Store
	inbox  *inbox.Inbox // nil where there is none
	reader *reconcile.Reader
}

// ReconcileOptions are what the command's flags say.
type ReconcileOptions struct {
	ConfirmAfter time.Duration
	DryRun       bool
	Progress     func(session string, read int) // may be nil
}

// OpenReconcile opens database and inbox beside a serve that may run or not.
func OpenReconcile(ctx context.Context, cfg *config.Config, opt ReconcileOptions, log *slog.Logger) (*Reconcile, error) {
	servers, err := reconcileServers(wahaServers(cfg))
	if err == nil && len(servers) == 0 {
		err = ErrNoWAHA
	}
	if err != nil {
		return nil, err
	}
	r := &Reconcile{}
	if opt.DryRun {
		r.store, err = OpenExisting(ctx, cfg)
	} else {
		r.store, err = OpenStore(cfg)
	}
	if err != nil {
		return nil, err
	}
	if !opt.DryRun {
		if _, err := Prepare(ctx, r.store, cfg); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	ignore := newIgnoreList(cfg)
	rc := reconcile.Config{
		Servers: servers, Store: r.store, Ignored: ignore.ignored, ConfirmAfter: opt.ConfirmAfter, DryRun: opt.DryRun,
		Progress: opt.Progress, Log: log,
	}
	if _, err := os.Stat(InboxPath(cfg)); err == nil {
		if r.inbox, err = OpenInbox(ctx, cfg, log); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		gate := &recorded{inbox: r.inbox}
		if opt.DryRun {
			gate.limit = 15 * time.Second
		} else {
			replay := newReplay(cfg, r.inbox, r.store, log)
			var one sync.Mutex
			gate.drain = func(ctx context.Context) error {
				one.Lock()
				defer one.Unlock()
				_, err := replay.Run(ctx, inbox.Filter{States: []inbox.State{inbox.Waiting}}, nil)
				return err
			}
		}
		rc.Inbox = gate
	}
	r.reader = reconcile.NewReader(rc)
	return r, nil
}

// Reconciled is what a run of the command came to.
type Reconciled struct {
	Sessions    []reconcile.Outcome `json:"sessions"`
	Differences int                 `json:"differences"`
	Repaired    int                 `json:"repaired"`
	Open        int                 `json:"open"`
	Failed      int                 `json:"failed"` // sessions and servers that could not be read
	Hidden      int                 `json:"hidden"` // sessions with rows whose phones could not be looked up
	Errors      []string            `json:"errors"` // of servers
	DryRun      bool                `json:"dry_run,omitempty"`
}

// Done reports whether nothing is left to repair or to look up.
func (r Reconciled) Done() bool { return r.Agreed() && r.Hidden == 0 }

// Agreed reports whether WAHA was read and shows what the log says.
func (r Reconciled) Agreed() bool { return r.Open == 0 && r.Failed == 0 }

// Run compares the named sessions, or all. between is told when one waits for its
// second read; it may be nil.
func (r *Reconcile) Run(ctx context.Context, names []string, between func(session string, differences int)) (Reconciled, error) {
	done := Reconciled{Sessions: []reconcile.Outcome{}, Errors: []string{}}
	targets, err := r.reader.Targets(ctx)
	if err != nil && len(targets) == 0 {
		return done, err
	}
	if err != nil {
		done.Failed++
		done.Errors = append(done.Errors, strings.Split(Mask(err.Error()), "\n")...)
	}
	if targets, err = pick(targets, names); err != nil {
		return done, err
	}
	var read []reconcile.Target
	for _, t := range targets {
		if t.Status == reconcile.Working {
			read = append(read, t)
			continue
		}
		o := reconcile.Outcome{Session: t.Name, Engine: t.Engine, Status: t.Status, Open: []reconcile.OpenOne{}}
		if t.Status == "STOPPED" && len(names) == 0 {
			o.Skipped = "it is STOPPED"
		} else {
			o.Error = fmt.Sprintf("it is %s, and only a WORKING session shows its labels", t.Status)
		}
		done.Sessions = append(done.Sessions, o)
	}
	tell := func(t reconcile.Target, n int) {
		if between != nil {
			between(t.Name, n)
		}
	}
	outcomes := r.reader.Twice(ctx, read, reconcile.ReasonCommand, tell)
	for i, t := range read {
		if outcomes[i].Err != nil {
			continue
		}
		if err := r.reader.FillIn(ctx, t); err != nil && ctx.Err() == nil {
			outcomes[i].Hidden = Explain(err)
			done.Hidden++
		}
	}
	done.Sessions = append(done.Sessions, outcomes...)
	slices.SortFunc(done.Sessions, func(a, b reconcile.Outcome) int { return strings.Compare(a.Session, b.Session) })
	for i := range done.Sessions {
		o := &done.Sessions[i]
		done.Differences += o.Differences
		done.Repaired += o.Repaired
		done.Open += len(o.Open)
		if o.Err != nil {
			o.Error = Explain(o.Err)
		}
		if o.Error != "" {
			done.Failed++
		}
	}
	return done, ctx.Err()
}

// pick chooses sessions by name.
func pick(all []reconcile.Target, names []string) ([]reconcile.Target, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []reconcile.Target
	for _, name := range names {
		i := slices.IndexFunc(all, func(t reconcile.Target) bool { return t.Name == name })
		if i < 0 {
			known := make([]string, len(all))
			for i, t := range all {
				known[i] = t.Name
			}
			return nil, fmt.Errorf("WAHA has no session %q, only: %s", name, strings.Join(known, ", "))
		}
		if !slices.ContainsFunc(picked, func(t reconcile.Target) bool { return t.Name == name }) {
			picked = append(picked, all[i])
		}
	}
	return picked, nil
}

// Close closes what was opened.
func (r *Reconcile) Close() error {
	var err error
	if r.inbox != nil {
		err = r.inbox.Close()
	}
	if r.store != nil {
		err = errors.Join(err, r.store.Close())
	}
	return err
}
