package main

import (
	"fmt"
	"strings"

	"tandai/internal/app"
)

// show says what WAHA has and what will be changed.
func (p *connecting) show() {
	for i, s := range p.conn.Servers {
		if i > 0 {
			fmt.Fprintln(p.o)
		}
		name := s.URL
		if s.Name != "" {
			name = s.Name + " (" + s.URL + ")"
		}
		fmt.Fprintf(p.o, "WAHA %s\n", name)
		if s.Hook != "" {
			from := map[string]string{
				app.FromFound:   " (as WAHA has it; nobody has set waha.webhook_url)",
				app.FromGuessed: " (guessed, as both are on this machine; a WAHA in a container sees another: --url)",
			}[s.From]
			fmt.Fprintf(p.o, "  sends to %s%s\n", s.Hook, from)
		}
		for _, n := range s.Notes {
			fmt.Fprintf(p.o, "  note: %s\n", n)
		}
		if s.Error != "" {
			fmt.Fprintf(p.o, "  failed: %s\n", s.Error)
		}
		for _, l := range s.Sessions {
			p.showSession(l)
		}
	}
}

func (p *connecting) showSession(l *app.ConnectLink) {
	fmt.Fprintf(p.o, "\n  %s  %s\n", l.Session, strings.TrimSpace(l.Engine+" "+l.Status))
	if l.Error != "" {
		fmt.Fprintf(p.o, "    failed: %s\n", l.Error)
	}
	for _, c := range l.Changes {
		switch {
		case c.From == "":
			fmt.Fprintf(p.o, "    + %-16s %s\n", c.Field, c.To)
		case c.To == "":
			fmt.Fprintf(p.o, "    - %-16s %s\n", c.Field, c.From)
		default:
			fmt.Fprintf(p.o, "    ~ %-16s %s\n      %-16s → %s\n", c.Field, c.From, "", c.To)
		}
	}
	if len(l.Changes) == 0 && l.Error == "" {
		fmt.Fprintln(p.o, "    as it should be")
	}
	for _, n := range l.Notes {
		fmt.Fprintf(p.o, "    note: %s\n", n)
	}
}

// connected is what --json prints.
type connected struct {
	Servers []*app.ConnectServer `json:"servers"`
	Differ  int                  `json:"differ"` // sessions that lacked something
	Written int                  `json:"written"`
	Failed  bool                 `json:"failed"`
}

func (p *connecting) result() connected {
	r := connected{Servers: p.conn.Servers, Failed: p.conn.Failed()}
	for _, s := range r.Servers {
		for _, l := range s.Sessions {
			if len(l.Changes) > 0 {
				r.Differ++
			}
			if l.Written {
				r.Written++
			}
		}
	}
	return r
}

func areOrIs(n int) string {
	if n == 1 {
		return "1 session is"
	}
	return fmt.Sprintf("%d sessions are", n)
}
