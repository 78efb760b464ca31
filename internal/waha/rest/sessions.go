package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Session is a WAHA session, which is one WhatsApp number.
type Session struct {
	Name   string
	Status string // STOPPED, STARTING, SCAN_QR_CODE, PASSKEY_…, WORKING, FAILED
	Engine string // GOWS, NOWEB, WEBJS, WPP; "" where WAHA does not say: the server's is in Version
	Me     *Me    // nil before pairing and while it starts

	// Config is the session's configuration as WAHA keeps it, HMAC keys and
	// headers in clear: not for logs. nil where there is none.
	Config json.RawMessage

	ActivityAt int64 // when WAHA last saw activity, Unix ms; 0 = it does not say (WAHA #2073)
}

// Me is the account of a session.
type Me struct {
	ID       string // 628…@c.us
	LID      string // 190…@lid; "" when not said
	PushName string
}

type wireSession struct {
	Name   string          `json:"name"`
	Status string          `json:"status"`
	Config json.RawMessage `json:"config"`
	Engine json.RawMessage `json:"engine"`
	Me     *struct {
		ID       serialized `json:"id"`
		LID      serialized `json:"lid"`
		PushName loose      `json:"pushName"`
	} `json:"me"`
	Timestamps *struct {
		Activity loose `json:"activity"`
	} `json:"timestamps"`
}

func (w wireSession) session() Session {
	s := Session{Name: w.Name, Status: w.Status, Engine: w.engine()}
	if len(w.Config) > 0 && string(w.Config) != "null" {
		s.Config = w.Config
	}
	if w.Me != nil && w.Me.ID != "" {
		s.Me = &Me{ID: canonical(string(w.Me.ID)), LID: string(w.Me.LID), PushName: string(w.Me.PushName)}
		if s.Me.LID != "" {
			s.Me.LID = canonical(s.Me.LID)
		}
	}
	if w.Timestamps != nil {
		if at, ok := w.Timestamps.Activity.int(); ok && at > 0 {
			s.ActivityAt = at
		}
	}
	return s
}

// engine reads "GOWS" or {"engine": "GOWS", …}.
func (w wireSession) engine() string {
	var name string
	if json.Unmarshal(w.Engine, &name) == nil {
		return name
	}
	var info struct {
		Engine string `json:"engine"`
	}
	if json.Unmarshal(w.Engine, &info) == nil {
		return info.Engine
	}
	return ""
}

// Sessions reads all sessions, stopped ones too; with a session's key, that one.
func (c *Client) Sessions(ctx context.Context) ([]Session, error) {
	o := op{name: "list the sessions"}
	a, err := c.get(ctx, o, path("api", "sessions"), url.Values{"all": {"true"}})
	if err != nil {
		return nil, err
	}
	a.body = list(a.body)
	var wire []wireSession
	if err := c.decode(o, a, &wire); err != nil {
		return nil, err
	}
	all := make([]Session, len(wire))
	for i, w := range wire {
		if w.Name == "" {
			return nil, o.garbled(a.status, "its answer has a session without a name, at place %d", i)
		}
		all[i] = w.session()
	}
	return all, nil
}

// Session reads one session, with its engine; ErrNotFound when there is none.
func (c *Client) Session(ctx context.Context, name string) (Session, error) {
	o := op{"read the state", name, RightRead}
	if err := o.checkSession(); err != nil {
		return Session{}, err
	}
	a, err := c.get(ctx, o, path("api", "sessions", name), nil)
	if err != nil {
		return Session{}, err
	}
	return c.oneSession(o, a)
}

// PutSession replaces the whole configuration of a session: what config leaves
// out is gone. WAHA stops and starts a session that runs, and hears nothing for
// 3 to 4 seconds. So: read, merge, put once, and only what differs.
func (c *Client) PutSession(ctx context.Context, name string, config json.RawMessage) (Session, error) {
	o := op{"change the configuration", name, RightSetting}
	if err := o.checkSession(); err != nil {
		return Session{}, err
	}
	if !json.Valid(config) {
		return Session{}, o.invalid("the configuration is no JSON")
	}
	a, err := c.do(ctx, o, http.MethodPut, path("api", "sessions", name), struct {
		Config json.RawMessage `json:"config"`
	}{config})
	if err != nil {
		return Session{}, err
	}
	return c.oneSession(o, a)
}

// RestartSession stops and starts a session; it comes back by itself, and says so
// with session.status.
func (c *Client) RestartSession(ctx context.Context, name string) error {
	o := op{"restart", name, RightControl}
	if err := o.checkSession(); err != nil {
		return err
	}
	_, err := c.do(ctx, o, http.MethodPost, path("api", "sessions", name, "restart"), nil)
	return err
}

func (c *Client) oneSession(o op, a answer) (Session, error) {
	var wire wireSession
	if err := c.decode(o, a, &wire); err != nil {
		return Session{}, err
	}
	if wire.Name == "" {
		return Session{}, o.garbled(a.status, "its answer is no session")
	}
	return wire.session(), nil
}
