package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tandai/internal/waha"
)

// doorBody is what the self-test sends. It is only sent where a key is set, and
// never with a right signature: nothing of it is ever stored.
const doorBody = `{"id":"evt_doctor","timestamp":0,"event":"doctor.self.test","session":"doctor"}`

// door tries the webhook door as WAHA, a stranger and a forger would.
func (d *doctor) door(ctx context.Context) {
	base := strings.TrimSuffix(d.opt.URL, "/")
	if base == "" {
		base = "http://" + dialAddr(d.cfg.Addr)
	}
	hook := base
	if u, err := url.Parse(base); err != nil || u.Host == "" {
		d.add("door", Failed, "", "%s is not a URL", base)
		return
	} else if !strings.HasSuffix(u.Path, "/webhooks/waha") && !strings.Contains(u.Path, "/webhooks/waha/") {
		hook = base + "/webhooks/waha"
	}
	client := &http.Client{
		Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(method string, header http.Header) (int, string, error) {
		req, err := http.NewRequestWithContext(ctx, method, hook, strings.NewReader(doorBody))
		if err != nil {
			return 0, "", err
		}
		req.Header.Set("Content-Type", "application/json")
		for k, v := range header {
			req.Header[k] = v
		}
		res, err := client.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection can be used again
		return res.StatusCode, res.Header.Get("Location"), nil
	}

	code, location, err := ask(http.MethodGet, nil)
	if err != nil {
		verdict, do := Skipped, "Start `tandai serve`, or name the address WAHA uses: tandai doctor --url https://…"
		if d.opt.URL != "" {
			verdict, do = Failed, "WAHA would not reach it either: check the name, the port and the proxy."
		}
		var op *net.OpError
		if errors.As(err, &op) {
			err = op
		}
		d.add("door", verdict, do, "nobody answers at %s: %v", hook, err)
		return
	}
	if code >= 300 && code < 400 {
		d.add("door", Failed, "Give WAHA the address it leads to. WAHA turns a redirected POST into an empty GET and calls it a success: events are lost in silence.", "%s redirects to %s", hook, location)
		return
	}
	if code != http.StatusMethodNotAllowed {
		d.add("door", Failed, "Does this address lead to Tandai? A proxy may send it elsewhere.", "%s answers a GET with %d, Tandai says 405", hook, code)
		return
	}
	d.add("door", OK, "", "%s answers, and does not redirect", hook)
	if len(d.cfg.WAHA.HMACKey) == 0 {
		d.add("door", Skipped, "", "no key is set, so unsigned and forged bodies were not tried: they would be stored")
		return
	}
	for _, try := range []struct {
		name   string
		header http.Header
	}{
		{"an unsigned body", nil},
		{"a forged signature", http.Header{waha.HeaderHmac: {waha.Sign([]byte("not the key"), []byte(doorBody))}, waha.HeaderHmacAlgorithm: {"sha512"}}},
	} {
		switch code, _, err := ask(http.MethodPost, try.header); {
		case err != nil:
			d.add("door", Failed, "", "%s: %v", try.name, err)
		case code == http.StatusUnauthorized:
			d.add("door", OK, "", "refuses %s", try.name)
		default:
			d.add("door", Failed, "Does the running Tandai have the same configuration as this one?", "answers %s with %d, want 401", try.name, code)
		}
	}
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
