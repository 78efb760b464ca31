package report_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/report"
	"tandai/internal/store"
	"tandai/internal/store/sqlite"
)

// fakeTruth is what comparing left behind.
type fakeTruth struct {
	runs     []store.ReadingRun // newest first
	coverage []store.Coverage
	repaired []store.LogRow
	noted    []store.Noted
	err      error
}

func (f *fakeTruth) Readings(_ context.Context, session string, limit int) ([]store.ReadingRun, error) {
	var found []store.ReadingRun
	for _, r := range f.runs {
		if (session == "" || r.Session == session) && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, f.err
}

func (f *fakeTruth) NotedDifferences(context.Context, string, int) ([]store.Noted, error) {
	return f.noted, f.err
}

func (f *fakeTruth) Repaired(context.Context, string, int64, int64, int) ([]store.LogRow, error) {
	return f.repaired, f.err
}

func (f *fakeTruth) Coverage(context.Context, int64, int64, int64) ([]store.Coverage, error) {
	return f.coverage, f.err
}

func systemOf(t *testing.T, w report.Wings) report.System {
	t.Helper()
	db := &fakeStore{have: 3, sessions: []store.SessionInfo{{Session: "cs1", CSName: "CS 1"}}}
	return report.New(report.Config{Store: db, Inbox: &fakeInbox{}, Wings: w}).System(t.Context())
}

func TestSystem_truth(t *testing.T) {
	truth := &fakeTruth{
		coverage: []store.Coverage{{Session: "cs1", InTime: 90, Late: 4, Repaired: 6}, {Session: "old", InTime: 3}},
		repaired: []store.LogRow{{Session: "cs1", LabelName: "Grade B", Source: "snapshot"}},
		noted:    make([]store.Noted, 3),
	}
	poll := func(at int64, found int) store.ReadingRun {
		return store.ReadingRun{Session: "polled", Reason: "poll", Engine: "WEBJS", StartedAt: at, Differences: found}
	}
	// Four hundred polls that found nothing are not worth a line, and hide nobody.
	for i := range 300 {
		truth.runs = append(truth.runs, poll(int64(1000-i), 0))
	}
	failed := poll(650, 0)
	failed.Error = "labels: WAHA answered 500"
	truth.runs = append(truth.runs[:20:20], append([]store.ReadingRun{poll(980, 2), failed, {Session: "cs1", Reason: "daily", StartedAt: 640}}, truth.runs[20:]...)...)
	truth.runs = append(truth.runs, store.ReadingRun{Session: "old", Reason: "start", StartedAt: 5})

	got := systemOf(t, report.Wings{Truth: truth, Compares: true}).Truth
	if got.Off || got.Err != nil || !got.Known() {
		t.Fatalf("off %v, err %v, known %v", got.Off, got.Err, got.Known())
	}
	want := report.Truth{
		Coverage: []report.Coverage{
			{Coverage: truth.coverage[0]}, {Coverage: truth.coverage[1]}, {Coverage: store.Coverage{Session: "polled"}, Polled: true},
		},
		Repaired: []report.Change{{LogRow: truth.repaired[0], CSName: "CS 1", Mark: report.DefaultScale().Mark("Grade B")}},
		Newest:   map[string]store.ReadingRun{"polled": poll(1000, 0), "cs1": {Session: "cs1", Reason: "daily", StartedAt: 640}, "old": {Session: "old", Reason: "start", StartedAt: 5}},
		Runs:     []store.ReadingRun{poll(1000, 0), poll(980, 2), failed, {Session: "cs1", Reason: "daily", StartedAt: 640}},
		Noted:    3,
	}
	if diff := cmp.Diff(want, got.Value, cmpopts.IgnoreUnexported(report.Truth{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if all := got.Value.Coverage[0].All(); all != 100 {
		t.Errorf("%d changes, want 100", all)
	}
}

// A part that fails takes nothing with it but itself; one that is switched off
// shows what it left behind.
func TestSystem_partsOnTheirOwn(t *testing.T) {
	bad := errors.New("table reconcile_runs is damaged")
	truth := &fakeTruth{err: bad}
	y := systemOf(t, report.Wings{
		Truth: truth, Compares: true, Watches: true,
		Hearing: func() []report.Hearing { return []report.Hearing{{Session: "cs1", State: report.Learning}} },
		Trouble: func() []report.Trouble { return []report.Trouble{{Session: "cs1", What: "401"}} },
		Feeds:   func() []report.Feed { return []report.Feed{{}, {Server: "second", Websocket: true}} },
	})
	if !errors.Is(y.Truth.Err, bad) || y.Truth.Known() || y.Truth.Off {
		t.Errorf("truth %+v", y.Truth)
	}
	if !y.Outbox.Off || !y.People.Off || y.Alarms.Off || len(y.Alarms.Value.Hearing) != 1 || len(y.Feeds) != 2 || len(y.People.Value.Trouble) != 1 {
		t.Errorf("outbox %+v, people %+v, alarms %+v, feeds %+v", y.Outbox, y.People, y.Alarms, y.Feeds)
	}
	if y.Database.State != report.Up || !y.Sessions.Known() {
		t.Errorf("database %+v, sessions %+v", y.Database, y.Sessions)
	}

	db := &fakeStore{err: errAway}
	y = report.New(report.Config{Store: db, Inbox: &fakeInbox{}, Wings: report.Wings{Truth: truth, Compares: true}}).System(t.Context())
	if !errors.Is(y.Truth.Err, errAway) {
		t.Errorf("the database is away, and comparing says %v", y.Truth.Err)
	}
}

// On a real database: what each of the others wrote is found.
func TestSystem_real(t *testing.T) {
	ctx := t.Context()
	db, err := sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "tandai.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	box, err := inbox.Open(ctx, inbox.Config{Path: filepath.Join(t.TempDir(), "inbox.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	now := time.UnixMilli(1_795_400_000_000)
	event := func(id, chat string, source label.Source, at int64) store.Input {
		return store.Input{Session: "cs1", At: at, Event: &label.Event{
			ID: label.EventID("", "cs1", "label.chat.added", id), Session: "cs1", ChatID: chat, LabelID: "1",
			Status: label.Added, At: at, Source: source, ReceivedAt: at + 100,
		}}
	}
	in := []store.Input{
		event("a", "6281234567890@c.us", label.FromWebhook, now.UnixMilli()-5000),
		event("b", "201000000000099@lid", label.FromWebhook, now.UnixMilli()-4000),
		event("c", "6281234567891@c.us", label.FromSnapshot, now.UnixMilli()-3000),
	}
	if _, err := db.Record(ctx, in); err != nil {
		t.Fatal(err)
	}
	alarm := store.Alarm{ID: strings.Repeat("a", 32), Kind: store.AlarmDeaf, Subject: "cs1", RaisedAt: now.UnixMilli() - 1000, Since: now.UnixMilli() - 9000, ChangedAt: now.UnixMilli() - 1000, Revision: 1}
	over := alarm
	over.ID, over.Subject, over.ClearedAt = strings.Repeat("b", 32), "cs2", now.UnixMilli()-500
	for _, a := range []store.Alarm{alarm, over} {
		open := a
		open.ClearedAt = 0
		if ok, err := db.RaiseAlarm(ctx, open); err != nil || !ok {
			t.Fatalf("raise: %v, %v", ok, err)
		}
		if a.ClearedAt != 0 {
			if ok, err := db.SaveAlarm(ctx, a, open.ChangedAt); err != nil || !ok {
				t.Fatalf("clear: %v, %v", ok, err)
			}
		}
	}
	if _, err := db.Destinations(ctx, []string{"n8n", "idle"}, now.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	out := []store.Outbound{{ID: strings.Repeat("c", 64), Session: "cs1", Event: "label.chat.added", Body: []byte("{}"), Destinations: []string{"gone"}, ReceivedAt: now.UnixMilli()}}
	if err := db.Enqueue(ctx, out, now.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveReading(ctx, store.Reading{Run: store.ReadingRun{ID: strings.Repeat("d", 32), Session: "cs1", Reason: "start", StartedAt: now.UnixMilli() - 60_000, FinishedAt: now.UnixMilli() - 59_000, Labels: 2, Chats: 3, Repaired: 1, Differences: 1}}); err != nil {
		t.Fatal(err)
	}

	y := report.New(report.Config{Store: db, Inbox: box, Now: func() time.Time { return now }, Wings: report.Wings{
		Outbox: db, Destinations: []string{"n8n", "idle"}, People: db, LooksUp: true, Alarms: db, Watches: true, Truth: db, Compares: true,
	}}).System(ctx)
	for name, err := range map[string]error{"outbox": y.Outbox.Err, "people": y.People.Err, "alarms": y.Alarms.Err, "truth": y.Truth.Err} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var destinations []string
	for _, d := range y.Outbox.Value.Destinations {
		destinations = append(destinations, d.Name)
		if d.Configured != (d.Name != "gone") || d.Waiting != map[string]int64{"gone": 1}[d.Name] {
			t.Errorf("destination %+v", d)
		}
	}
	if diff := cmp.Diff([]string{"gone", "idle", "n8n"}, destinations); diff != "" {
		t.Errorf("destinations (-want +got)\n%s", diff)
	}
	if p := y.People.Value; p.Unresolved != 1 || len(p.Waiting) != 1 || p.Waiting[0].Hidden != "201000000000099@lid" {
		t.Errorf("people %+v", p)
	}
	if a := y.Alarms.Value; len(a.Open) != 1 || a.Open[0].Subject != "cs1" || len(a.Past) != 1 || a.Past[0].Subject != "cs2" {
		t.Errorf("alarms %+v", a)
	}
	v := y.Truth.Value
	if len(v.Coverage) != 1 || v.Coverage[0].InTime != 2 || v.Coverage[0].Repaired != 1 {
		t.Errorf("coverage %+v", v.Coverage)
	}
	if len(v.Repaired) != 1 || v.Repaired[0].Lead != "6281234567891" || len(v.Runs) != 1 || v.Newest["cs1"].Chats != 3 {
		t.Errorf("repaired %+v, runs %+v, newest %+v", v.Repaired, v.Runs, v.Newest)
	}
}
