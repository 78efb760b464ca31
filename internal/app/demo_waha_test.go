package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tandai/internal/connect"
	"tandai/internal/demo"
	"tandai/internal/waha/rest"
	"tandai/internal/waha/wahasim"
)

// What a demo's WAHA answers is what its events said: whoever compares the two
// finds nothing to repair.
func TestDemoWAHA_agreesWithItsEvents(t *testing.T) {
	agency, err := demo.New(demo.Config{Seed: 3, End: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Days: 20, Leads: 150})
	must(t, err)
	w, err := newDemoWAHA(agency.Server(), 3)
	must(t, err)
	w.node.Mend(wahasim.LidsNull) // what an event told is not always in what WAHA answers; here it is
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.run(ctx) }()
	c, err := rest.New(rest.Config{URL: w.url(), Key: DemoKey})
	must(t, err)

	sessions, err := c.Sessions(ctx)
	must(t, err)
	if len(sessions) != 8 {
		t.Fatalf("%d sessions, want 8", len(sessions))
	}
	var got []wahasim.Active
	staff := map[string]bool{}
	for _, client := range agency.Clients() {
		for _, number := range client.Ignore {
			staff[number] = true
		}
	}
	for _, s := range sessions {
		phones := map[string]string{}
		for offset := 0; ; offset += 100 {
			pairs, err := c.Lids(ctx, s.Name, 100, offset)
			must(t, err)
			for _, p := range pairs {
				phones[p.Hidden] = p.Phone
			}
			if len(pairs) < 100 {
				break
			}
		}
		labels, _, err := c.Labels(ctx, s.Name)
		must(t, err)
		for _, l := range labels {
			chats, _, err := c.LabelChats(ctx, s.Name, l.ID)
			must(t, err)
			for _, chat := range chats {
				user, server, _ := strings.Cut(chat, "@")
				switch server {
				case "c.us":
					chat = user
				case "lid":
					chat = cmp.Or(phones[chat], chat)
				default:
					continue
				}
				if !staff[chat] {
					got = append(got, wahasim.Active{Session: s.Name, Lead: chat, LabelID: l.ID, LabelName: l.Name})
				}
			}
		}
	}
	order := func(a, b wahasim.Active) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Lead, b.Lead), cmp.Compare(a.LabelID, b.LabelID))
	}
	slices.SortFunc(got, order)
	got = slices.Compact(got) // one person can be listed under two chats
	want := agency.Truth()
	for i := range want {
		want[i].Since, want[i].Tied = 0, false
	}
	if len(want) < 75 {
		t.Fatalf("only %d labels are on anybody", len(want))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("what WAHA answers differs from what its events said (-events +answers):\n%s", diff)
	}

	must(t, w.hook([]string{sessions[0].Name}, "http://127.0.0.1:1/webhooks/waha", "k"))
	s, err := c.Session(ctx, sessions[0].Name)
	must(t, err)
	plan, err := connect.Make(s.Config, connect.Want{URL: "http://127.0.0.1:1/webhooks/waha", Keys: []string{"k"}, Messages: true})
	must(t, err)
	if diff := gocmp.Diff([]connect.Change(nil), plan.Changes); diff != "" {
		t.Error("there is something left to set up:", diff)
	}
	stop()
	must(t, <-done)
}
