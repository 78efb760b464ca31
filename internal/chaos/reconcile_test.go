package chaos

import (
	"strings"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/mariadbtest"
	"tandai/internal/waha/wahasim"
)

// onBoth runs a story on both databases at once.
func onBoth(t *testing.T, run func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, "") })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); run(t, mariadbtest.DSN(t)) })
}

// TestReconcile loses a third of the webhooks, doubles and disorders the rest,
// restarts both sides, and lets NOWEB show old labels (WAHA #1577) until before
// the second reconciliation. After that, Tandai shows what the phones do.
func TestReconcile(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		rng, _ := seeded(t)
		a := newAgency(t, rng, []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB, wahasim.WEBJS}, []wahasim.Engine{wahasim.WPP})
		n := newNode(t, setup{database: dsn, more: a.config("reconcile: {confirm_after: 1s}\n")})
		a.trouble(t, wahasim.Trouble{Fault: wahasim.Lost, Share: 0.3}, wahasim.Trouble{Fault: wahasim.Doubled, Share: 0.1}, wahasim.Trouble{Fault: wahasim.Reordered, Share: 0.5})
		p := n.serve(t)
		a.serve.Store(p)
		p.drained()
		a.work(150)
		if err := a.wahas[0].node.Break(wahasim.Trouble{Fault: wahasim.Stale, Session: "cs2"}); err != nil {
			t.Fatal(err)
		}
		a.work(100)
		a.serve.Store(nil)
		p.kill()
		a.work(50)
		p = n.serve(t)
		a.serve.Store(p)
		a.work(100)
		a.tie(t)
		reconcile(t, n, "reconcile", "--confirm-after", "1s") // it may leave what changed between its reads

		a.wahas[0].node.RestartProcess()
		a.work(100)
		a.serve.Store(nil)
		p.kill()
		a.work(50)
		p = n.serve(t)
		a.serve.Store(p)
		a.wait()
		p.drained()
		a.mend(wahasim.Stale)
		a.tie(t)
		if r := reconcile(t, n, "reconcile", "--confirm-after", "1s"); r.code != 0 {
			t.Errorf("the second reconciliation: exit %d\n%s%s", r.code, r.out, r.errors)
		}
		h := database(t, n, dsn)
		a.agree(t, h)
		p.stop()
		n.verify(t)
		if rows := h.Query(t, "SELECT count(*) FROM label_events WHERE source = 'snapshot' AND (nomor_cs = '' OR label_name = '')"); rows[0][0] != "0" {
			t.Errorf("%s rows lack the CS number or the label's name", rows[0][0])
		}
		if rows := h.Query(t, "SELECT count(*) FROM label_events WHERE source = 'snapshot' AND (not_before >= timestamp_unix OR (not_before IS NULL) <> (start_unknown = 1 AND status = 'add_label'))"); rows[0][0] != "0" {
			t.Errorf("%s rows have no sensible not_before", rows[0][0])
		}
	})
}

func reconcile(t *testing.T, n *node, args ...string) result {
	t.Helper()
	r := n.run(t, args...)
	t.Logf("tandai %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.errors)
	if r.code > 1 {
		t.Errorf("exit %d", r.code)
	}
	return r
}

// TestReconcileAlone has nobody serving: what waits in the inbox is recorded by
// the command itself, before it compares.
func TestReconcileAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		rng, _ := seeded(t)
		a := newAgency(t, rng, []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB})
		away := a.config("") + "pipeline: {batch: 1}\n"
		n := newNode(t, setup{database: dsn, more: away})
		p := n.serve(t)
		a.serve.Store(p)
		p.drained()
		a.work(300)
		a.tie(t)
		a.serve.Store(nil)
		p.kill() // with a batch of one, some wait
		before := len(readInbox(t, n.inboxFile()))
		if r := reconcile(t, n, "reconcile", "--confirm-after", "500ms", "--json"); r.code != 0 {
			t.Errorf("exit %d", r.code)
		}
		var waiting []string
		for id, k := range readInbox(t, n.inboxFile()) {
			if k.state == inbox.Waiting {
				waiting = append(waiting, id)
			}
		}
		report(t, "still waiting", waiting)
		h := database(t, n, dsn)
		a.agree(t, h)
		// What had been acknowledged came by webhook, though nobody recorded it at first.
		if rows := h.Query(t, "SELECT count(*) FROM label_events WHERE source = 'webhook'"); rows[0][0] == "0" || before == 0 {
			t.Errorf("%s rows by webhook of %d bodies", rows[0][0], before)
		}
		if r := reconcile(t, n, "reconcile", "--confirm-after", "500ms"); r.code != 0 || !strings.Contains(r.out, "all agree: 0 repaired") {
			t.Errorf("again: exit %d", r.code)
		}
		n.verify(t)
	})
}

// TestReconcileKilled kills the command at random moments, some of them between
// noting and confirming and some while it records, and lets others run beside it.
func TestReconcileKilled(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		rng, _ := seeded(t)
		a := newAgency(t, rng, []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB})
		n := newNode(t, setup{database: dsn, more: a.config("reconcile: {enabled: false}\n")})
		a.trouble(t, wahasim.Trouble{Fault: wahasim.Lost})
		if r := n.run(t, "migrate"); r.code != 0 { // who is killed at that holds its lease for a while
			t.Fatalf("migrate: exit %d\n%s", r.code, r.errors)
		}
		a.work(400)
		a.tie(t)
		for range 8 {
			cmd := n.command("reconcile", "--confirm-after", "100ms")
			if err := start(cmd, 0); err != nil {
				t.Fatal(err)
			}
			time.Sleep(upTo(rng, 900*time.Millisecond))
			_ = cmd.Process.Kill() // it may be done already
			_ = cmd.Wait()
		}
		done := make(chan result, 2)
		for range cap(done) {
			go func() { done <- n.run(t, "reconcile", "--confirm-after", "500ms") }()
		}
		for range cap(done) {
			if r := <-done; r.code != 0 {
				t.Errorf("exit %d\n%s%s", r.code, r.out, r.errors)
			}
		}
		h := database(t, n, dsn)
		a.agree(t, h)
		n.verify(t)
		twice := h.Query(t, "SELECT session, nomor_lead, label_id, status, count(*) FROM label_events WHERE source = 'snapshot' GROUP BY session, nomor_lead, label_id, status HAVING count(*) > 1")
		if len(twice) > 0 {
			t.Errorf("%d changes were recorded twice, first of all %v", len(twice), twice[0])
		}
		if left := h.Query(t, "SELECT count(*) FROM reconcile_differences"); left[0][0] != "0" {
			t.Errorf("%s differences are still noted", left[0][0])
		}
	})
}

// TestReconcileLies lets WAHA show wrong labels in one read, the first or the
// second of a run (WAHA #1577, #1699): nothing changes.
func TestReconcileLies(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		rng, _ := seeded(t)
		a := newAgency(t, rng, []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB})
		n := newNode(t, setup{database: dsn, more: a.config("reconcile: {enabled: false}\n")})
		p := n.serve(t)
		a.serve.Store(p)
		a.work(200)
		a.tie(t)
		a.wait()
		p.drained()
		h := database(t, n, dsn)
		if r := reconcile(t, n, "reconcile", "--confirm-after", "300ms"); r.code != 0 {
			t.Fatalf("exit %d", r.code)
		}
		a.agree(t, h)
		rows := h.Query(t, "SELECT count(*) FROM label_events")[0][0]
		a.trouble(t, wahasim.Trouble{Fault: wahasim.LiesOnce, Share: 0.5})
		if r := reconcile(t, n, "reconcile", "--confirm-after", "300ms"); r.code != 0 {
			t.Errorf("a lie in the first read: exit %d", r.code)
		}
		// A real difference makes a second read happen, and that one lies.
		a.trouble(t, wahasim.Trouble{Fault: wahasim.Lost})
		w := a.wahas[0]
		lead := wahasim.Lead{Phone: "6281299999999"}
		w.node.Emit(w.phones[0].Label(now(), lead, "1"))
		cmd := make(chan result, 1)
		go func() { cmd <- n.run(t, "reconcile", "--confirm-after", "3s", "--session", "cs1") }()
		time.Sleep(1500 * time.Millisecond) // after the first read, on most machines; else it is the first that lies
		a.trouble(t, wahasim.Trouble{Fault: wahasim.LiesOnce, Share: 0.5})
		<-cmd
		a.mend(wahasim.LiesOnce)
		if got := h.Query(t, "SELECT count(*) FROM label_events WHERE nomor_lead <> '6281299999999'")[0][0]; got != rows {
			t.Errorf("%s rows, want the %s there were", got, rows)
		}
		if r := reconcile(t, n, "reconcile", "--confirm-after", "300ms"); r.code != 0 {
			t.Errorf("the truth again: exit %d", r.code)
		}
		a.agree(t, h)
		p.stop()
	})
}
