package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandai/internal/config"
	"tandai/internal/intake"
	"tandai/internal/waha"
)

const hookPath = "/webhooks/waha"

// door tries the webhook door of every configured WAHA server as WAHA, a stranger
// and a forger would.
func (d *doctor) door(ctx context.Context) {
	base := strings.TrimSuffix(d.opt.URL, "/")
	if base == "" {
		base = "http://" + dialAddr(d.cfg.Addr)
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		d.add("door", Failed, "Write it as WAHA has it: https://tandai.example.com", "%q is no address of a server", base)
		return
	}
	servers := d.cfg.AllServers()
	if at := strings.Index(u.Path, hookPath); at >= 0 { // one door by its full address
		name := strings.Trim(u.Path[at+len(hookPath):], "/")
		i := slices.IndexFunc(servers, func(s config.Server) bool { return s.Name == name })
		if i < 0 {
			d.add("door", Failed, "Correct the address, or add the server to waha.servers.", "%s is the door of a WAHA server %q that is not configured", base, name)
			return
		}
		servers, u.Path = servers[i:i+1], u.Path[:at]
	}
	for _, s := range servers {
		hook := *u
		hook.Path += hookPath
		if s.Name != "" {
			hook.Path += "/" + s.Name
		}
		k := newKnocker(hook.String())
		if !d.answers(ctx, k) {
			return // nor will the others
		}
		if len(s.HMACKey) == 0 {
			d.add("door", Skipped, "", "%s: no key is set, so unsigned and forged bodies were not tried: they would be stored", k.hook)
			continue
		}
		d.refuses(ctx, k)
	}
}

const redirected = "Give WAHA the address it leads to. WAHA turns a redirected POST into an empty GET and calls it a success: events are lost in silence."

// answers tells whether it is Tandai that answers there, and as WAHA needs it.
func (d *doctor) answers(ctx context.Context, k knocker) bool {
	got, err := k.knock(ctx, http.MethodGet, "", nil)
	switch {
	case err != nil && d.opt.URL == "":
		d.add("door", Skipped, "Start `tandai serve`, or name the address WAHA uses: tandai doctor --url https://…", "nobody answers at %s: %v", k.hook, err)
	case err != nil:
		d.add("door", Failed, "WAHA would not reach it either: check the name, the port and the proxy.", "%s cannot be reached: %v", k.hook, err)
	case got.redirect():
		d.add("door", Failed, redirected, "%s redirects to %s", k.hook, got.location)
	case got.code == http.StatusNotFound && got.ours:
		d.add("door", Failed, "Restart the Tandai that runs there with this configuration.", "%s is not a door of the Tandai that runs there", k.hook)
	case got.code != http.StatusMethodNotAllowed || !got.ours:
		d.add("door", Failed, "Does this address lead to Tandai, or does something else answer, a proxy perhaps?",
			"%s answers a GET with %d and %q, not as Tandai's door does", k.hook, got.code, got.begin)
	default:
		d.add("door", OK, "", "%s answers, and does not redirect", k.hook)
		return true
	}
	return false
}

// refuses tries what must not come in. None of it is signed with a right key, so
// that nothing is stored where all is well.
func (d *doctor) refuses(ctx context.Context, k knocker) {
	// Where it is let in all the same, nothing is stored either.
	body := probeBody
	for _, try := range []struct {
		name   string
		header http.Header
	}{
		{"an unsigned body", nil},
		{"a forged signature", http.Header{waha.HeaderHmac: {waha.Sign([]byte("not the key"), []byte(body))}, waha.HeaderHmacAlgorithm: {"sha512"}}},
	} {
		switch got, err := k.knock(ctx, http.MethodPost, body, try.header); {
		case err != nil:
			d.add("door", Failed, "Something between lets a GET through, but no POST: check the proxy.", "%s: %s did not get through: %v", k.hook, try.name, err)
		case got.redirect():
			d.add("door", Failed, redirected, "%s redirects %s to %s", k.hook, try.name, got.location)
			return
		case got.code == http.StatusUnauthorized && got.ours:
			d.add("door", OK, "", "%s refuses %s", k.hook, try.name)
		case got.code == http.StatusUnauthorized:
			d.add("door", Failed, "Does a proxy ask for a password there? WAHA has none to show.", "%s refuses %s, but it is not Tandai that does: %q", k.hook, try.name, got.begin)
		case got.code == http.StatusOK && got.ours:
			d.add("door", Failed, "Anybody can write there. Does the Tandai that runs there have another configuration than this one? Restart it with the key.", "%s takes %s", k.hook, try.name)
		default:
			d.add("door", Failed, "Does a proxy treat a POST otherwise than a GET?", "%s answers %s with %d and %q, want 401", k.hook, try.name, got.code, got.begin)
		}
	}
}

// probeBody is a body that no door of ours stores.
const probeBody = `{"id":"evt_probe","timestamp":0,"event":"` + intake.ProbeEvent + `","session":"probe"}`

// probeHeader signs it.
func probeHeader(key string) http.Header {
	return http.Header{waha.HeaderHmac: {waha.Sign([]byte(key), []byte(probeBody))}, waha.HeaderHmacAlgorithm: {"sha512"}}
}

func newKnocker(hook string) knocker {
	return knocker{hook: hook, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment},
	}}
}

// knocker sends requests to one door and follows nothing.
type knocker struct {
	hook   string
	client *http.Client
}

// knocked is what came back.
type knocked struct {
	code     int
	location string
	ours     bool   // it is what Tandai's door says
	begin    string // of the body
}

func (k knocked) redirect() bool { return k.code >= 300 && k.code < 400 }

func (k knocker) knock(ctx context.Context, method, body string, header http.Header) (knocked, error) {
	req, err := http.NewRequestWithContext(ctx, method, k.hook, strings.NewReader(body))
	if err != nil {
		return knocked{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := k.client.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			return knocked{}, op // without the address, which is said already
		}
		return knocked{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return knocked{}, err
	}
	var answer struct{ Result string }
	got := knocked{code: res.StatusCode, location: res.Header.Get("Location"), begin: strings.TrimSpace(string(text[:min(len(text), 80)]))}
	got.ours = json.Unmarshal(text, &answer) == nil && answer.Result != ""
	return got, nil
}

// dialAddr is where an address to listen on can be reached from this machine.
func dialAddr(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
