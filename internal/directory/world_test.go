package directory

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/store/sqlite"
	"tandai/internal/waha/rest"
)

// world is a service over a real database and a WAHA that is made up, by a clock
// that only the test moves.
type world struct {
	*Service
	t    *testing.T
	db   store.Store
	waha *fakeWAHA
	log  *bytes.Buffer

	mu sync.Mutex
	at time.Time
}

var epoch = time.UnixMilli(1795399200000)

func newWorld(t *testing.T) *world {
	db, err := sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "tandai.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, waha: &fakeWAHA{phones: map[string]string{}, labels: map[string]string{}, chats: map[string][]string{}}, log: &bytes.Buffer{}, at: epoch}
	w.waha.now = w.now
	w.Service = w.server("a")
	return w
}

// server is one of several on the database.
func (w *world) server(owner string) *Service {
	return New(Config{
		Servers: []Server{{WAHA: w.waha}, {Name: "second", WAHA: w.waha}, {Name: "mute"}}, Store: w.db, Owner: owner, Now: w.now,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// step asks all that is due, and what becomes due by asking.
func (w *world) step() {
	w.t.Helper()
	stepOf(w.t.Context(), w.Service)
}

func stepOf(ctx context.Context, s *Service) {
	for {
		sessions, _ := s.due(ctx)
		for _, session := range sessions {
			s.serve(ctx, session)
		}
		if len(sessions) == 0 {
			return
		}
	}
}

func (w *world) start() {
	w.t.Helper()
	if err := w.refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.step()
}

// record is what the pipeline does: it records, and tells.
func (w *world) record(in ...store.Input) {
	w.t.Helper()
	done, err := w.db.Record(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Observe(in, done)
}

func (w *world) put(session, chat, labelID string) store.Input {
	at := w.Service.now()
	return store.Input{Session: session, At: at, Event: &label.Event{
		ID:      label.EventID("", session, "label.chat.added", fmt.Sprint(chat, labelID, at)),
		Session: session, ChatID: chat, LabelID: labelID, Status: label.Added, At: at, Source: label.FromWebhook, ReceivedAt: at,
	}}
}

func (w *world) pair(session, hidden, phone string) store.Input {
	at := w.Service.now()
	return store.Input{Session: session, At: at, Pair: &lead.Pair{Hidden: hidden, Phone: phone, FirstAt: at, LastAt: at}}
}

// active are the active labels as "session lead label name".
func (w *world) active() []string {
	w.t.Helper()
	var out []string
	counts, err := w.db.Active(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range counts {
		out = append(out, fmt.Sprint(c.Client, " ", c.LabelName, " ", c.Leads))
	}
	return out
}

// rows of the log as "lead +4 name", oldest first.
func (w *world) rows() []string {
	w.t.Helper()
	var out []string
	err := w.db.Export(w.t.Context(), store.ExportFilter{}, func(r store.LogRow) error {
		sign := map[string]string{"add_label": "+", "delete_label": "-"}[r.Status]
		out = append(out, strings.TrimSpace(fmt.Sprint(r.Lead, " ", sign, r.LabelID, " ", r.LabelName)))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) same(what string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func (w *world) verify() {
	w.t.Helper()
	r, err := w.db.Rebuild(w.t.Context(), store.RebuildOptions{DryRun: true})
	if err != nil || r.Differences != 0 {
		w.t.Errorf("verify: %+v, %v", r, err)
	}
}

func lines(s ...string) []string { return s }

// fakeWAHA answers from maps, and keeps what it was asked.
type fakeWAHA struct {
	now func() time.Time

	mu     sync.Mutex
	phones map[string]string   // hidden → phone
	labels map[string]string   // id → name
	chats  map[string][]string // label id → chats
	asked  []string
	err    error            // of everything
	bad    map[string]error // of one hidden id
	slow   func() int64     // an answer takes its time, and says when it was given, Unix ms
	most   int              // pairs in a page, whatever is asked for; 0 = as asked for
}

func (f *fakeWAHA) ask(question string) error {
	f.asked = append(f.asked, question)
	return f.err
}

// questions are those asked since the last call.
func (f *fakeWAHA) questions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.asked
	f.asked = nil
	return all
}

func (f *fakeWAHA) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeWAHA) knows(hidden, phone string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.phones[hidden] = phone
}

func (f *fakeWAHA) label(id, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.labels[id] = name; name == "" {
		delete(f.labels, id)
	}
}

func (f *fakeWAHA) Labels(_ context.Context, session string) ([]rest.Label, rest.Asked, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []rest.Label
	for id, name := range f.labels {
		all = append(all, rest.Label{ID: id, Name: name, Color: 1})
	}
	asked := rest.Asked{At: f.now().UnixMilli()}
	if f.slow != nil {
		asked.Date = f.slow()
	}
	return all, asked, f.ask("labels of " + session)
}

func (f *fakeWAHA) LabelChats(_ context.Context, session, id string) ([]string, rest.Asked, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.chats[id], rest.Asked{At: f.now().UnixMilli()}, f.ask("chats of " + session + "/" + id)
}

func (f *fakeWAHA) Lid(_ context.Context, session, hidden string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ask(session + "/" + hidden); err != nil {
		return "", err
	}
	return f.phones[hidden], f.bad[hidden]
}

func (f *fakeWAHA) Lids(_ context.Context, session string, limit, offset int) ([]rest.LidPair, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []rest.LidPair
	for _, h := range sortedKeys(f.phones) {
		all = append(all, rest.LidPair{Hidden: h, Phone: f.phones[h]})
	}
	all = all[min(offset, len(all)):]
	if f.most > 0 {
		limit = min(limit, f.most)
	}
	return all[:min(limit, len(all))], f.ask(fmt.Sprint("lids of ", session, " from ", offset))
}
