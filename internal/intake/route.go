package intake

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Prefix is where the door's paths begin. Nothing else may be served there.
const Prefix = "/webhooks/"

const door = Prefix + "waha"

// Wrap gives everything under /webhooks/ to the door and the rest to next. It
// must stand before any http.ServeMux: a mux answers "//webhooks/waha" or a
// path with dots with a redirect, which for WAHA's webhooks is silent loss.
func (d *Door) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; p == door || under(clean(p)) {
			d.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func under(p string) bool { return p+"/" == Prefix || strings.HasPrefix(p, Prefix) }

func clean(p string) string {
	if p == "" || p[0] != '/' {
		p = "/" + p
	}
	return path.Clean(p)
}

// route finds the server a path belongs to. Doubled and trailing slashes do not
// matter: the event behind them is as good as any.
func (d *Door) route(p string) (*server, bool) {
	if p != door {
		if p = clean(p); p != door {
			name, ok := strings.CutPrefix(p, door+"/")
			if !ok {
				return nil, false
			}
			for i := range d.servers {
				if d.servers[i].Name == name {
					return &d.servers[i], true
				}
			}
			return nil, false
		}
	}
	return &d.servers[0], true
}

// noRoute says why a path leads nowhere.
func (d *Door) noRoute(p string) string {
	name, ok := strings.CutPrefix(clean(p), door+"/")
	if !ok {
		return "WAHA's webhooks are received at " + door
	}
	var names []string
	for _, s := range d.servers {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return "no WAHA server is configured by name; use " + door
	}
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return fmt.Sprintf("no WAHA server %q is configured, only: %s", name, strings.Join(names, ", "))
}
