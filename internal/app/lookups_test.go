package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// lookupWorld is a Tandai at work that its WAHA sends to, and that asks its WAHA.
// Reconciliation is off: what is found is found by looking up.
func lookupWorld(t *testing.T, engine wahasim.Engine) (*running, *wahasim.Node, *wahasim.Phone) {
	t.Helper()
	srv := wahasim.New(wahasim.Config{Seed: 1})
	phone, err := srv.AddPhone(wahasim.PhoneConfig{Session: "cs1", Engine: engine, Number: "6281199900001"})
	must(t, err)
	node := wahasim.NewNode(srv, wahasim.NodeConfig{Seed: 1})
	t.Cleanup(node.Close)
	web := httptest.NewServer(node)
	t.Cleanup(web.Close)
	r := serve(t, configured(t, fmt.Sprintf("waha: {url: %q}\nreconcile: {enabled: false, confirm_after: 100ms}\n", web.URL)))
	must(t, node.Configure("cs1", fmt.Sprintf(`{"webhooks":[{"url":"%s/webhooks/waha","events":["*"]}]}`, r.base)))
	return r, node, phone
}

// untilLog polls until the log is as wanted.
func (r *running) untilLog(what string, ok func([]store.LogRow) bool) {
	r.t.Helper()
	var rows []store.LogRow
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		rows = nil
		err := r.server.store.Export(r.t.Context(), store.ExportFilter{}, func(row store.LogRow) error { rows = append(rows, row); return nil })
		if err == nil && ok(rows) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s: %v, %+v\n%s", what, err, rows, r.log)
		}
	}
}

func all(rows []store.LogRow, n int, ok func(store.LogRow) bool) bool {
	for _, row := range rows {
		if !ok(row) {
			return false
		}
	}
	return len(rows) == n
}

// GOWS sends neither names nor phones. Both are looked up, though WAHA refuses the
// key at first, lists no labels then (WAHA #2113), and does not know whose some of
// the hidden ids are (#1712).
func TestLookups_whileServing(t *testing.T) {
	r, node, phone := lookupWorld(t, wahasim.GOWS)
	must(t, node.Break(wahasim.Trouble{Fault: wahasim.Unauthorized}))
	phone.Upsert(time.Now().UnixMilli(), wahasim.Label{ID: "4", Name: "Grade A", Color: 3}) // never sent
	const people = 70                                                                       // more than are asked for one by one
	lead := func(n int) wahasim.Lead {
		return wahasim.Lead{Phone: fmt.Sprintf("62812999%05d", n), LID: fmt.Sprintf("2010000%08d", n), Hidden: true}
	}
	for n := range people {
		node.Emit(phone.Label(time.Now().UnixMilli(), lead(n), "4"))
	}
	r.untilLog("recorded without names and phones", func(rows []store.LogRow) bool {
		return all(rows, people, func(row store.LogRow) bool { return row.LabelName == "" && strings.HasSuffix(row.Lead, "@lid") })
	})
	for deadline := time.Now().Add(patience); !strings.Contains(r.log.String(), "look-ups do not work"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it was not refused:\n%s", r.log)
		}
	}
	must(t, node.Break(wahasim.Trouble{Fault: wahasim.NoLabels}))
	must(t, node.Break(wahasim.Trouble{Fault: wahasim.LidsNull, Share: 0.2}))
	node.Mend(wahasim.Unauthorized)
	node.Emit(phone.Status(time.Now().UnixMilli(), wahasim.StatusWorking, "")) // the next try would be later
	r.untilLog("phones, and no names", func(rows []store.LogRow) bool {
		known := 0
		for _, row := range rows {
			if !strings.HasSuffix(row.Lead, "@lid") {
				known++
			}
		}
		return known > 0 && all(rows, people, func(row store.LogRow) bool { return row.LabelName == "" })
	})
	node.Mend(wahasim.NoLabels)
	node.Emit(phone.Status(time.Now().UnixMilli(), wahasim.StatusWorking, ""))
	hidden := 0
	r.untilLog("names, and phones as far as WAHA knows them", func(rows []store.LogRow) bool {
		hidden = 0
		for _, row := range rows {
			if strings.HasSuffix(row.Lead, "@lid") {
				hidden++
			}
		}
		return hidden < people && all(rows, people, func(row store.LogRow) bool { return row.LabelName == "Grade A" })
	})
	counts, err := r.server.store.PeopleCounts(t.Context())
	must(t, err)
	if hidden == 0 || len(counts) != 1 || counts[0].Unresolved != hidden {
		t.Errorf("%d are hidden, the list has %+v", hidden, counts)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // who is asked about once is not forgotten
		waiting, err := r.server.store.Unresolved(t.Context(), people)
		must(t, err)
		asked := 0
		for _, l := range waiting {
			if l.Asked > 0 && l.NextAt > time.Now().UnixMilli() {
				asked++
			}
		}
		if asked == hidden {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not asked about: %+v\n%s", waiting, r.log)
		}
	}
	if n := strings.Count(r.log.String(), "look-ups do not work"); n != 1 {
		t.Errorf("the trouble was logged %d times:\n%s", n, r.log)
	}
	result, err := r.server.store.Rebuild(t.Context(), store.RebuildOptions{DryRun: true})
	if err != nil || result.Differences != 0 {
		t.Errorf("verify: %+v, %v", result, err)
	}
}

// A NOWEB session that is paired anew sends its whole history (WAHA #1826): what
// was not known before was there before.
func TestLookups_pairingStorm(t *testing.T) {
	r, node, phone := lookupWorld(t, wahasim.NOWEB)
	lead := func(n int) wahasim.Lead { return wahasim.Lead{Phone: fmt.Sprintf("62812999%05d", n)} }
	now := time.Now().UnixMilli()
	phone.Upsert(now-2, wahasim.Label{ID: "4", Name: "Grade A"})
	for n := range 20 {
		phone.Label(now-1, lead(n), "4") // before WAHA was there
	}
	must(t, node.Break(wahasim.Trouble{Fault: wahasim.PairingStorm}))
	r.untilLog("the burst, marked", func(rows []store.LogRow) bool {
		return all(rows, 20, func(row store.LogRow) bool { return row.StartUnknown && row.LabelName == "Grade A" })
	})
	node.Emit(phone.Label(time.Now().UnixMilli()+5*60_000, lead(99), "4")) // later
	r.untilLog("work goes on", func(rows []store.LogRow) bool { return len(rows) == 21 && !rows[20].StartUnknown })
	result, err := r.server.store.Rebuild(t.Context(), store.RebuildOptions{DryRun: true})
	if err != nil || result.Differences != 0 {
		t.Errorf("verify: %+v, %v", result, err)
	}
}
