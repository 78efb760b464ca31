package app

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"tandai/internal/config"
	"tandai/internal/connect"
	"tandai/internal/waha/rest"
)

// wahaServer is a configured WAHA server, and how its sessions are known.
type wahaServer struct {
	config.Server
	known  string       // "" for the first, whose sessions are known by their own names
	shared *rest.Client // nil: every part that asks has a client of its own
}

// wahaServers are all of them, the first one first; one without an address, which
// nobody can ask anything, is among them.
func wahaServers(cfg *config.Config) []wahaServer {
	var list []wahaServer
	for i, s := range cfg.AllServers() {
		w := wahaServer{Server: s, known: s.Name}
		if i == 0 {
			w.known = ""
		}
		list = append(list, w)
	}
	return list
}

// sharedServers are wahaServers for what serves: all its parts ask a WAHA through
// one client, so that they share its bound of requests at once.
func sharedServers(cfg *config.Config, m *rest.Metrics) ([]wahaServer, error) {
	list := wahaServers(cfg)
	for i, w := range list {
		if w.URL == "" {
			continue
		}
		var err error
		if list[i].shared, err = rest.New(rest.Config{URL: w.URL, Key: w.APIKey.Reveal(), Metrics: m}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// sessionName is what Tandai calls a session of the server.
func (w wahaServer) sessionName(wahas string) string {
	if w.known == "" {
		return wahas
	}
	return w.known + "." + wahas
}

func (w wahaServer) client() (*rest.Client, error) {
	if w.shared != nil {
		return w.shared, nil
	}
	return rest.New(rest.Config{URL: w.URL, Key: w.APIKey.Reveal()})
}

// hookAddress is where the server is to send its webhooks, as configured or told
// ("" for nothing), and what can be guessed where neither says.
func (w wahaServer) hookAddress(cfg *config.Config, told string) (configured, guessed string, err error) {
	if base := cmp.Or(told, w.WebhookURL, cfg.WAHA.WebhookURL); base != "" {
		configured, err = connect.Address(base, w.Name)
		return configured, "", err
	}
	if _, port, err := net.SplitHostPort(cfg.Addr); err == nil && port != "0" && isLoopback(w.URL) {
		guessed, err = connect.Address("http://"+dialAddr(cfg.Addr), w.Name)
		return "", guessed, err
	}
	return "", "", nil
}

// aliases are other addresses of the same door: the first server's leads to the
// door without a name too.
func (w wahaServer) aliases(address string) []string {
	if w.known != "" || w.Name == "" {
		return nil
	}
	return []string{strings.TrimSuffix(address, "/"+w.Name)}
}

func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback()
}
