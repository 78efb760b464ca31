package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLocal(t *testing.T) {
	for _, tc := range []struct {
		name, peer, host, header, proto string
		want                            RefusalWhy // 0 = local
	}{
		{name: "this machine", peer: "127.0.0.1:51000", host: "127.0.0.1:8080"},
		{name: "by name", peer: "127.0.0.1:51000", host: "localhost:8080"},
		{name: "by name without port", peer: "127.0.0.1:51000", host: "LocalHost"},
		{name: "by IPv6", peer: "[::1]:51000", host: "[::1]:8080"},
		{name: "by IPv6 without port", peer: "[::1]:51000", host: "[::1]"},
		{name: "IPv4 in IPv6", peer: "[::ffff:127.0.0.1]:51000", host: "127.0.0.1"},
		{name: "another loopback address", peer: "127.8.9.1:51000", host: "127.8.9.1:8080"},

		{name: "the local network", peer: "192.168.1.7:51000", host: "127.0.0.1:8080", want: FromElsewhere},
		{name: "Docker's bridge", peer: "172.17.0.1:51000", host: "localhost:8080", want: FromElsewhere},
		{name: "the internet", peer: "[2001:db8::1]:51000", host: "localhost:8080", want: FromElsewhere},
		{name: "link-local with a zone", peer: "[fe80::1%eth0]:51000", host: "localhost:8080", want: FromElsewhere},
		{name: "a socket without address", peer: "@", host: "localhost", want: FromElsewhere},
		{name: "no peer", peer: "", host: "localhost", want: FromElsewhere},
		{name: "elsewhere, claiming to be here", peer: "10.0.0.5:51000", host: "localhost", header: "X-Forwarded-For: 127.0.0.1", want: FromElsewhere},

		{name: "a proxy here", peer: "127.0.0.1:51000", host: "localhost", header: "X-Forwarded-For: 203.0.113.7", want: ThroughProxy},
		{name: "a proxy that says nothing of whom", peer: "127.0.0.1:51000", host: "localhost", header: "X-Forwarded-Proto: https", want: ThroughProxy},
		{name: "an empty header is one too", peer: "127.0.0.1:51000", host: "localhost", header: "X-Forwarded-For:", want: ThroughProxy},
		{name: "the standard's header", peer: "127.0.0.1:51000", host: "localhost", header: "Forwarded: for=203.0.113.7", want: ThroughProxy},
		{name: "in small letters", peer: "127.0.0.1:51000", host: "localhost", header: "forwarded: for=127.0.0.1", want: ThroughProxy},
		{name: "nginx's header", peer: "127.0.0.1:51000", host: "localhost", header: "X-Real-IP: 203.0.113.7", want: ThroughProxy},
		{name: "Via", peer: "127.0.0.1:51000", host: "localhost", header: "Via: 1.1 proxy", want: ThroughProxy},
		{name: "a tunnel's header", peer: "127.0.0.1:51000", host: "localhost", header: "CF-Connecting-IP: 203.0.113.7", want: ThroughProxy},
		{name: "nginx without any header", peer: "127.0.0.1:51000", host: "127.0.0.1:8080", proto: "HTTP/1.0", want: ThroughProxy},

		{name: "a name that points here", peer: "127.0.0.1:51000", host: "rebind.example:8080", want: UnderOtherName},
		{name: "a name that begins like ours", peer: "127.0.0.1:51000", host: "localhost.example", want: UnderOtherName},
		{name: "a name that ends like ours", peer: "127.0.0.1:51000", host: "evil.localhost", want: UnderOtherName},
		{name: "an address that is not this machine's own", peer: "127.0.0.1:51000", host: "192.168.1.5:8080", want: UnderOtherName},
		{name: "any address", peer: "127.0.0.1:51000", host: "0.0.0.0:8080", want: UnderOtherName},
		{name: "no host", peer: "127.0.0.1:51000", host: "", want: UnderOtherName},
		{name: "a host that is none", peer: "127.0.0.1:51000", host: "[::1", want: UnderOtherName},
		{name: "a number", peer: "127.0.0.1:51000", host: "2130706433", want: UnderOtherName},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr, r.Host = tc.peer, tc.host
			if tc.proto != "" {
				r.Proto, r.ProtoMajor, r.ProtoMinor = tc.proto, 1, 0
			}
			if name, value, ok := strings.Cut(tc.header, ":"); ok {
				r.Header.Set(name, strings.TrimSpace(value))
			}
			var got RefusalWhy
			if refusal := Local(r); refusal != nil {
				got = refusal.Why
			}
			if got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestLoopbackOnly_saysWhyAndWhatToDo(t *testing.T) {
	reached := false
	h := LoopbackOnly(slog.New(slog.DiscardHandler), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	for _, tc := range []struct {
		name     string
		change   func(*http.Request)
		en, inID string
	}{
		{"from elsewhere", func(r *http.Request) { r.RemoteAddr = "10.0.0.5:51000" }, `Your request came from "10.0.0.5"`, `Permintaan Anda datang dari "10.0.0.5"`},
		{"through a proxy", func(r *http.Request) { r.Header.Set("Forwarded", "for=x") }, `through a proxy ("Forwarded")`, `lewat proxy ("Forwarded")`},
		{"under another name", func(r *http.Request) { r.Host = "evil.example" }, `asked for the host "evil.example"`, `meminta host "evil.example"`},
	} {
		for lang, want := range map[string]string{"en": tc.en, "id": tc.inID} {
			w := ask(h, "/", tc.change, func(r *http.Request) { r.Header.Set("Accept-Language", lang) })
			body := w.Body.String()
			if w.Code != http.StatusForbidden || reached || !strings.Contains(body, want) || !strings.Contains(body, "ssh -L 8080:127.0.0.1:8080 ") {
				t.Errorf("%s in %s: %d %s", tc.name, lang, w.Code, body)
			}
			if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
				t.Errorf("%s: a sentence that quotes the sender is %s", tc.name, got)
			}
		}
	}
	if ask(h, "/"); !reached {
		t.Error("this machine was refused")
	}
}

// Over a real connection, and for every path: nothing of the page, its style
// sheet included, answers to anybody else.
func TestNew_answersHereOnly(t *testing.T) {
	srv := httptest.NewServer(New(Config{Reports: answer(busy()), Log: slog.New(slog.DiscardHandler)}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/now", "/static/tandai.css", "/nowhere"} {
		for host, want := range map[string]bool{"127.0.0.1:" + port: true, "localhost:" + port: true, "rebind.example:" + port: false} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			res, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if got := res.StatusCode != http.StatusForbidden; got != want {
				t.Errorf("%s at %s: %d", path, host, res.StatusCode)
			}
		}
	}
}
