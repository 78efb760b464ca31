package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tandai/internal/waha/rest"
)

// WAHA is what a reconciliation asks one WAHA server. *rest.Client satisfies it.
// Session names are WAHA's own.
type WAHA interface {
	Sessions(ctx context.Context) ([]rest.Session, error)
	Session(ctx context.Context, name string) (rest.Session, error)
	Version(ctx context.Context) (rest.Version, error)
	Labels(ctx context.Context, session string) ([]rest.Label, rest.Asked, error)
	LabelChats(ctx context.Context, session, labelID string) (chatIDs []string, asked rest.Asked, err error)
	ChatLabels(ctx context.Context, session, chatID string) ([]rest.Label, rest.Asked, error)
	Lid(ctx context.Context, session, hidden string) (phone string, err error)
	Lids(ctx context.Context, session string, limit, offset int) ([]rest.LidPair, error)
}

// Server is one WAHA server.
type Server struct {
	Name string // "" for the first: its sessions are known by their own names
	WAHA WAHA
}

// SessionName is what a session of this server is called here.
func (s Server) SessionName(waha string) string {
	if s.Name == "" {
		return waha
	}
	return s.Name + "." + waha
}

// Moment is when WAHA was asked, Unix ms.
type Moment struct {
	At  int64 // by our clock, or by WAHA's where they are more than tolerance apart
	Raw int64 // by our clock
}

// again asks once or twice more where WAHA stumbled: one answer in hundreds that
// fails is not worth a whole read. What WAHA refuses is not asked for again, nor
// what it took too long to answer.
func (r *Reader) again(ctx context.Context, ask func() error) error {
	for _, pause := range r.pauses {
		err := ask()
		if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) ||
			!errors.Is(err, rest.ErrServer) && !errors.Is(err, rest.ErrUnreachable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
	return ask()
}

// klienOf is metadata.klien of a session's configuration, as its envelopes carry
// it; "" where there is none, or none that fits.
func klienOf(config json.RawMessage) string {
	var c struct {
		Metadata map[string]json.RawMessage `json:"metadata"`
	}
	var klien string
	if json.Unmarshal(config, &c) != nil || json.Unmarshal(c.Metadata["klien"], &klien) != nil {
		return ""
	}
	if len([]rune(klien)) > 100 {
		return ""
	}
	return klien
}
