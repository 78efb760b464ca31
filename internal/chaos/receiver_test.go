package chaos

import (
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/waha"
)

// receiver is a destination behind Tandai.
type receiver struct {
	name, key, url string
	hangs          chan struct{} // closed when it need not hang any more
	fails          float64       // share of requests it answers 500
	down           atomic.Bool   // it takes no connection

	mu      sync.Mutex
	rng     *rand.Rand
	got     map[string][]time.Time // by event id, of what it answered 200
	bodies  map[string]string      // the first body of each
	ids     map[string]string      // its request id
	strange []string
	asked   int
}

// newReceiver opens a destination; hang never answers until the test ends.
func newReceiver(t testing.TB, name string, fails float64, hang bool) *receiver {
	t.Helper()
	r := &receiver{
		name: name, key: "key of " + name, fails: fails, hangs: make(chan struct{}), rng: rand.New(rand.NewPCG(1, 1)),
		got: map[string][]time.Time{}, bodies: map[string]string{}, ids: map[string]string{},
	}
	if !hang {
		close(r.hangs)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = "http://" + l.Addr().String() + "/webhook/3f0c/waha"
	server := &http.Server{Handler: r}
	go func() { _ = server.Serve(cut{l, r}) }() // it ends when the test does
	t.Cleanup(func() {
		if hang {
			close(r.hangs)
		}
		server.Close()
	})
	return r
}

// cut is a listener that resets what it accepts while its receiver is down.
type cut struct {
	net.Listener
	r *receiver
}

func (c cut) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil || !c.r.down.Load() {
			return conn, err
		}
		conn.Close()
	}
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	select {
	case <-r.hangs:
	case <-req.Context().Done():
		return
	}
	if r.down.Load() {
		panic(http.ErrAbortHandler)
	}
	id := req.Header.Get("X-Tandai-Event-Id")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if err := (waha.Keys{[]byte(r.key)}).Verify(body, req.Header); err != nil {
		r.odd("%s: %v", id, err)
	}
	if first, ok := r.bodies[id]; ok && first != string(body) {
		r.odd("%s came with two bodies", id)
	}
	if first, ok := r.ids[id]; ok && first != req.Header.Get(waha.HeaderRequestID) {
		r.odd("%s came with two request ids", id)
	}
	if req.Header.Get("Content-Type") != "application/json" || req.Header.Get(waha.HeaderTimestamp) == "" {
		r.odd("%s came with the headers %v", id, req.Header)
	}
	r.bodies[id], r.ids[id] = string(body), req.Header.Get(waha.HeaderRequestID)
	if r.rng.Float64() < r.fails {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.got[id] = append(r.got[id], time.Now())
}

func (r *receiver) odd(format string, args ...any) {
	if len(r.strange) < 10 {
		r.strange = append(r.strange, r.name+": "+fmt.Sprintf(format, args...))
	}
}

// has is how many events it has.
func (r *receiver) has() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

func (r *receiver) yaml() string {
	return fmt.Sprintf("    - {name: %s, url: %q, key: %q, header: true}\n", r.name, r.url, r.key)
}

// relayable are the bodies of an inbox that must be relayed, by event id.
func relayable(t testing.TB, file string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT key, event, body FROM bodies`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var key, body []byte
		var event string
		if err := rows.Scan(&key, &event, &body); err != nil {
			t.Fatal(err)
		}
		whole := waha.Keep(body).Problem == ""
		if whole && slices.Contains([]string{"label.chat.added", "label.chat.deleted", "label.upsert", "label.deleted", "session.status"}, event) {
			all[label.Key(key).ID()] = string(body)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// complete fails the test for what a receiver lacks, was not meant to get, or got
// with another body. waiting are the events that wait for it in the outbox.
func (r *receiver) complete(t testing.TB, want map[string]string, waiting map[string]bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var missing, extra, wrong []string
	for id, body := range want {
		switch {
		case len(r.got[id]) == 0 && !waiting[id]:
			missing = append(missing, id+": "+body)
		case len(r.got[id]) > 0 && r.bodies[id] != body:
			wrong = append(wrong, id+": "+r.bodies[id])
		}
	}
	twice := 0
	for id, times := range r.got {
		if _, ok := want[id]; !ok {
			extra = append(extra, id+": "+r.bodies[id])
		}
		if len(times) > 1 {
			twice++
		}
	}
	report(t, r.name+" lacks", missing)
	report(t, r.name+" was not meant to get", extra)
	report(t, r.name+" got with another body", wrong)
	for _, s := range r.strange {
		t.Error(s)
	}
	t.Logf("%s: %d of %d events, %d of them more than once, %d wait; asked %d times", r.name, len(r.got), len(want), twice, len(waiting), r.asked)
}
