package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
	"tandai/internal/waha/rest"
)

// on is a label on a chat.
type on struct{ chat, label string }

// fakeWAHA is one WAHA server with one session, told what to show.
type fakeWAHA struct {
	mu      sync.Mutex
	session rest.Session
	labels  map[string]string // id → name
	truth   map[on]bool
	lids    map[string]string // hidden → phone
	now     func() time.Time
	skew    time.Duration // of its clock; 0 sends no Date
	calls   map[string]int

	// What goes wrong: each may change an answer, or fail.
	badLabels func([]rest.Label) ([]rest.Label, error)
	badList   func(id string, chats []string) ([]string, error)
	badChat   func(chat string, ids []string) ([]string, error)
	badLid    func(hidden string) error // "" of the whole list
	lidsMost  int                       // in a page, whatever is asked for; 0 = as asked for
}

func newFake(now func() time.Time, engine string) *fakeWAHA {
	return &fakeWAHA{
		session: rest.Session{Name: "cs1", Status: Working, Engine: engine, Me: &rest.Me{ID: "628110001@c.us"}},
		labels:  map[string]string{"1": "Grade A", "2": "Grade B", "3": "Closing"}, truth: map[on]bool{}, lids: map[string]string{}, now: now, calls: map[string]int{},
	}
}

func (f *fakeWAHA) set(chat, id string, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if there {
		f.truth[on{chat, id}] = true
	} else {
		delete(f.truth, on{chat, id})
	}
}

func (f *fakeWAHA) asked(call string) rest.Asked {
	f.calls[call]++
	a := rest.Asked{At: f.now().UnixMilli()}
	if f.skew != 0 {
		a.Date = f.now().Add(f.skew).Truncate(time.Second).UnixMilli()
	}
	return a
}

func (f *fakeWAHA) Sessions(context.Context) ([]rest.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []rest.Session{f.session}, nil
}

func (f *fakeWAHA) Session(_ context.Context, name string) (rest.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name != f.session.Name {
		return rest.Session{}, rest.ErrNotFound
	}
	return f.session, nil
}

func (f *fakeWAHA) Version(context.Context) (rest.Version, error) { return rest.Version{}, nil }

func (f *fakeWAHA) Labels(context.Context, string) ([]rest.Label, rest.Asked, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.asked("labels")
	var all []rest.Label
	for _, id := range slices.Sorted(maps.Keys(f.labels)) {
		all = append(all, rest.Label{ID: id, Name: f.labels[id], Color: label.NoColor})
	}
	if f.badLabels != nil {
		var err error
		if all, err = f.badLabels(all); err != nil {
			return nil, a, err
		}
	}
	return all, a, nil
}

func (f *fakeWAHA) LabelChats(_ context.Context, _, id string) ([]string, rest.Asked, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.asked("list")
	var chats []string
	for o := range f.truth {
		if o.label == id {
			chats = append(chats, o.chat)
		}
	}
	slices.Sort(chats)
	if f.badList != nil {
		var err error
		if chats, err = f.badList(id, chats); err != nil {
			return nil, a, err
		}
	}
	return chats, a, nil
}

func (f *fakeWAHA) ChatLabels(_ context.Context, _, chat string) ([]rest.Label, rest.Asked, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.asked("chat")
	var ids []string
	for o := range f.truth {
		if o.chat == chat {
			ids = append(ids, o.label)
		}
	}
	if f.badChat != nil {
		var err error
		if ids, err = f.badChat(chat, ids); err != nil {
			return nil, a, err
		}
	}
	var all []rest.Label
	for _, id := range ids {
		all = append(all, rest.Label{ID: id, Name: f.labels[id]})
	}
	return all, a, nil
}

func (f *fakeWAHA) Lid(_ context.Context, _, hidden string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls["lid"]++
	if f.badLid != nil {
		if err := f.badLid(hidden); err != nil {
			return "", err
		}
	}
	return f.lids[hidden], nil
}

func (f *fakeWAHA) Lids(_ context.Context, _ string, limit, offset int) ([]rest.LidPair, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls["lids"]++
	if f.badLid != nil {
		if err := f.badLid(""); err != nil {
			return nil, err
		}
	}
	if f.lidsMost > 0 {
		limit = min(limit, f.lidsMost)
	}
	var all []rest.LidPair
	for _, h := range slices.Sorted(maps.Keys(f.lids)) {
		all = append(all, rest.LidPair{Hidden: h, Phone: f.lids[h]})
	}
	all = all[min(offset, len(all)):]
	return all[:min(limit, len(all))], nil
}

// world is a store, a WAHA and a clock.
type world struct {
	t     testing.TB
	store store.Store
	waha  *fakeWAHA
	clock time.Time
	seq   int
}

// epoch is when worlds begin.
var epoch = time.UnixMilli(1795000000000)

func newWorld(t testing.TB, engine string, db store.Store) *world {
	w := &world{t: t, store: db, clock: epoch}
	w.waha = newFake(w.now, engine)
	return w
}

func (w *world) now() time.Time { return w.clock }

func (w *world) pass(d time.Duration) { w.clock = w.clock.Add(d) }

const after = 5 * time.Minute

func (w *world) reader(change ...func(*Config)) *Reader {
	cfg := Config{Servers: []Server{{WAHA: w.waha}}, Store: w.store, ConfirmAfter: after, Now: w.now, Pauses: []time.Duration{0}}
	for _, f := range change {
		f(&cfg)
	}
	return NewReader(cfg)
}

// read reads once.
func (w *world) read(change ...func(*Config)) (Result, error) {
	w.t.Helper()
	r := w.reader(change...)
	all, err := r.Targets(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Read(w.t.Context(), all[0], "test")
}

// mustRead reads once, wholly.
func (w *world) mustRead(change ...func(*Config)) Result {
	w.t.Helper()
	res, err := w.read(change...)
	if err != nil {
		w.t.Fatalf("read: %v", err)
	}
	return res
}

// twice reads, waits, and reads again.
func (w *world) twice() Result {
	w.t.Helper()
	w.mustRead()
	w.pass(after)
	return w.mustRead()
}

// hook is what a webhook tells.
func (w *world) hook(at time.Time, chat, id string, status label.Status) store.Input {
	w.seq++
	return store.Input{Session: "cs1", At: at.UnixMilli(), Event: &label.Event{
		ID: label.EventID("", "cs1", string(status), fmt.Sprint(w.seq)), Session: "cs1", ChatID: chat, LabelID: id, Status: status,
		At: at.UnixMilli(), Source: label.FromWebhook, ReceivedAt: at.UnixMilli() + 5,
	}}
}

func (w *world) record(in ...store.Input) {
	w.t.Helper()
	if _, err := w.store.Record(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// happens is a change on the phone that a webhook tells of, or does not.
func (w *world) happens(chat, id string, there, told bool) {
	w.t.Helper()
	w.waha.set(chat, id, there)
	status := label.Removed
	if there {
		status = label.Added
	}
	if told {
		w.record(w.hook(w.clock, chat, id, status))
	}
	w.pass(time.Second)
}

// active is what the log shows, "lead label", sorted.
func (w *world) active() []string {
	w.t.Helper()
	shown, err := w.store.Shown(w.t.Context(), "cs1", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	all := []string{}
	for _, s := range shown.Active {
		all = append(all, s.Lead+" "+s.LabelID)
	}
	slices.Sort(all)
	return all
}

// truth is what WAHA's phones show, "lead label", sorted.
func (w *world) truth() []string {
	all := map[string]bool{}
	for o := range w.waha.truth {
		l := lead.OfChat(o.chat)
		if phone := w.waha.lids[l]; phone != "" {
			l = phone
		}
		all[l+" "+o.label] = true
	}
	return append([]string{}, slices.Sorted(maps.Keys(all))...)
}

// log is the whole log.
func (w *world) log(sources ...label.Source) []store.LogRow {
	w.t.Helper()
	var rows []store.LogRow
	err := w.store.Export(w.t.Context(), store.ExportFilter{}, func(r store.LogRow) error {
		if len(sources) == 0 || slices.Contains(sources, label.Source(r.Source)) {
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.SortFunc(rows, func(a, b store.LogRow) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Lead, b.Lead), cmp.Compare(a.LabelID, b.LabelID))
	})
	return rows
}

func sqliteStore(t testing.TB) store.Store {
	t.Helper()
	s, err := sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "tandai.db")})
	return migrated(t, s, err)
}

func mysqlStore(t testing.TB) store.Store {
	t.Helper()
	u, err := url.Parse(mariadbtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	pass, _ := u.User.Password()
	s, err := mysql.Open(mysql.Config{Addr: u.Host, User: u.User.Username(), Password: pass, Database: strings.TrimPrefix(u.Path, "/")})
	return migrated(t, s, err)
}

func migrated(t testing.TB, s store.Store, err error) store.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, run func(t *testing.T, open func(testing.TB) store.Store)) {
	t.Run("sqlite", func(t *testing.T) { run(t, sqliteStore) })
	t.Run("mariadb", func(t *testing.T) { run(t, mysqlStore) })
}
