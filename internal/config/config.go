// Package config reads the configuration: tandai.yaml, then the environment,
// then flags, each overriding the one before.
//
// It is strict. A key nobody knows, a value of the wrong type, a name given
// twice: each is an error that says file, line, key and what is allowed, and
// all of them are reported at once. Secrets can be kept in files of their own
// (`api_key_file` beside `api_key`) and never appear in errors, logs, String
// or JSON.
//
// The environment name of a key is TANDAI_ and its path in upper case, with _
// for the dots: `waha.api_key` is TANDAI_WAHA_API_KEY. Lists are separated by
// commas there; a variable that is set but empty counts as not set. Lists of
// mappings (`clients`, `waha.servers`) are for the file alone.
//
// Paths, those of secret files included, are relative to the working folder.
package config

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config is the whole configuration. Load fills and checks it; Default is what
// it is with nothing configured.
//
// The yaml tag is the key. The tags min and max are inclusive limits, oneof
// lists what is allowed.
type Config struct {
	// Addr is the host:port to listen on. Without a signature key only a
	// loopback address is served.
	Addr string `yaml:"addr"`

	// DataDir holds the inbox and, with SQLite, the database. It is made on
	// start where it is missing. It must be on a local disk.
	DataDir string `yaml:"data_dir"`

	// Database is where the log and the spans are kept: `sqlite`
	// (<data_dir>/tandai.db), `sqlite:PATH`, or
	// `mysql://user[:pass]@host[:port]/db[?tls=…]`.
	Database Database `yaml:"database"`

	// DatabaseFile names a file that holds Database, for its password's sake.
	DatabaseFile string `yaml:"database_file"`

	// Timezone says where a day begins, for every client that names no other.
	Timezone Zone `yaml:"timezone"`

	// AdminPassword opens the web application to its first user.
	AdminPassword     Secret `yaml:"admin_password"`
	AdminPasswordFile string `yaml:"admin_password_file"`

	Log      Log      `yaml:"log"`
	WAHA     WAHA     `yaml:"waha"`
	Intake   Intake   `yaml:"intake"`
	Inbox    Inbox    `yaml:"inbox"`
	Pipeline Pipeline `yaml:"pipeline"`
	Relay    Relay    `yaml:"relay"`
	Metrics  Metrics  `yaml:"metrics"`

	Reconcile Reconcile `yaml:"reconcile"`
	Radar     Radar     `yaml:"radar"`
	Alarms    Alarms    `yaml:"alarms"`

	// ShutdownTimeout is how long requests and batches in flight may take to
	// finish after SIGTERM.
	ShutdownTimeout time.Duration `yaml:"shutdown_timeout" min:"1s" max:"1h"`

	// Clients are the brands the agency works for. None is needed: an unknown
	// session becomes a client of its own name.
	Clients []Client `yaml:"clients"`

	file     string            // that was read, "" for none
	from     map[string]string // key → where it was set
	warnings []string
}

// Log says what is logged to stderr, and how.
type Log struct {
	// Format is `text` for people or `json` for machines.
	Format string `yaml:"format" oneof:"text json"`

	// Level is the least severe level that is logged.
	Level string `yaml:"level" oneof:"debug info warn error"`
}

// WAHA is the first, and mostly the only, WAHA server. Its webhooks come to
// /webhooks/waha and its sessions are known by their own names.
type WAHA struct {
	// URL is where WAHA answers, http:// or https://. Empty means that Tandai
	// never asks it anything.
	URL string `yaml:"url"`

	// APIKey is sent as X-Api-Key.
	APIKey     Secret `yaml:"api_key"`
	APIKeyFile string `yaml:"api_key_file"`

	// HMACKey are the keys WAHA may sign its webhooks with: one, or several
	// while they are being exchanged. A file holds one per line.
	HMACKey     Secrets  `yaml:"hmac_key"`
	HMACKeyFile []string `yaml:"hmac_key_file"`

	// Feed says how events come: WAHA sends a `webhook`, or Tandai reads WAHA's
	// `websocket`, where WAHA cannot reach it. The door is open either way.
	Feed string `yaml:"feed" oneof:"webhook websocket"`

	// WebhookURL is this Tandai's address as WAHA sees it, with or without
	// /webhooks/waha: what `tandai waha connect` gives WAHA. Servers that name
	// none of their own are given this one, with their name behind it.
	WebhookURL string `yaml:"webhook_url"`

	// Messages asks WAHA for message.any too, which brings phones behind hidden
	// ids, first messages and adverts. No text of it is kept.
	Messages bool `yaml:"messages"`

	// Servers are further WAHA servers; where nothing else is said under waha,
	// the first of them is the first server.
	Servers []Server `yaml:"servers"`
}

// Server is a WAHA server besides the first. Its webhooks come to
// /webhooks/waha/{name} and its sessions are known as name.session.
type Server struct {
	// Name is [A-Za-z0-9_-]{1,32}.
	Name string `yaml:"name"`

	// The rest is as in WAHA.
	URL         string   `yaml:"url"`
	APIKey      Secret   `yaml:"api_key"`
	APIKeyFile  string   `yaml:"api_key_file"`
	HMACKey     Secrets  `yaml:"hmac_key"`
	HMACKeyFile []string `yaml:"hmac_key_file"`
	Feed        string   `yaml:"feed" oneof:"webhook websocket"` // "" is webhook
	WebhookURL  string   `yaml:"webhook_url"`
	Messages    bool     `yaml:"messages"`
}

// Intake limits what the webhook door takes on.
type Intake struct {
	// MaxInFlight is how many requests are held in memory at once; the rest
	// is answered 503 with Retry-After.
	MaxInFlight int `yaml:"max_in_flight" min:"1" max:"100000"`

	// MaxBodyBytes is the largest body; larger ones are answered 413.
	MaxBodyBytes Size `yaml:"max_body_bytes" min:"16KiB" max:"256MiB"`

	// ReadTimeout cuts off a sender that has not sent its whole request.
	ReadTimeout time.Duration `yaml:"read_timeout" min:"100ms" max:"10m"`
}

// Inbox says how long and how much of what came in is kept on disk.
type Inbox struct {
	// Keep is how long bodies stay after they are dealt with, for replay;
	// quarantined ones stay until they are. At least two hours: after a
	// reconnection the last hour's are compared with the database.
	Keep time.Duration `yaml:"keep" min:"2h" max:"3660d"`

	// MaxBytes is the most the inbox may take on disk; beyond it requests are
	// answered 503.
	MaxBytes Size `yaml:"max_bytes" min:"16MiB"`

	// MinFreeBytes is what must stay free on its disk; below it requests are
	// answered 503. 0 is the smaller of 256 MiB and 5 % of the disk.
	MinFreeBytes Size `yaml:"min_free_bytes"`
}

// Pipeline says how events go from the inbox to the database.
type Pipeline struct {
	// Batch is the most events that are recorded in one transaction.
	Batch int `yaml:"batch" min:"1" max:"20000"`

	// RetryMax is the longest wait between two tries while the database is
	// away.
	RetryMax time.Duration `yaml:"retry_max" min:"100ms" max:"10m"`
}

// Reconcile says when the log is compared with the labels WAHA shows. It needs
// waha.url.
type Reconcile struct {
	// Enabled compares at the start, when a session works again, after webhooks
	// were missed, and daily. `tandai reconcile` works either way.
	Enabled bool `yaml:"enabled"`

	// ConfirmAfter is the least time between the two reads that must show a
	// difference before it is recorded.
	ConfirmAfter time.Duration `yaml:"confirm_after" min:"100ms" max:"24h"`

	// DailyAt is when all sessions are compared, HH:MM in Config.Timezone.
	DailyAt TimeOfDay `yaml:"daily_at"`

	// PollEvery is how often sessions are read whose engine tells of no labels
	// (WEBJS).
	PollEvery time.Duration `yaml:"poll_every" min:"1s" max:"24h"`
}

// Metrics says who may read /metrics.
type Metrics struct {
	// Token is the bearer token that opens /metrics from elsewhere. From the
	// machine itself it is always open.
	Token     Secret `yaml:"token"`
	TokenFile string `yaml:"token_file"`
}

// Client is a brand the agency works for.
type Client struct {
	// Name is what the client is called in reports and in the `klien` column.
	Name string `yaml:"name"`

	// Timezone says where the client's days begin; Config.Timezone by default.
	Timezone Zone `yaml:"timezone"`

	// Ignore are numbers whose events are skipped: staff, tests. Digits,
	// country code first, whatever they were written with.
	Ignore []string `yaml:"ignore"`

	// Grades are label names on the client's scale, best first.
	Grades []string `yaml:"grades"`

	// Won and Lost are label names that mean the sale closed, or will not
	// happen.
	Won  []string `yaml:"won"`
	Lost []string `yaml:"lost"`

	// Labels chooses the labels that reports are about; the log keeps all.
	Labels Labels `yaml:"labels"`

	Sessions []Session `yaml:"sessions"`
}

// Labels are label names; case, spaces and emoji do not matter.
type Labels struct {
	// Allow are the only labels that reports are about, beside the grades, won and
	// lost. Empty means all but WhatsApp's own lists (Unread, Groups, …).
	Allow []string `yaml:"allow"`

	// Deny are labels that reports leave out.
	Deny []string `yaml:"deny"`
}

// Session is one WAHA session: one WhatsApp number of one CS.
type Session struct {
	// Name is the session's name in WAHA, [A-Za-z0-9_-]{1,54}; of a further
	// server, server.session.
	Name string `yaml:"name"`

	// CS is what reports call its agent.
	CS string `yaml:"cs"`

	// Table is the name of its view in the database; labeling_<session> by
	// default.
	Table string `yaml:"table"`
}

// Default returns the configuration when nothing is configured.
func Default() *Config {
	return &Config{
		Addr:            "127.0.0.1:8080",
		DataDir:         "./data",
		Database:        Database{Kind: SQLite},
		Timezone:        mustZone("Asia/Jakarta"),
		Log:             Log{Format: "text", Level: "info"},
		WAHA:            WAHA{Feed: "webhook"},
		Intake:          Intake{MaxInFlight: 512, MaxBodyBytes: 5 * MiB, ReadTimeout: 10 * time.Second},
		Inbox:           Inbox{Keep: 30 * 24 * time.Hour, MaxBytes: 20 * GiB},
		Pipeline:        Pipeline{Batch: 4000, RetryMax: 10 * time.Second},
		Relay:           Relay{Timeout: 10 * time.Second, Concurrency: 32, Keep: 30 * 24 * time.Hour},
		Radar:           defaultRadar(),
		Reconcile:       Reconcile{Enabled: true, ConfirmAfter: 5 * time.Minute, DailyAt: "03:30", PollEvery: 3 * time.Minute},
		ShutdownTimeout: 30 * time.Second,
	}
}

// File returns the configuration file that was read, "" where there was none.
func (c *Config) File() string { return c.file }

// Warnings returns what is allowed but hardly meant, one sentence each.
func (c *Config) Warnings() []string { return c.warnings }

// SlogLevel returns Level as slog has it.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // oneof has been checked; info else
	return level
}

// Loopback reports whether Addr can be reached from this machine alone.
func (c *Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// AllServers returns all WAHA servers. The first is the one whose sessions are
// known by their own names: the one described under waha itself, whose name is
// "", or where nothing is said there, the first of waha.servers.
func (c *Config) AllServers() []Server {
	first := Server{
		URL:    c.WAHA.URL,
		APIKey: c.WAHA.APIKey, APIKeyFile: c.WAHA.APIKeyFile,
		HMACKey: c.WAHA.HMACKey, HMACKeyFile: c.WAHA.HMACKeyFile,
		Feed: c.WAHA.Feed, WebhookURL: c.WAHA.WebhookURL, Messages: c.WAHA.Messages,
	}
	if first.URL == "" && !first.APIKey.IsSet() && len(first.HMACKey) == 0 && len(c.WAHA.Servers) > 0 {
		return c.WAHA.Servers
	}
	return append([]Server{first}, c.WAHA.Servers...)
}

// ClientOf returns the client a session is configured under, or nil.
func (c *Config) ClientOf(session string) *Client {
	client, _ := c.find(session)
	return client
}

// SessionOf returns what is configured of a session, or nil.
func (c *Config) SessionOf(session string) *Session {
	_, s := c.find(session)
	return s
}

func (c *Config) find(session string) (*Client, *Session) {
	for i := range c.Clients {
		for j := range c.Clients[i].Sessions {
			if c.Clients[i].Sessions[j].Name == session {
				return &c.Clients[i], &c.Clients[i].Sessions[j]
			}
		}
	}
	return nil, nil
}

// ClientNamed returns the client of that name, or nil.
func (c *Config) ClientNamed(name string) *Client {
	for i := range c.Clients {
		if c.Clients[i].Name == name {
			return &c.Clients[i]
		}
	}
	return nil
}

// Location returns the time zone of a session's days: its client's, else
// Config.Timezone.
func (c *Config) Location(session string) *time.Location {
	if client := c.ClientOf(session); client != nil && client.Timezone.IsSet() {
		return client.Timezone.Location()
	}
	return c.Timezone.Location()
}
