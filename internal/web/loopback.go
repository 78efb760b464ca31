package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Refusal is why a request is not taken for one from this machine.
type Refusal struct {
	Why  RefusalWhy
	What string // the address, header or host that gave it away, as the sender wrote it
}

// RefusalWhy is the kind of a Refusal.
type RefusalWhy int

// The kinds of refusals.
const (
	FromElsewhere  RefusalWhy = iota + 1 // the peer is not a loopback address
	ThroughProxy                         // a proxy on this machine speaks for somebody
	UnderOtherName                       // the Host is not this machine's own: DNS rebinding
)

// proxyHeaders are set by proxies for the one they speak for. A proxy on
// loopback would otherwise open what is meant for this machine to the world.
var proxyHeaders = []string{
	"Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Cdn-Loop",
}

// Local judges whether a request comes from this machine itself and may see a
// page; nil = it does. It goes by the peer's address and takes nobody's word for
// another one.
func Local(r *http.Request) *Refusal {
	if refusal := LocalPeer(r); refusal != nil {
		return refusal
	}
	if !r.ProtoAtLeast(1, 1) {
		// What nginx speaks to what is behind it, unless told otherwise.
		return &Refusal{ThroughProxy, r.Proto}
	}
	if !localHost(r.Host) {
		return &Refusal{UnderOtherName, r.Host}
	}
	return nil
}

// LocalPeer judges whether a request comes from a program on this machine that
// speaks for itself, under whatever name it knows the machine; nil = it does.
// Browsers that a foreign page has sent here are not told apart: see Local.
func LocalPeer(r *http.Request) *Refusal {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return &Refusal{FromElsewhere, r.RemoteAddr}
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			return &Refusal{ThroughProxy, name}
		}
	}
	for _, name := range proxyHeaders {
		if _, ok := r.Header[name]; ok {
			return &Refusal{ThroughProxy, name}
		}
	}
	return nil
}

// localHost reports whether a Host header names this machine: localhost or a
// loopback address, with or without a port. Any other name may be one that its
// owner has pointed at 127.0.0.1 to read pages of this machine from a browser.
func localHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() && addr.Zone() == ""
}

// LoopbackOnly answers 403 to every request that does not come from this
// machine, and says what to do. See Local.
func LoopbackOnly(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal := Local(r)
		if refusal == nil {
			next.ServeHTTP(w, r)
			return
		}
		log.DebugContext(r.Context(), "request from elsewhere refused", "path", r.URL.Path, "because", refusal.What)
		t, _ := chooseLanguage(r)
		why := map[RefusalWhy]string{
			FromElsewhere: t.RefusedPeer, ThroughProxy: t.RefusedProxy, UnderOtherName: t.RefusedHost,
		}[refusal.Why]
		what := refusal.What
		if host, _, err := net.SplitHostPort(what); err == nil && refusal.Why == FromElsewhere {
			what = host
		}
		plain(w, http.StatusForbidden, fmt.Sprintf(why, fmt.Sprintf("%.200q", what))+"\n"+fmt.Sprintf(t.RefusedDo, ownPort(r)))
	})
}

// ownPort is the port the request came in on.
func ownPort(r *http.Request) string {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, port, err := net.SplitHostPort(addr.String()); err == nil {
			return port
		}
	}
	return "8080"
}

func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintln(w, text)
}
