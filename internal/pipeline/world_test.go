package pipeline

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
	"tandai/internal/store/storetest"
	"tandai/internal/waha"
)

// now0 is where the clock of a world stands at first: a little after the samples.
var now0 = time.UnixMilli(1_795_402_000_000)

// clock stands still unless moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a real inbox and a real database with a pipeline between them, and
// faults where a test wants some.
type world struct {
	t     testing.TB
	clock *clock
	key   []byte
	box   *inbox.Inbox // the real one
	boxAt string
	db    storetest.Harness
	inbox *faultyInbox
	store *faultyStore
	cfg   Config // what New is given; tests change it before they start
	log   *logBuffer
	reg   *prometheus.Registry
}

type engine struct {
	name string
	open func(t testing.TB, now func() time.Time) storetest.Harness
}

var (
	onSQLite  = engine{"SQLite", openSQLite}
	onMariaDB = engine{"MariaDB", openMariaDB}
	engines   = []engine{onSQLite, onMariaDB}
)

func newWorld(t testing.TB, on engine) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: now0}, key: []byte("kunci rahasia"), log: &logBuffer{}, boxAt: filepath.Join(tempDir(t), "inbox.db")}
	w.db = on.open(t, w.clock.Now)
	w.store = &faultyStore{Store: w.db.Store}
	w.inbox = &faultyInbox{}
	w.openInbox()
	w.cfg = Config{
		Inbox: w.inbox, Store: w.store, Batch: 7, Now: w.clock.Now, Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Wait: time.Millisecond, MaxWait: 4 * time.Millisecond,
	}
	return w
}

// tempDir is a folder in memory where there is one, else on disk: whether a sync
// reaches the disk is not asked here, and thousands of them take a while.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pipeline")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// prepare brings a database up to date, as a start does.
func prepare(s store.Store) error {
	ctx := context.Background()
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.Configure(ctx, store.Settings{Zone: "Asia/Jakarta"})
}

// preparedSQLite is the file of an empty database that is up to date: to copy it
// is a hundred times cheaper than to make it.
var preparedSQLite = sync.OnceValues(func() ([]byte, error) {
	return fileMadeBy(func(path string) error {
		s, err := sqlite.Open(sqlite.Config{Path: path})
		if err != nil {
			return err
		}
		return errors.Join(prepare(s), s.Close())
	})
})

// fileMadeBy is what make leaves at a path, which it must have closed.
func fileMadeBy(make func(path string) error) ([]byte, error) {
	dir, err := os.MkdirTemp("", "pipeline")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "file.db")
	if err := make(path); err != nil {
		return nil, err
	}
	if left, _ := filepath.Glob(path + "?*"); len(left) > 0 {
		return nil, fmt.Errorf("%v are still there: it is not closed", left)
	}
	return os.ReadFile(path)
}

func openSQLite(t testing.TB, now func() time.Time) storetest.Harness {
	t.Helper()
	path := filepath.Join(tempDir(t), "tandai.db")
	file, err := preparedSQLite()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	open := func(t testing.TB) store.Store {
		s, err := sqlite.Open(sqlite.Config{Path: path, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	h := storetest.OnDB(open(t), raw)
	h.Reopen = open
	return h
}

func openMariaDB(t testing.TB, now func() time.Time) storetest.Harness {
	t.Helper()
	return openMySQL(t, mariadbtest.DSN(t), now)
}

func openMySQL(t testing.TB, dsn string, now func() time.Time) storetest.Harness {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	at := mysql.Config{Addr: u.Host, User: u.User.Username(), Password: password, Database: strings.TrimPrefix(u.Path, "/"), Now: now}
	open := func(t testing.TB) store.Store {
		s, err := mysql.Open(at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", at.Addr, at.User, at.Password, at.Database
	connector, err := driver.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	raw := sql.OpenDB(connector)
	t.Cleanup(func() { raw.Close() })
	h := storetest.OnDB(open(t), raw)
	h.Reopen = open
	if err := prepare(h.Store); err != nil {
		t.Fatalf("prepare: %v", err)
	}
	return h
}

func (w *world) openInbox() {
	w.t.Helper()
	box, err := inbox.Open(w.t.Context(), inbox.Config{Path: w.boxAt, MinFreeBytes: -1, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatalf("open inbox: %v", err)
	}
	w.t.Cleanup(func() { box.Close() })
	w.box, w.inbox.Inbox = box, box
}

// restart is the process dying and coming back: what was claimed and not settled
// waits again, and views are made as at every start.
func (w *world) restart() {
	w.t.Helper()
	if err := w.box.Close(); err != nil {
		w.t.Fatalf("close inbox: %v", err)
	}
	w.openInbox()
	if _, err := w.db.Store.EnsureViews(w.t.Context()); err != nil {
		w.t.Fatalf("ensure views: %v", err)
	}
}

// receive does with a body what the door does, signed with the world's key.
func (w *world) receive(bodies ...[]byte) {
	w.t.Helper()
	for _, body := range bodies {
		if err := w.knock(body, waha.Sign(w.key, body)); err != nil {
			w.t.Fatalf("%.200s: %v", body, err)
		}
	}
}

// receiveHistory receives the whole history into an empty inbox: a copy of one
// that did, which saves a sync of the disk for each.
func (w *world) receiveHistory() {
	w.t.Helper()
	if n := w.stats().Received; n != 0 || !w.clock.Now().Equal(now0) {
		w.t.Fatalf("%d bodies are in the inbox, the clock is at %v", n, w.clock.Now())
	}
	file, err := inboxOfHistory(w.t)
	if err == nil {
		err = errors.Join(w.box.Close(), os.WriteFile(w.boxAt, file, 0o600))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.openInbox()
}

var historyFile struct {
	once sync.Once
	file []byte
	err  error
}

func inboxOfHistory(t testing.TB) ([]byte, error) {
	h := &historyFile
	h.once.Do(func() {
		h.file, h.err = fileMadeBy(func(path string) error {
			box, err := inbox.Open(context.Background(), inbox.Config{Path: path, MinFreeBytes: -1, Now: func() time.Time { return now0 }})
			if err != nil {
				return err
			}
			for _, body := range history(t) {
				if _, err := box.Put(context.Background(), itemOf(body)); err != nil {
					return err
				}
			}
			return box.Close()
		})
	})
	return h.file, h.err
}

// knock is a body at the door with some signature.
func (w *world) knock(body []byte, signature string) error {
	h := http.Header{}
	h.Set(waha.HeaderHmac, signature)
	if err := (waha.Keys{w.key}).Verify(body, h); err != nil {
		return err
	}
	_, err := w.box.Put(w.t.Context(), itemOf(body))
	return err
}

// itemOf is what the door puts into the inbox.
func itemOf(body []byte) inbox.Item { return intake.ItemOf("", waha.Keep(body), body) }

// running is a pipeline at work.
type running struct {
	*Pipeline
	w    *world
	stop func() // ends it and waits until it has; may be called twice
}

func (w *world) pipeline() *Pipeline {
	w.reg = prometheus.NewRegistry()
	cfg := w.cfg
	cfg.Metrics = NewMetrics(w.reg)
	return New(cfg)
}

// start runs a new pipeline until the test ends or stops it.
func (w *world) start() running {
	w.t.Helper()
	p := w.pipeline()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					w.t.Errorf("Run: %v, want nil", err)
				}
			case <-time.After(patient):
				w.t.Errorf("the pipeline did not stop")
			}
		})
	}
	w.t.Cleanup(stop)
	return running{p, w, stop}
}

// drain waits until nothing waits in the inbox.
func (w *world) drain() {
	w.t.Helper()
	w.until("the inbox is drained", func() bool { return w.stats().Waiting == 0 })
}

// run starts a pipeline, waits until it has dealt with everything and stopped.
func (w *world) run() {
	w.t.Helper()
	r := w.start()
	w.drain()
	w.until("every session has its view", func() bool {
		return len(w.rows("SELECT session FROM session_registry WHERE view_name = ''")) == 0
	})
	r.stop()
}

// patient is how long a test waits for what must happen. Only a failure takes so
// long: disks of busy machines are slow.
const patient = time.Minute

func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patient); !is(); time.Sleep(5 * time.Millisecond) { // asking costs more than waiting
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s; log:\n%s", what, w.log)
		}
	}
}

func (w *world) stats() inbox.Stats {
	w.t.Helper()
	s, err := w.box.Stats(w.t.Context())
	if err != nil {
		w.t.Fatalf("stats: %v", err)
	}
	return s
}

// bodies reads the whole inbox.
func (w *world) bodies() []inbox.Delivery {
	w.t.Helper()
	all, _, err := w.box.Range(w.t.Context(), inbox.Filter{}, 0, 1<<20)
	if err != nil {
		w.t.Fatalf("range: %v", err)
	}
	return all
}

// outcomes are what became of the bodies, in order of receipt: "done",
// "skipped: group", "quarantined: …".
func (w *world) outcomes() []string {
	w.t.Helper()
	var all []string
	for _, d := range w.bodies() {
		text := d.State.String()
		if d.Reason != "" {
			text += ": " + d.Reason
		}
		all = append(all, text)
	}
	return all
}

func (w *world) rows(query string, args ...any) []string {
	w.t.Helper()
	var all []string
	for _, r := range w.db.Query(w.t, query, args...) {
		all = append(all, strings.Join(r, " | "))
	}
	return all
}

// tables are all tables that follow from what was received, as text, by name.
// What depends on how often and how it was recorded is left out.
func (w *world) tables() map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	for name, columns := range tables {
		all[name] = w.rows("SELECT " + columns + " FROM " + name + " ORDER BY " + columns)
	}
	return all
}

var tables = map[string]string{
	"label_events":      "session, timestamp_unix, event_id, klien, nomor_cs, nomor_lead, label_id, label_name, status, chat_id, source, not_before, start_unknown, received_at, said_client, said_cs",
	"label_spans":       "session, nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs",
	"label_changes":     "event_id, session, label_id, kind, at, name, color, received_at",
	"label_sightings":   "session, label_id, name, color, first_at, last_at",
	"labels":            "session, label_id, valid_from, valid_to, name, color",
	"label_daily":       "session, label_id, day, added, found, removed, active",
	"identities":        "session, hidden, phone, first_at, last_at",
	"sessions":          "session, valid_from, valid_to, client, nomor_cs",
	"session_sightings": "session, kind, value, first_at, last_at",
	"session_registry":  "session, client, zone, view_name, view_note, status, status_at",
	"chats": "session, chat_id, nomor_lead, first_in_at, last_in_at, first_out_at, last_out_at, referral_at, source_type, source_id, source_url, " +
		"source_app, click_id, title, entry_point, entry_app, conversion_source, ref, utm, media_type, external_source, external_medium, utm_source, utm_campaign, campaign_id",
}

// same fails when got is not want.
func (w *world) same(what string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// clean fails when a rebuild would change anything.
func (w *world) clean() {
	w.t.Helper()
	r, err := w.db.Store.Rebuild(w.t.Context(), store.RebuildOptions{DryRun: true})
	if err != nil {
		w.t.Fatalf("dry-run rebuild: %v", err)
	}
	if r.Differences != 0 {
		w.t.Errorf("a rebuild would change %d rows: %+v", r.Differences, r.First)
	}
}

// metric reads a counter or gauge; labels as "outcome=recorded".
func (w *world) metric(name string, labels ...string) float64 {
	w.t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			has := 0
			for _, l := range m.GetLabel() {
				if slices.Contains(labels, l.GetName()+"="+l.GetValue()) {
					has++
				}
			}
			switch {
			case has != len(labels):
			case m.Counter != nil:
				return m.Counter.GetValue()
			default:
				return m.Gauge.GetValue()
			}
		}
	}
	w.t.Fatalf("no metric %s %v", name, labels)
	return 0
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// sample is a body as WAHA sends it.
type sample struct {
	File, Event, Engine, ID string
	Headers                 map[string]string
	body                    []byte
}

// samples reads the sample bodies of package waha and the key they are signed with.
func samples(t testing.TB) (key []byte, all []sample) {
	t.Helper()
	const dir = "../waha/testdata/samples"
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		HmacKey string   `json:"hmacKey"`
		Samples []sample `json:"samples"`
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	for i := range index.Samples {
		s := &index.Samples[i]
		if s.body, err = os.ReadFile(filepath.Join(dir, s.File)); err != nil {
			t.Fatal(err)
		}
	}
	if len(index.Samples) != 30 {
		t.Fatalf("%d samples, want 30", len(index.Samples))
	}
	return []byte(index.HmacKey), index.Samples
}

// envelope makes a body; fields are JSON values and override the usual ones, ""
// leaves one out.
func envelope(id string, fields map[string]string) []byte {
	all := map[string]string{
		"id": fmt.Sprintf("%q", id), "timestamp": "1795399261337", "event": `"label.chat.added"`, "session": `"toko"`,
		"me": `{"id":"6281234500001@c.us"}`, "payload": `{"labelId":"1","label":null,"chatId":"6281299900011@c.us"}`, "engine": `"GOWS"`,
	}
	for k, v := range fields {
		all[k] = v
	}
	var parts []string
	for _, k := range []string{"id", "timestamp", "event", "session", "metadata", "me", "payload", "engine"} {
		if all[k] != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", k, all[k]))
		}
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}

// mark is a label put on (or taken off) a chat at a time after the first sample.
func mark(session, chatID, labelID string, on bool, at int64) []byte {
	event := `"label.chat.deleted"`
	if on {
		event = `"label.chat.added"`
	}
	return envelope(fmt.Sprintf("evt_%s_%s_%s_%v_%d", session, chatID, labelID, on, at), map[string]string{
		"timestamp": fmt.Sprint(1795399261337 + at), "event": event, "session": fmt.Sprintf("%q", session),
		"payload": fmt.Sprintf(`{"labelId":%q,"label":null,"chatId":%q}`, labelID, chatID),
	})
}
