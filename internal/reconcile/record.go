package reconcile

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"tandai/internal/directory"
	"tandai/internal/label"
	"tandai/internal/store"
)

// record writes the names of the labels and the confirmed differences. Doing it
// twice changes nothing: ids are functions of what was noted.
func (g *reading) record(ctx context.Context, confirmed []store.Noted) error {
	in, err := directory.Believe(ctx, g.cfg.Store, g.t.Name, g.look.Labels.At, g.labels, g.cfg.ConfirmAfter)
	if err != nil {
		return err
	}
	for i := range in {
		in[i].Number, in[i].Client = g.t.Number, g.t.Client
	}
	now := g.cfg.Now().UnixMilli()
	for _, n := range confirmed {
		in = append(in, store.Input{
			Session: g.t.Name, At: n.FirstAt, Number: g.t.Number, Client: g.t.Client,
			Event: &label.Event{
				ID: g.eventID(n), Session: g.t.Name, ChatID: n.ChatID, LabelID: n.LabelID, Status: n.Status, At: n.FirstAt,
				Source: label.FromSnapshot, NotBefore: n.NotBefore, StartUnknown: n.StartUnknown, ReceivedAt: now,
				SaidClient: g.t.Client, SaidCS: g.t.Number,
			},
		})
	}
	if len(confirmed) > 0 {
		g.cfg.Log.InfoContext(ctx, "labels repaired that no webhook told", "session", g.t.Name, "changes", len(confirmed))
	}
	return g.write(ctx, in)
}

// eventID is the same whoever confirms the note.
func (g *reading) eventID(n store.Noted) string {
	return label.EventID(g.t.Server.Name, g.t.WAHA, "snapshot", fmt.Sprintf("%s %s %s %d", n.Status, n.LabelID, n.ChatID, n.FirstAt))
}

// report lists what stays open, and why.
func (g *reading) report(res *Result, plan Plan, undecided, moving []Difference) {
	names := map[string]string{}
	for _, l := range g.labels {
		names[l.ID] = l.Name
	}
	for _, list := range [][]store.Noted{plan.Waiting, plan.New} {
		for _, n := range list {
			res.Open = append(res.Open, OpenOne{g.t.Name, n.Lead, n.LabelID, names[n.LabelID], n.Status, n.ChatID, n.FirstAt, SeenOnce, n.NotedAt})
		}
	}
	unsaid := func(list []Difference, why Open) {
		for _, d := range list {
			res.Open = append(res.Open, OpenOne{g.t.Name, d.Lead, d.LabelID, names[d.LabelID], d.Status, d.ChatID, 0, why, 0})
		}
	}
	unsaid(undecided, Undecided)
	unsaid(moving, Changed)
	for id := range g.look.Unread {
		unsaid([]Difference{{LabelOn: store.LabelOn{LabelID: id}}}, Unread)
	}
	slices.SortFunc(res.Open, func(a, b OpenOne) int {
		return inOrder(Difference{LabelOn: store.LabelOn{Lead: a.Lead, LabelID: a.LabelID}}, Difference{LabelOn: store.LabelOn{Lead: b.Lead, LabelID: b.LabelID}})
	})
}

// runID is unique: two servers may read a session in the same millisecond.
func runID(started time.Time) string {
	var salt [8]byte
	_, _ = rand.Read(salt[:]) // never fails: crypto/rand
	return fmt.Sprintf("%d-%s", started.UnixMilli(), hex.EncodeToString(salt[:]))
}
