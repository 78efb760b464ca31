package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	sessionForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,54}$`)
	serverForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
)

// check reports what single values cannot know. Each check leaves alone what
// already has a problem.
func (l *loader) check() {
	c := l.cfg
	if err := checkAddr(c.Addr); err != nil {
		l.problem("addr", "%v", err)
	}
	if c.DataDir == "" {
		l.problem("data_dir", "is empty; want a folder such as ./data")
	}
	if c.Database.Kind == SQLite && filepath.Clean(c.Database.Path) == filepath.Join(c.DataDir, "inbox.db") {
		l.problem("database", "%s is the inbox's own file; want another path", c.Database.Path)
	}
	l.checkURL("waha.url", &c.WAHA.URL)
	l.checkURL("waha.webhook_url", &c.WAHA.WebhookURL)
	if c.WAHA.Feed == "websocket" && c.WAHA.URL == "" {
		l.problem("waha.feed", "websocket needs waha.url, where WAHA answers")
	}
	l.checkServers()
	l.checkRelay()
	l.checkRadar()
	for i := range c.Clients {
		l.checkClient(i)
	}
	l.checkSessions()
}

// checkAddr takes host:port with a host that may be empty (all addresses).
func checkAddr(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		hint := "want host:port such as 127.0.0.1:8080, or :8080 for every address of this machine"
		if _, err := strconv.ParseUint(addr, 10, 16); err == nil {
			hint = fmt.Sprintf("want 127.0.0.1:%s, or :%s for every address of this machine", addr, addr)
		}
		return fmt.Errorf("%s is no address; %s", show(addr), hint)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%s has the port %s; want 1 to 65535, or 0 for any that is free", show(addr), show(port))
	}
	if host != "" && net.ParseIP(host) == nil && !hostForm.MatchString(host) {
		return fmt.Errorf("%s has the host %s; want a name or an address", show(addr), show(host))
	}
	return nil
}

// checkURL takes an http or https address of a server and drops a / at its
// end. A user and password in it would end up in logs.
func (l *loader) checkURL(key string, text *string) {
	if *text == "" {
		return
	}
	u, err := url.Parse(*text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		l.problem(key, "%s is no address of a server; want http://host:port or https://host", show(*text))
	case u.User != nil:
		l.problem(key, "a user or password is in it; want the address alone and the key in api_key")
	case u.RawQuery != "" || u.Fragment != "":
		l.problem(key, "something follows a ? or #; want the address alone")
	default:
		*text = strings.TrimRight(*text, "/")
	}
}

func (l *loader) checkServers() {
	seen := map[string]string{}
	for i := range l.cfg.WAHA.Servers {
		s := &l.cfg.WAHA.Servers[i]
		at := fmt.Sprintf("waha.servers[%d]", i)
		l.checkURL(at+".url", &s.URL)
		l.checkURL(at+".webhook_url", &s.WebhookURL)
		if s.Feed == "websocket" && s.URL == "" {
			l.problem(at+".feed", "websocket needs the server's url, where WAHA answers")
		}
		l.checkUnique(seen, at+".name", s.Name, strings.ToLower)
		if s.Name != "" && !serverForm.MatchString(s.Name) {
			l.problem(at+".name", "%s is no name of a server; want letters, digits, _ and -, at most 32", show(s.Name))
		}
	}
}

// checkUnique reports a name that is missing, and one that came before. fold
// makes names equal that people would take for one; "" does not count.
func (l *loader) checkUnique(seen map[string]string, key, name string, fold func(string) string) {
	if name == "" {
		l.problem(key, "is missing")
		return
	}
	if first, twice := seen[fold(name)]; twice {
		l.problem(key, "%s is there already: %s", show(name), l.originOf(first).in(first))
		return
	}
	seen[fold(name)] = key
}

func (l *loader) checkSessions() {
	sessions, tables := map[string]string{}, map[string]string{}
	same := func(s string) string { return s }
	for i := range l.cfg.Clients {
		for j := range l.cfg.Clients[i].Sessions {
			s := l.cfg.Clients[i].Sessions[j]
			at := fmt.Sprintf("clients[%d].sessions[%d]", i, j)
			l.checkUnique(sessions, at+".name", s.Name, same)
			if s.Name != "" {
				l.checkSessionName(at+".name", s.Name)
			}
			if utf8.RuneCountInString(s.CS) > maxName {
				l.problem(at+".cs", "%s is longer than %d characters", show(s.CS), maxName)
			}
			if s.Table == "" {
				continue // the store gives it one, and tells it apart where that name is taken
			}
			if err := checkTable(s.Table); err != nil {
				l.problem(at+".table", "%v", err)
			}
			// MySQL may keep names in files of a file system that takes A for a.
			l.checkUnique(tables, at+".table", s.Table, strings.ToLower)
		}
	}
}

// checkSessionName takes a session of the first server, or server.session.
func (l *loader) checkSessionName(key, name string) {
	server, session, further := strings.Cut(name, ".")
	if !further {
		server, session = "", name
	}
	if !sessionForm.MatchString(session) {
		l.problem(key, "%s is no name of a session; want letters, digits, _ and -, at most 54, or server.session where several servers are configured", show(name))
		return
	}
	if !further {
		return
	}
	var names []string
	for _, s := range l.cfg.WAHA.Servers {
		if s.Name == server {
			return
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		l.problem(key, "%s names the server %s, but no waha.servers are configured", show(name), show(server))
		return
	}
	l.problem(key, "%s names the server %s; want one of waha.servers: %s", show(name), show(server), or(names))
}

var (
	tableForm = regexp.MustCompile(`^[\pL\pN_$-]{1,64}$`)
	ownTables = regexp.MustCompile(`(?i)^(reconcile_.*|label_events|label_spans|active_labels|labels|label_changes|label_daily|label_event_changes|label_sightings|label_notes|adoptions|imports|import_links|import_problems|lid_lookups|session_statuses|` +
		`session_hours|heard_hours|alarms|radar_lease|` +
		`outbox_payloads|deliveries|delivery_attempts|delivery_destinations|` +
		`identities|chats|sessions|session_registry|session_sightings|store_settings|migration_lease|tandai_.*|goose_.*|sqlite_.*)$`)
)

func checkTable(name string) error {
	switch {
	case !tableForm.MatchString(name):
		return fmt.Errorf("%s is no name of a table; want letters, digits, _, $ and -, at most 64", show(name))
	case strings.ContainsFunc(name, func(r rune) bool { return r > 0xffff }):
		return fmt.Errorf("%s has letters that MySQL takes in no name; want letters of U+FFFF and below", show(name))
	case ownTables.MatchString(name):
		return fmt.Errorf("%s is a name of Tandai's own tables; want another such as labeling_cs1", show(name))
	}
	return nil
}
