package delivery

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for _, tc := range []struct {
		name, addr string
		want       bool
	}{
		{"a public one", "93.184.215.14", true},
		{"a public one of IPv6", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", true},
		{"loopback", "127.0.0.1", false},
		{"all of loopback", "127.255.1.2", false},
		{"unspecified", "0.0.0.0", false},
		{"this network", "0.1.2.3", false},
		{"private 10", "10.1.2.3", false},
		{"private 172.16", "172.16.0.1", false},
		{"the end of private 172.16", "172.31.255.255", false},
		{"behind private 172.16", "172.32.0.1", true},
		{"private 192.168", "192.168.1.1", false},
		{"carrier-grade NAT", "100.64.0.1", false},
		{"before carrier-grade NAT", "100.63.255.255", true},
		{"link-local, metadata of clouds", "169.254.169.254", false},
		{"Alibaba's metadata", "100.100.100.200", false},
		{"Azure's wire server", "168.63.129.16", false},
		{"Oracle's metadata", "192.0.0.192", false},
		{"multicast", "224.0.0.1", false},
		{"reserved", "240.0.0.1", false},
		{"broadcast", "255.255.255.255", false},
		{"benchmarking", "198.18.0.1", false},
		{"documentation", "203.0.113.9", false},
		{"loopback of IPv6", "::1", false},
		{"unspecified of IPv6", "::", false},
		{"mapped loopback", "::ffff:127.0.0.1", false},
		{"mapped metadata", "::ffff:169.254.169.254", false},
		{"mapped public", "::ffff:93.184.215.14", true},
		{"compatible loopback", "::127.0.0.1", false},
		{"NAT64 of a private one", "64:ff9b::10.0.0.1", false},
		{"NAT64 of metadata", "64:ff9b::169.254.169.254", false},
		{"NAT64 of a public one", "64:ff9b::93.184.215.14", true},
		{"local NAT64", "64:ff9b:1::93.184.215.14", false},
		{"6to4 of a private one", "2002:0a00:0001::1", false},
		{"6to4 of loopback", "2002:7f00:0001::", false},
		{"6to4 of a public one", "2002:5db8:d70e::1", true},
		{"Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2", false},
		{"ISATAP of a private one", "2606:2800::5efe:10.0.0.1", false},
		{"unique local", "fd12:3456::1", false},
		{"Amazon's metadata", "fd00:ec2::254", false},
		{"link-local of IPv6", "fe80::1", false},
		{"link-local with a zone", "fe80::1%eth0", false},
		{"site-local", "fec0::1", false},
		{"multicast of IPv6", "ff02::1", false},
		{"documentation of IPv6", "2001:db8::1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := public(netip.MustParseAddr(tc.addr)); got != tc.want {
				t.Errorf("public(%s) = %v", tc.addr, got)
			}
			if got := guard("tcp6", net.JoinHostPort(tc.addr, "443"), nil); (got == nil) != tc.want {
				t.Errorf("guard says %v", got)
			}
		})
	}
	if public(netip.Addr{}) {
		t.Error("no address is public")
	}
	for _, network := range []string{"unix", "udp4", "tcp"} {
		if guard(network, "93.184.215.14:80", nil) == nil {
			t.Errorf("%s is let through", network)
		}
	}
}

// An address that nobody vouches for is refused after its name was looked up,
// whatever it is written as; a proxy of the environment does not help; nothing
// reaches the server.
func TestClient_notTrusted(t *testing.T) {
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer server.Close()
	t.Setenv("HTTP_PROXY", server.URL)
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	client := newClient(false, 1)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+":"+port, nil)
		if err != nil {
			cancel()
			continue
		}
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
			t.Errorf("%s was reached", host)
		} else if host == "127.0.0.1" && !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v", host, err)
		}
		cancel()
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests came through", n)
	}
	res, err := newClient(true, 1).Post(server.URL, "", nil)
	if err != nil {
		t.Fatalf("a trusted one is not reached: %v", err)
	}
	res.Body.Close()
}

func TestClient_followsNoRedirect(t *testing.T) {
	var reached atomic.Int32
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inner.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		outer := httptest.NewServer(http.RedirectHandler(inner.URL, code))
		a, _ := post(t.Context(), newClient(true, 1), &Destination{URL: outer.URL}, claimed("{}"), time.Now)
		outer.Close()
		if a.Status != code || !strings.Contains(a.Error, "redirect") || judge(a.Status) != bad {
			t.Errorf("%d: %+v", code, a)
		}
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestClient_verifiesCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	server.Config.ErrorLog = nil
	defer server.Close()
	a, _ := post(t.Context(), newClient(true, 1), &Destination{URL: server.URL}, claimed("{}"), time.Now)
	if a.Status != 0 || !strings.Contains(a.Error, "certificate") {
		t.Errorf("%+v", a)
	}
}

func TestReason_keepsTheAddressToItself(t *testing.T) {
	a, _ := post(t.Context(), newClient(true, 1), &Destination{URL: "http://127.0.0.1:1/webhook/a-secret-path"}, claimed("{}"), time.Now)
	if a.Error == "" || strings.Contains(a.Error, "secret") {
		t.Errorf("%+v", a)
	}
	a, _ = post(t.Context(), newClient(true, 1), &Destination{URL: "http://a-secret\x7f/"}, claimed("{}"), time.Now)
	if a.Error == "" || strings.Contains(a.Error, "secret") {
		t.Errorf("%+v", a)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errTimeout)
	defer cancel()
	<-ctx.Done()
	if got := reason(ctx, errors.New("context deadline exceeded")); got != "no answer in time" {
		t.Error(got)
	}
}
