package wahasim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// receiver answers attempts in turn, without a network, and notes when they came.
type receiver struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
	times   []time.Time
	seen    []string // method, headers and body of each
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.times)
	r.times = append(r.times, time.Now())
	r.seen = append(r.seen, fmt.Sprint(req.Method, " ", req.URL.Path, " ", req.Header, " ", string(body)))
	if n >= len(r.answers) {
		n = len(r.answers) - 1
	}
	return r.answers[n](req)
}

// waits are the seconds between attempts.
func (r *receiver) waits() (s []float64) {
	for i := 1; i < len(r.times); i++ {
		s = append(s, r.times[i].Sub(r.times[i-1]).Seconds())
	}
	return s
}

func answer(status int, header ...string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
	}
}

func refuse(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

func repeat(n int, f func(*http.Request) (*http.Response, error)) (all []func(*http.Request) (*http.Response, error)) {
	for range n {
		all = append(all, f)
	}
	return all
}

var anEvent = Event{ID: "evt_1", Name: "label.upsert", Session: "a", At: 1795399936044, Version: "2026.9.2", Body: []byte(`{"id":"evt_1"}`)}

func TestSender_RetrySchedule(t *testing.T) {
	later := func(s string) func(*http.Request) (*http.Response, error) { return answer(429, "Retry-After", s) }
	cases := map[string]struct {
		retries Retries
		answers []func(*http.Request) (*http.Response, error)
		least   []float64 // seconds between attempts
		jitter  float64   // share that may come on top
		want    Outcome
		status  int
	}{
		"default: 16 attempts, 2 s apart, then dropped": {Retries{}, repeat(1, answer(500)),
			[]float64{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, 0, Dropped, 500},
		"every refusal is retried": {Retries{Delay: time.Second}, []func(*http.Request) (*http.Response, error){
			answer(400), answer(401), answer(404), answer(413), answer(422), answer(429), answer(503), refuse, answer(301), answer(204)},
			[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, Acknowledged, 204},
		"linear":                  {Retries{Linear, time.Second, 3}, repeat(1, refuse), []float64{1, 2, 3}, 0, Dropped, 0},
		"exponential begins at 2": {Retries{Exponential, 2 * time.Second, 4}, repeat(1, answer(503)), []float64{4, 8, 16, 32}, 0.2, Dropped, 503},
		"no delay":                {Retries{Constant, -1, 2}, repeat(1, answer(503)), []float64{0, 0}, 0, Dropped, 503},
		"no attempts more":        {Retries{Attempts: -1}, repeat(1, answer(503)), nil, 0, Dropped, 503},
		"Retry-After is a floor":  {Retries{Constant, 2 * time.Second, 3}, []func(*http.Request) (*http.Response, error){later("4"), later("1"), later("nonsense"), answer(200)}, []float64{4, 2, 2}, 0, Acknowledged, 200},
		"Retry-After under no delay": {Retries{Constant, -1, 1}, []func(*http.Request) (*http.Response, error){later("3"), answer(200)},
			[]float64{3}, 0, Acknowledged, 200},
		"Retry-After as a date": {Retries{Linear, time.Second, 1}, []func(*http.Request) (*http.Response, error){
			func(req *http.Request) (*http.Response, error) {
				return answer(503, "Retry-After", time.Now().Add(10*time.Second).UTC().Format(http.TimeFormat))(req)
			}, answer(200)}, []float64{10}, 0, Acknowledged, 200},
		"exponential over Retry-After, jitter on top": {Retries{Exponential, time.Second, 1}, []func(*http.Request) (*http.Response, error){later("60"), answer(200)},
			[]float64{60}, 0.2, Acknowledged, 200},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{answers: c.answers}
				s, err := NewSender(SenderConfig{URL: "http://tandai.example/webhooks/waha", HMACKey: "k", Retries: c.retries, Transport: r})
				if err != nil {
					t.Fatal(err)
				}
				s.Send(t.Context(), anEvent)
				s.Wait()
				waits := r.waits()
				if len(waits) != len(c.least) {
					t.Fatalf("waited %v, want %v", waits, c.least)
				}
				for i, w := range waits {
					if w < c.least[i] || w > c.least[i]*(1+c.jitter) {
						t.Errorf("wait %d is %v s, want %v (+%v %%)", i+1, w, c.least[i], c.jitter*100)
					}
				}
				got := s.Sent()[0]
				if got.Outcome != c.want || got.Status != c.status || got.Attempts != len(c.least)+1 {
					t.Errorf("%s after %d attempts with status %d, want %s, %d, %d", got.Outcome, got.Attempts, got.Status, c.want, len(c.least)+1, c.status)
				}
				for i, seen := range r.seen {
					if seen != r.seen[0] {
						t.Errorf("attempt %d is not the first again:\n%s\n%s", i+1, seen, r.seen[0])
					}
				}
			})
		})
	}
}

func TestSender_JitterIsSeeded(t *testing.T) {
	run := func(seed uint64) (w []float64) {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answers: repeat(1, answer(500))}
			s, err := NewSender(SenderConfig{URL: "http://x/", Retries: Retries{Exponential, time.Second, 3}, Seed: seed, Transport: r})
			if err != nil {
				t.Fatal(err)
			}
			s.Send(t.Context(), anEvent)
			s.Wait()
			w = r.waits()
		})
		return w
	}
	a := run(1)
	if diff := cmp.Diff(a, run(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(a, run(2)) {
		t.Error("two seeds, one jitter")
	}
}

// TestSender_Headers sends every captured body and compares the request with the
// captured headers.
func TestSender_Headers(t *testing.T) {
	index, bodies := readIndex(t)
	var mu sync.Mutex
	got := map[string]http.Header{} // by request timestamp and event
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		mu.Lock()
		defer mu.Unlock()
		got[string(body)] = req.Header
	}))
	defer srv.Close()
	s, err := NewSender(SenderConfig{URL: srv.URL, HMACKey: index.Key, Headers: []Header{{"X-Token", "abc"}}, MaxInFlight: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, smp := range index.Samples {
		var at int64
		fmt.Sscan(smp.Headers["x-webhook-timestamp"], &at)
		s.Send(t.Context(), Event{ID: smp.ID, Name: smp.Event, At: at, Version: strings.TrimPrefix(smp.Headers["user-agent"], "WAHA/"), Body: bodies[smp.File]})
	}
	s.Wait()
	if st := s.Stats(); st.Acknowledged != 30 || st.Attempts != 30 || st.Pending != 0 {
		t.Fatalf("%+v", st)
	}
	ids := map[string]bool{}
	for _, smp := range index.Samples {
		h := got[string(bodies[smp.File])]
		for k, want := range smp.Headers {
			if k == "x-webhook-request-id" {
				if id := h.Get(k); len(id) != len(want) || ids[id] {
					t.Errorf("%s: request id %q", smp.File, id)
				}
				ids[h.Get(k)] = true
				continue
			}
			if h.Get(k) != want {
				t.Errorf("%s: %s is %q, want %q", smp.File, k, h.Get(k), want)
			}
		}
		if h.Get("X-Token") != "abc" || h.Get("Accept") != "application/json, text/plain, */*" {
			t.Errorf("%s: headers %v", smp.File, h)
		}
	}
}

func TestSender_Redirects(t *testing.T) {
	type request struct{ Method, Body, ContentType, Referer string }
	cases := map[string]struct {
		status   int
		location string
		want     Outcome
		last     request
	}{
		"301 becomes an empty GET, taken for success": {301, "/there", Redirected, request{"GET", "", "", ""}},
		"302":                      {302, "/there", Redirected, request{"GET", "", "", ""}},
		"303":                      {303, "/there", Redirected, request{"GET", "", "", ""}},
		"307 keeps the POST":       {307, "/there", Acknowledged, request{"POST", string(anEvent.Body), "application/json", ""}},
		"308 keeps the POST":       {308, "/there", Acknowledged, request{"POST", string(anEvent.Body), "application/json", ""}},
		"301 without Location":     {301, "", Dropped, request{"POST", string(anEvent.Body), "application/json", ""}},
		"a GET that is refused":    {302, "/refused", Dropped, request{"GET", "", "", ""}},
		"redirects without an end": {307, "/", Dropped, request{"POST", string(anEvent.Body), "application/json", ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var last request
			hops := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				hops++
				body, _ := io.ReadAll(req.Body)
				last = request{req.Method, string(body), req.Header.Get("Content-Type"), req.Header.Get("Referer")}
				switch req.URL.Path {
				case "/":
					if c.location != "" {
						w.Header().Set("Location", c.location)
					}
					w.WriteHeader(c.status)
				case "/refused":
					w.WriteHeader(405)
				}
			}))
			defer srv.Close()
			s, err := NewSender(SenderConfig{URL: srv.URL + "/", Retries: Retries{Attempts: -1}})
			if err != nil {
				t.Fatal(err)
			}
			s.Send(t.Context(), anEvent)
			s.Wait()
			if got := s.Sent()[0]; got.Outcome != c.want {
				t.Errorf("%+v, want %s", got, c.want)
			}
			if diff := cmp.Diff(c.last, last); diff != "" {
				t.Error(diff)
			}
			if c.location == "/" && hops != 22 {
				t.Errorf("%d requests, want the first and 21 redirects", hops)
			}
		})
	}
}

func TestSender_NotAwaitedAndBounded(t *testing.T) {
	for _, bound := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			now, most := 0, 0
			slow := func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(20 * time.Second) // no time-out cuts it off
				mu.Lock()
				now--
				mu.Unlock()
				return answer(200)(req)
			}
			s, err := NewSender(SenderConfig{URL: "http://x/", MaxInFlight: bound, Transport: roundTrip(slow)})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			for range 9 {
				s.Send(t.Context(), anEvent)
			}
			s.Send(t.Context(), Event{})
			waited := time.Since(start)
			s.Wait()
			wantMost, wantWait := 9, time.Duration(0)
			if bound > 0 {
				wantMost, wantWait = bound, 40*time.Second
			}
			if most != wantMost || waited != wantWait {
				t.Errorf("bound %d: %d at once, Send waited %v; want %d, %v", bound, most, waited, wantMost, wantWait)
			}
			if st := s.Stats(); st.Events != 9 || st.Acknowledged != 9 {
				t.Errorf("%+v", st)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestSender_StoppedKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		s, err := NewSender(SenderConfig{URL: "http://x/", Transport: &receiver{answers: repeat(1, refuse)}})
		if err != nil {
			t.Fatal(err)
		}
		s.Send(ctx, anEvent)
		s.Wait()
		s.Send(ctx, anEvent) // after the end
		sent := s.Sent()
		if sent[0].Outcome != Cancelled || sent[0].Attempts != 3 || sent[0].Err == "" || sent[1].Outcome != Cancelled || sent[1].Attempts != 0 {
			t.Errorf("%+v", sent)
		}
	})
}

func TestSender_Keep(t *testing.T) {
	s, err := NewSender(SenderConfig{URL: "http://x/", Keep: 10, MaxInFlight: 1, Transport: &receiver{answers: repeat(1, answer(200))}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		ev := anEvent
		ev.At = int64(i)
		s.Send(t.Context(), ev)
	}
	s.Wait()
	sent := s.Sent()
	if n := len(sent); n < 10 || n > 21 || sent[n-1].Event.At != 999 {
		t.Errorf("%d remembered, the last of %d", n, sent[n-1].Event.At)
	}
	if st := s.Stats(); st.Events != 1000 || st.Acknowledged != 1000 {
		t.Errorf("%+v", st)
	}
}

func TestNewSender_Refusals(t *testing.T) {
	for name, cfg := range map[string]SenderConfig{
		"no URL":         {},
		"a path alone":   {URL: "/webhooks/waha"},
		"unknown policy": {URL: "http://x/", Retries: Retries{Policy: "fibonacci"}},
	} {
		if _, err := NewSender(cfg); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
