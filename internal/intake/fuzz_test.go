package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// FuzzDoor: whatever comes, there is one answer, and it is 200 exactly when the
// inbox has it.
func FuzzDoor(f *testing.F) {
	f.Add("POST", "/webhooks/waha", []byte(`{"id":"evt_1","timestamp":1,"event":"message","session":"a","payload":{}}`), true, false)
	f.Add("POST", "//webhooks/waha/x", []byte(`{}`), true, false)
	f.Add("GET", "/webhooks/../webhooks", []byte{0xff, 0}, false, true)
	f.Add("POST", "/webhooks/waha", []byte(strings.Repeat("[", 5000)), true, false)
	f.Add("POST", "/webhooks/waha", bytes.Repeat([]byte("x"), 20_000), true, true)
	f.Fuzz(func(t *testing.T, method, path string, body []byte, signed, fails bool) {
		var got *inbox.Item
		d, err := New(Config{MaxBody: 16 << 10, Servers: []Server{{Keys: waha.Keys{[]byte(sampleKey)}}, {Name: "x"}},
			Log: slog.New(slog.DiscardHandler), Inbox: stub(func(it inbox.Item) (bool, error) {
				if fails {
					return false, errors.New("no")
				}
				got = &it
				got.Body = bytes.Clone(it.Body)
				return false, nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		req := &http.Request{Method: method, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1}
		req.URL = httptest.NewRequest("GET", "/", nil).URL
		req.URL.Path = path
		if signed {
			req.Header = sign(body)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, req)
		var a Answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || strings.Count(w.Body.String(), "\n") != 1 {
			t.Fatalf("answer %q: %v", w.Body, err)
		}
		if (w.Code == 200) != (got != nil) || w.Code >= 300 && w.Code < 400 || w.Code == 200 && a.EventID != label.Key(got.Key).ID() {
			t.Fatalf("%d %+v for %+v", w.Code, a, got)
		}
		if got == nil {
			return
		}
		if method != "POST" || len(body) > 16<<10 || got.Server == "" && !signed {
			t.Fatalf("%s of %d bytes, signed %v, was stored", method, len(body), signed)
		}
		if (got.Quarantine != "") != (a.Result == "quarantined") {
			t.Fatalf("%+v for quarantine %q", a, got.Quarantine)
		}
		// A retry is the same bytes: it must be the same item in every part.
		again := ItemOf(got.Server, waha.Keep(body), body)
		if again.Key != got.Key || again.Near != got.Near {
			t.Fatal("the retry is another event")
		}
	})
}
