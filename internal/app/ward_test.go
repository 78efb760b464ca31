package app

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// ward is a Tandai at work with one WAHA that falls ill: WAHA posts to Tandai's
// door, and Tandai asks WAHA's REST interface.
type ward struct {
	t     *testing.T
	cfg   *config.Config // as an operator's commands have it: with the door's address
	r     *running
	sim   *wahasim.Server
	node  *wahasim.Node
	phone *wahasim.Phone
	waha  string // address of REST

	starts atomic.Int32 // how often WAHA was asked since when it runs

	draw *rand.Rand
	last int64 // newest time given to a change
}

const wardKey = "hook-s3cret"

// wardOptions are what cases need beside an engine.
type wardOptions struct {
	engine   wahasim.Engine
	yaml     string               // more settings
	change   func(*config.Config) // beyond what may be configured
	look     time.Duration        // of the radar; 0 = its own
	started  time.Duration        // how long WAHA has run when Tandai starts
	prepared func(*ward)          // before Tandai starts; its database is there
}

func newWard(t *testing.T, o wardOptions) *ward {
	t.Helper()
	w := &ward{t: t, draw: rand.New(rand.NewPCG(7, 7))}
	w.sim = wahasim.New(wahasim.Config{Seed: 7})
	var err error
	w.phone, err = w.sim.AddPhone(wahasim.PhoneConfig{Session: "cs1", Engine: o.engine, Number: "6281199900001"})
	must(t, err)
	w.node = wahasim.NewNode(w.sim, wahasim.NodeConfig{Seed: 7, Keys: []wahasim.Key{{Key: "waha-api-key"}}, Now: func() time.Time {
		if w.node == nil { // NewNode asks when the process began
			return time.Now().Add(-o.started)
		}
		return time.Now()
	}})
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		w.node.ServeHTTP(rw, req)
		if req.URL.Path == "/api/server/status" {
			w.starts.Add(1)
		}
	}))
	t.Cleanup(func() { w.node.Close(); web.CloseClientConnections(); web.Close() })
	w.waha = web.URL
	w.cfg = configured(t, fmt.Sprintf("waha: {url: %q, api_key: waha-api-key, hmac_key: %s}\nreconcile: {confirm_after: 150ms}\n%s", web.URL, wardKey, o.yaml))
	if o.change != nil {
		o.change(w.cfg)
	}
	if o.prepared != nil {
		o.prepared(w)
	}
	w.r = serveAs(t, w.cfg, Options{Version: "test", radarEvery: o.look})
	own := *w.cfg
	own.Addr, own.WAHA.WebhookURL = strings.TrimPrefix(w.r.base, "http://"), w.r.base
	w.cfg = &own
	must(t, w.node.Configure("cs1", w.hook(w.r.base+"/webhooks/waha")))
	w.r.until("the database is up", func(_ int, s readiness) bool { return s.Database == "up" })
	return w
}

// hook is the configuration of a session that `tandai waha connect` leaves behind,
// but that it tries again sooner.
func (w *ward) hook(url string) string {
	return fmt.Sprintf(`{"noweb":{"store":{"enabled":true}},"webhooks":[{"url":%q,"hmac":{"key":%q},"retries":{"policy":"constant","delaySeconds":1,"attempts":4000},`+
		`"events":["label.upsert","label.deleted","label.chat.added","label.chat.deleted","session.status"]}]}`, url, wardKey)
}

// brk switches a fault on.
func (w *ward) brk(troubles ...wahasim.Trouble) {
	w.t.Helper()
	for _, t := range troubles {
		must(w.t, w.node.Break(t))
	}
}

// at is a time for one change: no two share a millisecond, and none is ahead of
// the clock.
func (w *ward) at() int64 {
	for {
		if now := time.Now().UnixMilli(); now > w.last {
			w.last = now
			return now
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// labels gives the phone its labels.
func (w *ward) labels() {
	for i, name := range []string{"Grade A", "Grade B", "Won"} {
		w.node.Emit(w.phone.Upsert(w.at(), wahasim.Label{ID: strconv.Itoa(i + 1), Name: name, Color: i}))
	}
}

// people of the story; every third writes by hidden id.
const people = 24

func somebody(n int) wahasim.Lead {
	return wahasim.Lead{Phone: fmt.Sprintf("62812999%05d", n), LID: fmt.Sprintf("2010000%08d", n), Hidden: n%3 == 0}
}

// work puts labels on people, and takes some off, n times.
func (w *ward) work(n int) {
	for range n {
		who, id := somebody(w.draw.IntN(people)), strconv.Itoa(1+w.draw.IntN(3))
		if w.draw.IntN(3) == 0 {
			w.node.Emit(w.phone.Unlabel(w.at(), who, id))
		} else {
			w.node.Emit(w.phone.Label(w.at(), who, id))
		}
	}
}

// day is a phone with its labels and some work that Tandai has recorded.
func (w *ward) day() {
	w.t.Helper()
	w.labels()
	w.work(60)
	w.arrived()
	w.healthy("before anything is wrong")
}

// arrived waits until no webhook is under way and all is recorded.
func (w *ward) arrived() {
	w.t.Helper()
	w.node.Wait()
	w.r.drained()
}

// reconcile runs the command: both reads.
func (w *ward) reconcile() Reconciled {
	w.t.Helper()
	rc, err := OpenReconcile(w.t.Context(), w.cfg, ReconcileOptions{ConfirmAfter: 150 * time.Millisecond}, quiet)
	must(w.t, err)
	defer rc.Close()
	done, err := rc.Run(w.t.Context(), nil, nil)
	must(w.t, err)
	return done
}

// known are who has which label in the log, whether they are known by phone yet or not.
func (w *ward) known() (got []string) {
	w.t.Helper()
	for _, a := range activeLabels(w.t, w.cfg, nil) {
		if hidden, ok := strings.CutSuffix(a.Lead, "@lid"); ok {
			a.Lead = "62812999" + hidden[len(hidden)-5:]
		}
		got = append(got, a.Lead+" "+a.LabelID)
	}
	slices.Sort(got)
	return got
}

// shown are who has which label: on the phone, and in the log.
func (w *ward) shown() (want, got []string) {
	w.t.Helper()
	for _, a := range w.sim.Shown() {
		want = append(want, a.Lead+" "+a.LabelID)
	}
	for _, a := range activeLabels(w.t, w.cfg, nil) {
		got = append(got, a.Lead+" "+a.LabelID)
	}
	slices.Sort(want)
	slices.Sort(got)
	return want, got
}

// healthy waits until the active labels are exactly what the phone shows.
func (w *ward) healthy(when string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(25 * time.Millisecond) {
		want, got := w.shown()
		if len(want) > 0 && slices.Equal(want, got) {
			return
		}
		if time.Now().After(deadline) {
			missing := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return slices.Contains(got, s) })
			extra := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return slices.Contains(want, s) })
			w.t.Fatalf("%s: of %d labels %d are missing: %v; there beside: %v\n%s", when, len(want), len(missing), missing, extra, w.r.log)
		}
	}
}

// repaired makes the two reconciliations after which the truth is there.
func (w *ward) repaired(when string) {
	w.t.Helper()
	w.arrived()
	w.reconcile()
	if done := w.reconcile(); !done.Done() {
		w.t.Errorf("%s: the second reconciliation leaves %+v", when, done)
	}
	w.healthy(when)
}

// doctor is what doctor says that is not well.
func (w *ward) doctor() string {
	w.t.Helper()
	var all []string
	for _, f := range Examine(w.t.Context(), w.cfg, DoctorOptions{}) {
		if f.Verdict == Failed || f.Verdict == Warning {
			all = append(all, string(f.Verdict)+": "+f.Saw)
		}
	}
	return strings.Join(all, "\n")
}

// says fails the test where doctor does not say all of it.
func (w *ward) says(want ...string) {
	w.t.Helper()
	said := w.doctor()
	for _, text := range want {
		if !strings.Contains(said, text) {
			w.t.Errorf("doctor does not say %q but\n%s", text, said)
		}
	}
}

// metric is one number of /metrics; labels as they stand there.
func (w *ward) metric(name string) float64 {
	w.t.Helper()
	_, page := w.r.get("/metrics")
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			must(w.t, err)
			return v
		}
	}
	return 0
}

// await polls until something is so.
func (w *ward) await(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s\n%s", what, w.r.log)
		}
	}
}

// rows are how many rows the log has, of one source or all.
func (w *ward) rows(sources ...string) (n int) {
	w.t.Helper()
	must(w.t, w.r.server.store.Export(w.t.Context(), store.ExportFilter{}, func(r store.LogRow) error {
		if len(sources) == 0 || slices.Contains(sources, string(r.Source)) {
			n++
		}
		return nil
	}))
	return n
}

// restart has WAHA restart the session, as its dashboard does.
func (w *ward) restart() {
	w.t.Helper()
	if code := w.ask(http.MethodPost, "/api/sessions/cs1/restart", ""); code != http.StatusCreated {
		w.t.Fatalf("restart: %d", code)
	}
}

// ask is a call of somebody else to WAHA.
func (w *ward) ask(method, path, body string) int {
	w.t.Helper()
	req, err := http.NewRequest(method, w.waha+path, strings.NewReader(body))
	must(w.t, err)
	req.Header.Set("X-Api-Key", "waha-api-key")
	req.Header.Set("Content-Type", "application/json")
	code, _ := w.r.do(req)
	return code
}
