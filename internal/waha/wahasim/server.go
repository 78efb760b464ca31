package wahasim

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Config of a simulated WAHA. The zero value will do.
type Config struct {
	Version string // DefaultVersion when empty
	Tier    string // "CORE" when empty
	Seed    uint64 // of envelope and message ids

	// Stamp turns the time something happened into the time WAHA writes on its
	// envelope (Unix ms, never earlier than the last one it gave). Nil keeps it.
	// Faults.Stamp makes bursts share a millisecond.
	Stamp func(at int64) int64

	// NewID makes envelope ids; nil means `evt_` and a lower-case ULID.
	NewID func(at int64) string
}

// Server is one simulated WAHA server. It may be used by several goroutines;
// what they do happens in some order, one thing at a time.
type Server struct {
	cfg Config

	mu       sync.Mutex
	phones   []*Phone
	messages *rand.Rand
}

// New makes a server without phones.
func New(cfg Config) *Server {
	if cfg.Version == "" {
		cfg.Version = DefaultVersion
	}
	if cfg.Tier == "" {
		cfg.Tier = "CORE"
	}
	if cfg.Stamp == nil {
		cfg.Stamp = func(at int64) int64 { return at }
	}
	if cfg.NewID == nil {
		r := newRand(cfg.Seed, streamEnvelope)
		cfg.NewID = func(at int64) string { return ulid(at, r) }
	}
	return &Server{cfg: cfg, messages: newRand(cfg.Seed, streamMessage)}
}

// PhoneConfig describes one WAHA session and the WhatsApp account behind it.
type PhoneConfig struct {
	Session  string
	Engine   Engine
	Version  string // the server's when empty; for tests and demonstrations with several servers
	Number   string // of the CS, digits, country code first
	LID      string // the account's own hidden id, digits
	PushName string // the account's display name
	Device   int    // the device number in me.jid; 0 = usual for the engine

	// Metadata of the session's configuration, written in key order. Nil leaves
	// the key out of the envelope, an empty map writes {}.
	Metadata map[string]string
}

// AddPhone starts a session. It is connected (me is known) and has no labels.
func (s *Server) AddPhone(cfg PhoneConfig) (*Phone, error) {
	t, ok := cfg.Engine.traits()
	if !ok {
		return nil, fmt.Errorf("session %q: unknown engine %q", cfg.Session, cfg.Engine)
	}
	if cfg.Session == "" || cfg.Number == "" {
		return nil, fmt.Errorf("session %q: a session name and a number are needed", cfg.Session)
	}
	if cfg.Version == "" {
		cfg.Version = s.cfg.Version
	}
	if cfg.Device == 0 {
		cfg.Device = t.device
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.phones {
		if p.cfg.Session == cfg.Session {
			return nil, fmt.Errorf("session %q exists already", cfg.Session)
		}
	}
	p := &Phone{srv: s, cfg: cfg, traits: t, connected: true,
		labels: map[string]Label{}, people: map[string]*person{}, lids: map[string]string{}, others: map[string]map[string]bool{}}
	p.render()
	s.phones = append(s.phones, p)
	return p, nil
}

// Phone returns the phone of a session, or nil.
func (s *Server) Phone(session string) *Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.phones {
		if p.cfg.Session == session {
			return p
		}
	}
	return nil
}
