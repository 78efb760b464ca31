package storetest

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"tandai/internal/store"
)

// checks is how many histories a property tries on a database, unless
// -rapid.checks asks for more: each costs some transactions.
const checks = 25

// property runs a property on the world's database; every check gets sessions of
// its own.
func property(w *world, n int, check func(w *world, t *rapid.T, sessions ...string)) {
	w.t.Helper()
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		if err := f.Value.Set(strconv.Itoa(n)); err != nil {
			w.t.Fatalf("rapid.checks: %v", err)
		}
		defer f.Value.Set(f.DefValue)
	}
	if f := flag.Lookup("rapid.nofailfile"); f != nil {
		if err := f.Value.Set("true"); err != nil { // the seed it prints is enough
			w.t.Fatalf("rapid.nofailfile: %v", err)
		}
		defer f.Value.Set(f.DefValue)
	}
	var round atomic.Int64
	rapid.Check(w.tb.(*testing.T), func(t *rapid.T) {
		r := round.Add(1)
		check(w.in(t), t, fmt.Sprintf("a%d", r), fmt.Sprintf("b%d", r))
	})
}

// testAnyOrder is the promise: any order, any duplication, any batching of the
// same inputs gives the same rows in every table.
func testAnyOrder(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	property(w, checks, func(w *world, t *rapid.T, sessions ...string) {
		history := DrawHistory(t, sessions...)
		settings := settings
		if rapid.Bool().Draw(t, "configured") {
			zone := rapid.SampledFrom([]string{jakarta, "Pacific/Chatham", "America/St_Johns"}).Draw(t, "zone")
			settings.Sessions = []store.SessionConfig{{Session: sessions[0], Client: "hansarang", Zone: zone}}
		}
		batches := Shuffle(t, history)
		at := rapid.IntRange(0, len(batches)).Draw(t, "configured after batch")
		for n, b := range batches {
			if n == at {
				w.configure(settings)
			}
			w.record(b...)
		}
		w.configure(settings)
		w.isAsFolded(settings, history, heard(history)...)
	})
	w.configure(settings)
	w.verify()
}

// heard are the sessions something was heard of.
func heard(in []store.Input) []string {
	var all []string
	for _, i := range in {
		all = append(all, i.Session)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// analysts is the query of the original system, over a session's view.
func analysts(view string) string {
	return `SELECT latest.nomor_lead, latest.label_id FROM (
	  SELECT t.* FROM (
	    SELECT l.*, ROW_NUMBER() OVER (PARTITION BY nomor_lead, label_id ORDER BY timestamp_unix DESC) AS rn
	    FROM ` + quoted(view) + ` l
	  ) t
	  WHERE t.rn = 1 AND t.status = 'add_label'
	) latest ORDER BY nomor_lead, label_id`
}

// testAnalystsQuery: the query over a session's view gives what active_labels
// gives, but where two rows of a lead and label share a millisecond.
func testAnalystsQuery(w *world) {
	w.configure(store.Settings{})
	property(w, 10, func(w *world, t *rapid.T, sessions ...string) {
		history := DrawHistory(t, sessions...)
		for _, b := range Shuffle(t, history) {
			w.record(b...)
		}
		w.ensureViews()
		for _, session := range heard(history) {
			view := "labeling_" + session
			tied := map[string]bool{}
			for _, r := range w.Query(w.tb, "SELECT DISTINCT nomor_lead, label_id FROM "+quoted(view)+" GROUP BY nomor_lead, label_id, timestamp_unix HAVING COUNT(*) > 1") {
				tied[strings.Join(r, " | ")] = true
			}
			untied := func(rows []string) (out []string) {
				for _, r := range rows {
					if !tied[r] {
						out = append(out, r)
					}
				}
				return out
			}
			w.same("active labels (-ours +query)",
				untied(w.rows("SELECT nomor_lead, label_id FROM active_labels WHERE session = ? ORDER BY nomor_lead, label_id", session)), untied(w.rows(analysts(view))))
		}
	})
}
