package reconcile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// Store is the database as a reconciliation needs it.
type Store interface {
	store.Reconciliation
	store.Catalogue
	Record(ctx context.Context, in []store.Input) (store.Recorded, error)
	EnsureViews(ctx context.Context) ([]store.ViewNote, error)
	SessionList(ctx context.Context) ([]store.SessionInfo, error)
}

// Inbox waits until what has arrived is recorded.
type Inbox interface {
	// Recorded returns nil once all that the inbox holds now has been dealt with.
	Recorded(ctx context.Context) error
}

// Config makes a Reader.
type Config struct {
	Servers []Server
	Store   Store
	Inbox   Inbox // nil = there is none
	// Ignored tells whether a phone is on the ignore list of the session's client.
	Ignored      func(session, phone string) bool // nil = nobody is
	ConfirmAfter time.Duration                    // between two reads of one difference
	DryRun       bool                             // nothing is written: what is noted is kept in memory
	Progress     func(session string, read int)   // told of each label or chat that was read; may be nil
	Now          func() time.Time
	Log          *slog.Logger
	Metrics      *Metrics // nil = not measured
	Pauses       []time.Duration
}

// Reader reads sessions, one read at a time each, and records what is confirmed.
// It may be used by several goroutines.
type Reader struct {
	cfg    Config
	pauses []time.Duration

	mu  sync.Mutex
	dry map[string]map[store.LabelOn]store.Noted
}

// NewReader makes a Reader; nothing is asked yet.
func NewReader(cfg Config) *Reader {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Ignored == nil {
		cfg.Ignored = func(string, string) bool { return false }
	}
	if cfg.Progress == nil {
		cfg.Progress = func(string, int) {}
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	if cfg.Pauses == nil {
		cfg.Pauses = []time.Duration{300 * time.Millisecond, time.Second}
	}
	return &Reader{cfg: cfg, pauses: cfg.Pauses, dry: map[string]map[store.LabelOn]store.Noted{}}
}

// Target is one session of one server.
type Target struct {
	Server Server
	WAHA   string // its name there
	Name   string // its name here
	Status string // as WAHA said last
	Engine string // "" = not known
	Number string // digits of its own number; "" = not known
	Client string // metadata.klien
}

// Result is what one read of one session came to.
type Result struct {
	store.ReadingRun
	Repairs []store.Noted // recorded
	Open    []OpenOne
}

// OpenOne is a difference that was seen and not repaired.
type OpenOne struct {
	Session string       `json:"session"`
	Lead    string       `json:"nomor_lead"`
	LabelID string       `json:"label_id"`
	Label   string       `json:"label_name"`
	Status  label.Status `json:"status"`
	ChatID  string       `json:"chat_id"`
	FirstAt int64        `json:"first_at"` // when it was seen first, Unix ms; 0 = not for certain
	Why     Open         `json:"why"`
	NotedAt int64        `json:"-"` // when it was seen first, by our clock; 0 = it is not noted
}

// reading is one read on its way.
type reading struct {
	*Reader
	t      Target
	look   Look
	labels []rest.Label
	chats  int
	asked  map[string]bool // hidden ids that were looked up
}

// Read reads a session once, and records what this confirms. The error says why
// the read is not complete; then nothing was noted, confirmed or forgotten.
func (r *Reader) Read(ctx context.Context, t Target, reason string) (Result, error) {
	started := r.cfg.Now()
	res := Result{ReadingRun: store.ReadingRun{Session: t.Name, Reason: reason, Engine: t.Engine, StartedAt: started.UnixMilli()}}
	res.ID = runID(started)
	g := &reading{Reader: r, t: t, asked: map[string]bool{}}
	err := g.read(ctx, &res)
	res.FinishedAt = r.cfg.Now().UnixMilli()
	r.cfg.Metrics.read(res, err, r.cfg.Now().Sub(started))
	if err != nil && ctx.Err() == nil && !r.cfg.DryRun {
		res.Error = err.Error()
		if err := r.cfg.Store.SaveReading(ctx, store.Reading{Run: res.ReadingRun}); err != nil {
			r.cfg.Log.WarnContext(ctx, "a failed reconciliation could not be noted", "session", t.Name, "err", err)
		}
	}
	return res, err
}

// rounds bounds how often a read asks WAHA about what the comparison leaves
// undecided.
const rounds = 6

func (g *reading) read(ctx context.Context, res *Result) error {
	known, err := g.cfg.Store.Shown(ctx, g.t.Name, nil)
	if err != nil {
		return err
	}
	if err := g.lists(ctx, known); err != nil {
		return err
	}
	res.Labels, res.Chats = len(g.look.Lists), g.chats
	var shown store.Shown
	var found Comparison
	for round := 1; ; round++ {
		if g.cfg.Inbox != nil {
			if err := g.cfg.Inbox.Recorded(ctx); err != nil {
				return err
			}
		}
		shown, err = g.cfg.Store.Shown(ctx, g.t.Name, func(s store.Shown) []store.LabelOn {
			found = Compare(g.noted(s), g.look)
			keys := make([]store.LabelOn, len(found.Differences))
			for i, d := range found.Differences {
				keys[i] = d.LabelOn
			}
			return keys
		})
		if err != nil {
			return err
		}
		if round == rounds {
			break
		}
		learned, err := g.people(ctx, found)
		if err != nil {
			return err
		}
		if !learned && len(found.Ask) == 0 {
			break
		}
		if err := g.askChats(ctx, found.Ask); err != nil {
			return err
		}
	}
	moving := found.Settle(shown.History)
	kept, blurred := map[store.LabelOn]bool{}, map[string]bool{}
	for _, list := range [][]Difference{moving, found.Unsure} {
		for _, d := range list {
			kept[d.LabelOn], blurred[d.LabelID] = true, true
		}
	}
	for id := range g.look.Unread {
		blurred[id] = true
	}
	notes := g.noted(shown)
	for k := range notes.Noted {
		if g.look.Unread[k.LabelID] {
			kept[k] = true
		}
	}
	plan := Decide(notes, g.look, found.Differences, kept, g.cfg.ConfirmAfter)
	res.Differences = len(found.Differences) + len(found.Unsure) + len(moving)
	if !g.cfg.DryRun {
		if err := g.record(ctx, plan.Confirmed); err != nil {
			return err
		}
	}
	res.Repairs, res.Repaired = plan.Confirmed, len(plan.Confirmed)
	g.report(res, plan, found.Unsure, moving)
	res.Open = slices.Clip(res.Open)
	res.ReadingRun.Open = len(res.Open)
	res.FinishedAt = g.cfg.Now().UnixMilli()
	return g.save(ctx, *res, plan, blurred)
}

// save writes what the read leaves behind. Labels with something nobody can tell
// have not agreed.
func (g *reading) save(ctx context.Context, res Result, plan Plan, blurred map[string]bool) error {
	if g.cfg.DryRun {
		g.mu.Lock()
		defer g.mu.Unlock()
		notes := g.dry[g.t.Name]
		if notes == nil {
			notes = map[store.LabelOn]store.Noted{}
			g.dry[g.t.Name] = notes
		}
		for _, n := range plan.Forget {
			delete(notes, n.As)
		}
		for _, n := range plan.New {
			notes[n.As] = n
		}
		return nil
	}
	agreed := map[string]int64{}
	if len(blurred) == 0 {
		agreed[""] = g.look.Labels.At
	}
	for id, list := range g.look.Lists {
		if !blurred[id] {
			agreed[id] = list.At
		}
	}
	const keep = 90 * 24 * time.Hour
	return g.cfg.Store.SaveReading(ctx, store.Reading{
		Run: res.ReadingRun, AgreedAt: agreed, Forget: plan.Forget, Note: plan.New, KeepFrom: g.cfg.Now().Add(-keep).UnixMilli(),
	})
}

// noted lays what a dry run noted in memory over what is stored.
func (g *reading) noted(shown store.Shown) store.Shown {
	if !g.cfg.DryRun {
		return shown
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	shown.Noted = maps.Clone(shown.Noted)
	for k, n := range g.dry[g.t.Name] {
		if have, stored := shown.Noted[k]; !stored || have.Status != n.Status || have.Base != n.Base {
			shown.Noted[k] = n
		}
	}
	return shown
}

// lists reads the labels, and the chats of each: of those WAHA lists and of those
// the log knows somebody to have.
func (g *reading) lists(ctx context.Context, known store.Shown) error {
	var asked rest.Asked
	err := g.again(ctx, func() (err error) {
		g.labels, asked, err = g.t.Server.WAHA.Labels(ctx, g.t.WAHA)
		return err
	})
	if err != nil {
		return err
	}
	g.look = Look{
		Session: g.t.Name, Engine: g.t.Engine, Labels: g.moment(asked), Listed: map[string]bool{}, Lists: map[string]List{},
		Unread: map[string]bool{}, Chats: map[string]ChatLook{}, People: lead.Identities{}, Confirm: g.cfg.ConfirmAfter.Milliseconds(),
		Ignoring: func(l string) bool { return g.cfg.Ignored(g.t.Name, l) },
	}
	ids := map[string]bool{}
	for _, l := range g.labels {
		g.look.Listed[l.ID], ids[l.ID] = true, true
	}
	for _, s := range known.Active {
		ids[s.LabelID] = true
	}
	var mu sync.Mutex
	var failed error
	told := 0 // lists of labels that WAHA lists
	parallel, ctx := errgroup.WithContext(ctx)
	parallel.SetLimit(atOnce)
	for _, id := range slices.SortedFunc(maps.Keys(ids), byNumber) {
		parallel.Go(func() error {
			var list List
			err := g.again(ctx, func() error {
				chats, asked, err := g.t.Server.WAHA.LabelChats(ctx, g.t.WAHA, id)
				list = List{g.moment(asked), chats}
				return err
			})
			alone := isRefusal(err) || errors.Is(err, rest.ErrServer) // it may be about this label only
			if !g.look.Listed[id] && alone {
				err, list = nil, List{Moment: g.look.Labels} // WAHA does not know the label: it says nothing of its chats
			}
			if err != nil && !alone {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				g.look.Unread[id] = true
				if errors.Is(err, rest.ErrServer) {
					failed = err
				}
				g.cfg.Log.WarnContext(ctx, "the chats of a label could not be read", "session", g.t.Name, "label_id", id, "err", err)
				return nil
			}
			if g.look.Listed[id] {
				told++
			}
			g.look.Lists[id] = list
			g.chats += len(list.Chats)
			g.cfg.Progress(g.t.Name, g.chats)
			return nil
		})
	}
	if err := parallel.Wait(); err != nil || told > 0 {
		return err
	}
	return failed // of every label: it is WAHA, then
}

// atOnce is how many questions about one session are asked at once.
const atOnce = 4

func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (g *reading) moment(asked rest.Asked) Moment {
	return Moment{At: asked.ByWAHA(g.cfg.Now().UnixMilli()), Raw: asked.At}
}

// askChats asks about chats one by one.
func (g *reading) askChats(ctx context.Context, chats []string) error {
	var mu sync.Mutex
	parallel, ctx := errgroup.WithContext(ctx)
	parallel.SetLimit(atOnce)
	for _, chat := range chats {
		parallel.Go(func() error {
			var look ChatLook
			err := g.again(ctx, func() error {
				labels, asked, err := g.t.Server.WAHA.ChatLabels(ctx, g.t.WAHA, chat)
				look = ChatLook{Moment: g.moment(asked)}
				for _, l := range labels {
					look.Labels = append(look.Labels, l.ID)
				}
				return err
			})
			if err != nil && isRefusal(err) {
				err, look = nil, ChatLook{Failed: true} // this chat cannot be asked about; others can
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			g.look.Chats[chat] = look
			g.cfg.Progress(g.t.Name, g.chats+len(g.look.Chats))
			return nil
		})
	}
	return parallel.Wait()
}
