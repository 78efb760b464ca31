package demo

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/waha/wahasim"
)

func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgency(t, Config{Seed: 1, Days: 20, Leads: 400, End: time.Now()})
		var all []body
		for ev := range a.History {
			all = append(all, read(t, ev))
		}
		const played = 20 * time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), played)
		defer cancel()
		ids := map[string]wahasim.Event{}
		n, twice, shared, last := 0, 0, 0, int64(0)
		kinds := map[string]int{}
		err := a.Live(ctx, LiveConfig{Send: func(_ context.Context, ev wahasim.Event) {
			n++
			if d := time.Now().UnixMilli() - ev.At; d > 0 || d < -50 {
				t.Errorf("an event is stamped %d ms ago", d)
			}
			if ev.At == last {
				shared++
			}
			last = ev.At
			if old, ok := ids[ev.ID]; ok {
				twice++
				if string(old.Body) != string(ev.Body) || old.Hook == ev.Hook {
					t.Errorf("%s came by %q and by %q, the same: %v", ev.ID, old.Hook, ev.Hook, string(old.Body) == string(ev.Body))
				}
				return
			}
			ids[ev.ID] = ev
			kinds[ev.Name]++
			all = append(all, read(t, ev))
		}})
		if err != nil {
			t.Fatal(err)
		}
		if rate := float64(n) / played.Seconds(); rate < 1.6 || rate > 2.4 {
			t.Errorf("%.2f events per second, want about 2", rate)
		}
		if twice < n/400 || shared < n/10 {
			t.Errorf("of %d events %d came twice and %d shared a millisecond", n, twice, shared)
		}
		for _, kind := range []string{"label.chat.added", "label.chat.deleted", "message.any", "session.status"} {
			if kinds[kind] == 0 {
				t.Errorf("no %s", kind)
			}
		}
		if diff := cmp.Diff(replay(all, ignored(a)), known(t, a.Truth(), all)); diff != "" {
			t.Errorf("(-replay +truth):\n%s", diff)
		}
	})
}

// TestLive_ByTheSender lets a real sender bring the events to a receiver that
// refuses every third attempt.
func TestLive_ByTheSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgency(t, Config{Seed: 2, Days: 5, Leads: 100, End: time.Now().Add(-6 * time.Hour)})
		var mu sync.Mutex
		got, attempts := map[string]bool{}, 0
		door := func(req *http.Request) (*http.Response, error) {
			raw, _ := io.ReadAll(req.Body)
			mu.Lock()
			defer mu.Unlock()
			attempts++
			res := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}
			if attempts%3 == 0 {
				res.StatusCode = 503
			} else {
				got[string(raw)] = true
			}
			return res, nil
		}
		s, err := wahasim.NewSender(wahasim.SenderConfig{URL: "http://tandai.example/webhooks/waha", HMACKey: "key", Transport: roundTrip(door)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if err := a.Live(ctx, LiveConfig{Send: func(_ context.Context, ev wahasim.Event) { s.Send(t.Context(), ev) }, Rate: 10}); err != nil {
			t.Fatal(err)
		}
		s.Wait()
		st := s.Stats()
		if st.Acknowledged != st.Events || st.Events < 2000 || st.Attempts <= st.Events || len(got) > st.Events {
			t.Errorf("%+v, %d bodies arrived", st, len(got))
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestLive_PassesOverUnreadHistory: what was not read is done all the same.
func TestLive_PassesOverUnreadHistory(t *testing.T) {
	cfg := Config{Seed: 4, Days: 5, Leads: 200}
	a, b := newAgency(t, cfg), newAgency(t, cfg)
	n := 0
	for range a.History {
		if n++; n == 300 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Live(ctx, LiveConfig{Send: func(context.Context, wahasim.Event) { t.Error("sent after the end") }}); err != nil {
		t.Fatal(err)
	}
	for range b.History {
	}
	if diff := cmp.Diff(b.Truth(), a.Truth()); diff != "" {
		t.Error(diff)
	}
	if len(a.Truth()) == 0 || newAgency(t, cfg).Truth() != nil {
		t.Error("truth is empty after a history, or not empty before")
	}
}

func TestLive_Refusals(t *testing.T) {
	a := newAgency(t, Config{Days: 1, Leads: 1})
	if a.Live(t.Context(), LiveConfig{}) == nil {
		t.Error("no Send was taken")
	}
	if a.Live(t.Context(), LiveConfig{Send: func(context.Context, wahasim.Event) {}, Rate: -1}) == nil {
		t.Error("a negative rate was taken")
	}
}
