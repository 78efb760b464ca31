package delivery

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Addresses that are not the public internet: our own machines, our neighbours',
// and the metadata services of clouds. Sources: IANA special-purpose address
// registries for IPv4 and IPv6; the clouds' documentation.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's, among public addresses
	"::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
	"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixToIV = netip.MustParsePrefix("2002::/16")
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public reports whether an address is on the public internet. Of an IPv6 address
// that stands for an IPv4 one (mapped, NAT64, 6to4, ISATAP) that one decides.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	if a.Is4() {
		return true
	}
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return public(netip.AddrFrom4([4]byte(b[12:])))
	case sixToIV.Contains(a):
		return public(netip.AddrFrom4([4]byte(b[2:6])))
	case b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe: // ISATAP, RFC 5214
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	return true
}

// guard refuses to connect to what is not public. It is asked with the address
// itself, after every name has been looked up: a name cannot say one thing to a
// check and another to the connection.
func guard(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%s address %s is refused", network, address)
	}
	if !public(at.Addr()) {
		return fmt.Errorf("%s is not a public address: refused", at.Addr())
	}
	return nil
}

// idleConn is how long a connection is kept that nothing is sent on: less than the
// five seconds after which Node, and so n8n, closes it.
const idleConn = 4 * time.Second

// newClient makes a client for one lane. It follows no redirect and verifies
// certificates. One that is not trusted reaches public addresses alone, and goes
// through no proxy, which could reach others for it.
func newClient(trusted bool, conns int) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: conns, MaxConnsPerHost: 2 * conns,
		IdleConnTimeout: idleConn, MaxResponseHeaderBytes: 64 << 10,
		DisableCompression: true, WriteBufferSize: 2 << 10, ReadBufferSize: 2 << 10,
	}
	if !trusted {
		t.Proxy = nil
		dialer.Control = guard
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
