package storetest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandai/internal/store"
)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// world is a harness with the questions the suite asks of it. In a property, t
// is the property's.
type world struct {
	Harness
	t  failer
	tb testing.TB
}

func newWorld(t *testing.T, h Harness) *world { return &world{Harness: h, t: t, tb: t} }

// in is the same world for a subtest or a check of a property.
func (w *world) in(t failer) *world {
	other := *w
	other.t = t
	if tb, ok := t.(testing.TB); ok {
		other.tb = tb
	}
	return &other
}

// sub runs a subtest on the same database.
func (w *world) sub(name string, run func(*world)) {
	w.t.Helper()
	w.tb.(*testing.T).Run(name, func(t *testing.T) { run(w.in(t)) })
}

func (w *world) ctx() context.Context { return w.tb.Context() }

// record records in one batch.
func (w *world) record(in ...store.Input) store.Recorded {
	w.t.Helper()
	done, err := recordOn(w.ctx(), w.Store, in)
	if err != nil {
		w.t.Fatalf("record: %v", err)
	}
	return done
}

// recordOn records, again where another writer was in the way for too long.
func recordOn(ctx context.Context, s store.Store, in []store.Input) (store.Recorded, error) {
	for attempt := 1; ; attempt++ {
		done, err := s.Record(ctx, in)
		if !errors.Is(err, store.ErrConflict) || attempt == 20 {
			return done, err
		}
	}
}

// recordEach records every input in a batch of its own.
func (w *world) recordEach(in ...store.Input) {
	w.t.Helper()
	for _, i := range in {
		w.record(i)
	}
}

// configure keeps settings; the zone of days is Jakarta's where not said.
func (w *world) configure(s store.Settings) {
	w.t.Helper()
	if s.Zone == "" {
		s.Zone = jakarta
	}
	if err := w.Store.Configure(w.ctx(), s); err != nil {
		w.t.Fatalf("configure: %v", err)
	}
}

// ensureViews makes views and returns the notes.
func (w *world) ensureViews() []store.ViewNote {
	w.t.Helper()
	notes, err := w.Store.EnsureViews(w.ctx())
	if err != nil {
		w.t.Fatalf("ensure views: %v", err)
	}
	return notes
}

// rows are a query's rows, cells joined by " | ".
func (w *world) rows(query string, args ...any) []string {
	w.tb.Helper()
	var out []string
	for _, r := range w.Query(w.tb, query, args...) {
		out = append(out, strings.Join(r, " | "))
	}
	return out
}

// one is the only cell of the only row.
func (w *world) one(query string, args ...any) string {
	w.t.Helper()
	all := w.Query(w.tb, query, args...)
	if len(all) != 1 || len(all[0]) != 1 {
		w.t.Fatalf("%s: %v, want one cell", query, all)
	}
	return all[0][0]
}

// same fails when got is not want.
func (w *world) same(what string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// spans of a session in short: "62811 1 [10,20) ambiguous", times since the
// epoch of scenes, in the order of lead, label and beginning.
func (w *world) spans(session string) []string {
	w.tb.Helper()
	var out []string
	for _, r := range w.Query(w.tb, `SELECT nomor_lead, label_id, started_at, ended_at, ambiguous, start_unknown FROM label_spans
		WHERE session = ? ORDER BY nomor_lead, label_id, started_at`, session) {
		text := fmt.Sprintf("%s %s [%s,%s)", r[0], r[1], since(r[2]), since(r[3]))
		if r[4] != "0" {
			text += " ambiguous"
		}
		if r[5] != "0" {
			text += " found"
		}
		out = append(out, text)
	}
	return out
}

// log of a session in short: "20 62811 -1 Grade A", an add as "+1"; derived rows
// end with "derived".
func (w *world) log(session string) []string {
	w.tb.Helper()
	var out []string
	for _, r := range w.Query(w.tb, `SELECT timestamp_unix, nomor_lead, status, label_id, label_name, source FROM label_events
		WHERE session = ? ORDER BY timestamp_unix, status, nomor_lead, event_id`, session) {
		sign := map[string]string{"add_label": "+", "delete_label": "-"}[r[2]]
		text := strings.TrimSpace(fmt.Sprintf("%s %s %s%s %s", since(r[0]), r[1], sign, r[3], r[4]))
		if r[5] == "label_deleted" {
			text += " derived"
		}
		out = append(out, text)
	}
	return out
}

func since(cell string) string {
	if cell == "NULL" {
		return "…"
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return cell
	}
	return strconv.FormatInt(n-Epoch, 10)
}

// verify fails when a rebuild would change anything of the sessions.
func (w *world) verify(sessions ...string) {
	w.t.Helper()
	r, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{DryRun: true, Sessions: sessions})
	if err != nil {
		w.t.Fatalf("dry-run rebuild: %v", err)
	}
	if r.Differences != 0 {
		w.t.Errorf("a rebuild would change %d rows: %+v", r.Differences, r.First)
	}
}

// isAsFolded fails when the tables of these sessions are not what the inputs
// say, or a rebuild would change them.
func (w *world) isAsFolded(settings store.Settings, in []store.Input, sessions ...string) {
	w.t.Helper()
	want := Want(settings, in)
	got := Dump(w.tb, w.Harness, sessions...)
	for _, table := range Tables() {
		if diff := cmp.Diff(want[table], got[table], cmpopts.EquateEmpty()); diff != "" {
			w.t.Errorf("%s (-want +got)\n%s", table, diff)
		}
	}
	w.verify(sessions...)
}

// slug is a case's own session.
func slug(name string, n int) string {
	return fmt.Sprintf("%s_%02d", strings.Trim(notInSessions.ReplaceAllString(name, "_"), "_"), n)
}

var notInSessions = regexp.MustCompile(`[^a-z0-9]+`)

func lines(texts ...string) []string { return texts }

// every is the number of orders of four inputs.
const every = 24

// orders are all orders of some inputs, or an even spread where there are more
// than most.
func orders(in []store.Input, most int) [][]store.Input {
	all := permutations(in)
	var some [][]store.Input
	for n := 0; n < len(all); n += (len(all) + most - 1) / most {
		some = append(some, all[n])
	}
	return some
}

func permutations[T any](in []T) [][]T {
	if len(in) < 2 {
		return [][]T{in}
	}
	var out [][]T
	for i := range in {
		rest := slices.Delete(slices.Clone(in), i, i+1)
		for _, p := range permutations(rest) {
			out = append(out, append([]T{in[i]}, p...))
		}
	}
	return out
}
