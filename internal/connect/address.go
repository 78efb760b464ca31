package connect

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// doorPath is where Tandai receives webhooks, below whatever a proxy puts before
// it.
const doorPath = "/webhooks/waha"

// Address is where one WAHA server is to send its webhooks: base is Tandai's
// address as WAHA sees it, with or without the door's path behind it, and server
// the server's name, "" for the one without.
func Address(base, server string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is no address of a server; want Tandai's as WAHA sees it, such as http://tandai:8080", base)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("something follows a ? or # in %q; want the address alone", u.Redacted())
	}
	u.RawPath = ""
	if at := strings.Index(u.Path, doorPath); at >= 0 {
		if name := strings.Trim(u.Path[at+len(doorPath):], "/"); name != "" && name != server {
			return "", fmt.Errorf("%s is the door of the server %q; want that of %s", u.Redacted(), name, orFirst(server))
		}
		u.Path = u.Path[:at]
	}
	u.Path = strings.TrimRight(u.Path, "/") + doorPath
	if server != "" {
		u.Path += "/" + server
	}
	return u.String(), nil
}

func orFirst(server string) string {
	if server == "" {
		return "the server without a name"
	}
	return fmt.Sprintf("%q", server)
}

// place is an address as far as it says where a request goes: user, query, the
// scheme's own port and doubled slashes do not matter.
type place struct{ scheme, host, port, path string }

func placeOf(address string) (place, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return place{}, false
	}
	p := place{strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port(), path.Clean("/" + u.Path)}
	if p.port == "" {
		p.port = map[string]string{"http": "80", "https": "443"}[p.scheme]
	}
	return p, true
}

func samePlace(a, b string) bool {
	p, ok := placeOf(a)
	q, also := placeOf(b)
	return ok && also && p == q
}

// isDoor tells whether an address is one that a Tandai would have.
func isDoor(address string) bool {
	p, ok := placeOf(address)
	if !ok {
		return false
	}
	at := strings.LastIndex(p.path, doorPath)
	if at < 0 {
		return false
	}
	server := strings.TrimPrefix(p.path[at+len(doorPath):], "/")
	return !strings.Contains(server, "/")
}

// otherScheme tells whether two addresses are the http and the https one of the
// same host, each on its own port.
func otherScheme(a, b string) bool {
	p, ok := placeOf(a)
	q, also := placeOf(b)
	if !ok || !also || p.scheme == q.scheme || p.host != q.host || p.path != q.path {
		return false
	}
	own := func(x place) bool { return x.port == map[string]string{"http": "80", "https": "443"}[x.scheme] }
	return own(p) && own(q)
}

// shown is an address without what may be secret in it.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	if u.User != nil {
		u.User = url.User("…")
	}
	if u.RawQuery != "" {
		u.RawQuery = "…"
	}
	return u.String()
}

// Found are the addresses of one server's door that a session's hooks lead to and
// sign for with one of the keys: where this Tandai has been connected before. A
// user, a password and a query in them are left out.
func Found(config json.RawMessage, server string, keys []string) (addresses []string) {
	hooks := get(config, "webhooks")
	at, err := elements(hooks)
	if err != nil {
		return nil
	}
	for _, e := range at {
		hook := hooks[e[0]:e[1]]
		address := text(hook, "url")
		if !isDoor(address) || !slices.Contains(keys, keyOf(hook)) {
			continue
		}
		p, _ := placeOf(address)
		if name := strings.TrimPrefix(p.path[strings.LastIndex(p.path, doorPath)+len(doorPath):], "/"); name == server {
			addresses = append(addresses, bare(address))
		}
	}
	return addresses
}

func bare(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return address
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return u.String()
}
