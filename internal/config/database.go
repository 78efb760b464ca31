package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The kinds of Database.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Database says where the log and the spans are kept.
type Database struct {
	// Kind is SQLite or MySQL.
	Kind string

	// Path is the SQLite file. Load fills it in where the configuration says
	// `sqlite` alone.
	Path string

	// The rest is MySQL's. Params are what followed a ?: tls=true,
	// tls=skip-verify, tls=preferred, or nothing.
	User     string
	Password Secret
	Host     string // without the brackets of an IPv6 address
	Port     int
	Name     string
	Params   map[string]string
}

// databaseForms is what every error of ParseDatabase ends with.
const databaseForms = "want sqlite, sqlite:PATH or mysql://user[:pass]@host[:port]/db"

var databaseName = regexp.MustCompile(`^[^/\\.\x00-\x1f]{1,64}$`)

// ParseDatabase reads `sqlite`, `sqlite:PATH` and
// `mysql://user[:pass]@host[:port]/db[?tls=…]`. In user and pass, %
// starts a percent-encoded character; every other character may stand for
// itself. Errors repeat neither.
func ParseDatabase(text string) (Database, error) {
	switch {
	case text == SQLite:
		return Database{Kind: SQLite}, nil
	case strings.HasPrefix(text, "sqlite:"):
		return parseSQLite(strings.TrimPrefix(text, "sqlite:"))
	case strings.HasPrefix(text, "mysql://"):
		d, err := parseMySQL(strings.TrimPrefix(text, "mysql://"))
		if err != nil {
			return Database{}, fmt.Errorf("%w; %s", err, databaseForms)
		}
		return d, nil
	}
	scheme, _, found := strings.Cut(text, ":")
	switch {
	case scheme == "mariadb":
		return Database{}, errors.New("MariaDB is written mysql:// too; " + databaseForms)
	case scheme == "mysql":
		return Database{}, errors.New("mysql: lacks its //; " + databaseForms)
	case found && regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`).MatchString(scheme):
		return Database{}, fmt.Errorf("%q is no kind of database; %s", scheme, databaseForms)
	}
	return Database{}, errors.New("no kind of database in front; " + databaseForms)
}

func parseSQLite(path string) (Database, error) {
	switch {
	case path == "":
		return Database{}, errors.New("sqlite: without a path; want sqlite:PATH, or sqlite alone for <data_dir>/tandai.db")
	case strings.HasPrefix(path, "//"):
		return Database{}, fmt.Errorf("a path after sqlite: has no //; write sqlite:%s", strings.TrimPrefix(path, "//"))
	case strings.Contains(path, ":memory:"):
		return Database{}, errors.New("a database in memory would forget everything; " + databaseForms)
	case strings.ContainsAny(path, "?\x00"):
		return Database{}, errors.New("a path with ? or NUL is not possible; " + databaseForms)
	}
	return Database{Kind: SQLite, Path: path}, nil
}

// parseMySQL reads what follows mysql://. It does not use url.Parse, whose
// errors repeat what they could not read and which stumbles over the / and #
// of a generated password.
func parseMySQL(rest string) (Database, error) {
	d := Database{Kind: MySQL, Port: 3306}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return d, errors.New("no user in front of an @")
	}
	userinfo, rest := rest[:at], rest[at+1:]
	user, password, _ := strings.Cut(userinfo, ":")
	var err1, err2 error
	d.User, err1 = url.PathUnescape(user)
	password, err2 = url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		return d, errors.New("a % in user or password that begins no percent-encoded character; write it %25")
	}
	if d.User == "" {
		return d, errors.New("no user in front of the @")
	}
	d.Password = NewSecret(password)

	rest, query, _ := strings.Cut(rest, "?")
	address, name, _ := strings.Cut(rest, "/")
	if d.Name, err1 = url.PathUnescape(name); err1 != nil || !databaseName.MatchString(d.Name) {
		return d, errors.New("no database name after the address, or one that MySQL would not take")
	}
	if err := d.setAddress(address); err != nil {
		return d, err
	}
	if d.Params, err1 = parseParams(query); err1 != nil {
		return d, err1
	}
	return d, nil
}

// parseParams reads what follows the ?. Tandai sets the driver's parameters
// itself; whether to encrypt is the one thing it cannot know.
func parseParams(query string) (map[string]string, error) {
	if query == "" {
		return nil, nil
	}
	name, value, _ := strings.Cut(query, "=")
	if name != "tls" || !slices.Contains([]string{"true", "false", "skip-verify", "preferred"}, value) {
		return nil, fmt.Errorf("%s after the ?; it can be tls=true, tls=skip-verify, tls=preferred or tls=false", show(query))
	}
	return map[string]string{name: value}, nil
}

// setAddress reads host[:port], the host in brackets where it is IPv6.
func (d *Database) setAddress(address string) error {
	host, port := address, ""
	if i := strings.LastIndexByte(address, ':'); i >= 0 && !strings.HasSuffix(address, "]") {
		host, port = address[:i], address[i+1:]
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("port %s; it must be 1 to 65535", show(port))
		}
		d.Port = n
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
		if net.ParseIP(host) == nil {
			return fmt.Errorf("%s is no IPv6 address", show(host))
		}
	} else if !hostForm.MatchString(host) {
		return fmt.Errorf("host %s; it must be a name or an address", show(host))
	}
	d.Host = host
	return nil
}

// hostForm takes names and IPv4 addresses; an underscore occurs in the names
// that container tools give.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$`)

// Address is host:port, for MySQL.
func (d Database) Address() string { return net.JoinHostPort(d.Host, strconv.Itoa(d.Port)) }

// URL is the database as ParseDatabase reads it, password in clear: for those
// who connect, never for a log.
func (d Database) URL() string { return d.format(d.Password.Reveal()) }

// String is URL with the password redacted.
func (d Database) String() string {
	// Not percent-encoded: it is for people, and the brackets are the point.
	return strings.Replace(d.format(d.Password.String()), url.PathEscape(redacted), redacted, 1)
}

func (d Database) format(password string) string {
	switch {
	case d.Kind == SQLite && d.Path == "":
		return SQLite
	case d.Kind == SQLite:
		return "sqlite:" + d.Path
	case d.Kind == "":
		return ""
	}
	var b strings.Builder
	b.WriteString("mysql://" + escape(d.User))
	if password != "" {
		b.WriteString(":" + escape(password))
	}
	b.WriteString("@" + d.Address() + "/" + escape(d.Name))
	if tls := d.Params["tls"]; tls != "" {
		b.WriteString("?tls=" + tls)
	}
	return b.String()
}

// escape makes text safe on either side of the @, for every reader of URLs.
func escape(text string) string {
	return strings.NewReplacer("@", "%40", ":", "%3A").Replace(url.PathEscape(text))
}

// MarshalText returns String: JSON and YAML go by it.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDatabase reads.
func (d *Database) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDatabase(string(text))
	return err
}
