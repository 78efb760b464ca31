package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"tandai/internal/waha"
)

// scriptHook is a destination that a script opened.
type scriptHook struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []string // bodies it answered 2xx to
	signed int      // of them, with the key of the script
	asked  int
}

type hookKey struct{ name string }

func (h *scriptHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a body cut off is seen as another body
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	w.WriteHeader(h.status)
	if h.status < 200 || h.status >= 300 {
		_, _ = io.WriteString(w, "no workflow is active")
		return
	}
	h.got = append(h.got, string(body))
	if (waha.Keys{[]byte("n8n-key")}).Verify(body, r.Header) == nil {
		h.signed++
	}
}

var hooks sync.Map // hookKey by script → *scriptHook

// cmdHook opens a destination that answers with a status, or lets an open one
// answer another. The variable NAME is its address.
func cmdHook(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "hook NAME STATUS")
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	key := hookKey{ts.Getenv("WORK") + args[0]}
	if open, ok := hooks.Load(key); ok {
		h := open.(*scriptHook)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.status = status
		return
	}
	h := &scriptHook{status: status}
	h.Server = httptest.NewServer(h)
	ts.Defer(func() { hooks.Delete(key); h.CloseClientConnections(); h.Close() })
	hooks.Store(key, h)
	ts.Setenv(args[0], h.URL)
}

// cmdHooked waits until a destination was asked so often, and has taken what of
// it; it prints the bodies it took.
func cmdHooked(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "hooked NAME ASKED TAKEN")
	open, ok := hooks.Load(hookKey{ts.Getenv("WORK") + args[0]})
	if !ok {
		ts.Fatalf("no hook %s", args[0])
	}
	h := open.(*scriptHook)
	state := func() string {
		h.mu.Lock()
		defer h.mu.Unlock()
		return strconv.Itoa(h.asked) + " " + strconv.Itoa(len(h.got))
	}
	wait(ts, "for "+args[1]+" requests, "+args[2]+" taken", state, func() bool { return state() == args[1]+" "+args[2] })
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, body := range h.got {
		_, err := io.WriteString(ts.Stdout(), body+"\n")
		ts.Check(err)
	}
	if h.signed != len(h.got) {
		ts.Fatalf("%d of %d bodies are signed with its key", h.signed, len(h.got))
	}
}
