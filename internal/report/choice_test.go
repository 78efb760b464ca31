package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/label"
	"tandai/internal/report"
	"tandai/internal/store"
)

// WhatsApp's own lists and what the configuration leaves out are in no report,
// and reports say how many they are.
func TestNow_leavesOut(t *testing.T) {
	db := &fakeStore{have: 3, active: []store.ActiveCount{
		{Client: "hansarang", LabelName: "Grade A", Leads: 7}, {Client: "hansarang", LabelName: "\u200eUnread", Leads: 100},
		{Client: "hansarang", LabelName: "Internal", Leads: 5}, {Client: "hansarang", LabelName: "Promo", Leads: 3},
		{Client: "sari", LabelName: "Favorit", Leads: 2}, {Client: "sari", LabelName: "VIP", Leads: 4}, {Client: "sari", LabelName: "", Leads: 1},
	}}
	for n := range 120 {
		name := "\u200eUnread"
		if n%2 == 1 {
			name = "Grade A"
		}
		db.recent = append(db.recent, store.LogRow{At: int64(1000 - n), Client: "hansarang", LabelName: name})
	}
	choice := func(client string) label.Choice {
		return map[string]label.Choice{"hansarang": {Deny: []string{"internal"}}, "sari": {Allow: []string{"favorit"}}}[client]
	}
	n := report.New(report.Config{Store: db, Inbox: &fakeInbox{}, Choice: choice, Patience: time.Minute}).Now(t.Context())
	type shown struct {
		Client  string
		Active  int
		Labels  []string
		LeftOut report.LeftOut
	}
	var got []shown
	for _, c := range n.Active.Value {
		s := shown{Client: c.Client, Active: c.Active, LeftOut: c.LeftOut}
		for _, l := range c.Labels {
			s.Labels = append(s.Labels, l.Name)
		}
		got = append(got, s)
	}
	want := []shown{
		{"hansarang", 10, []string{"Grade A", "Promo"}, report.LeftOut{Labels: 2, Active: 105}},
		{"sari", 3, []string{"Favorit", ""}, report.LeftOut{Labels: 1, Active: 4}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("active (-want +got)\n%s", diff)
	}
	if len(n.Recent.Value) != report.RecentChanges || n.RecentLeftOut != report.RecentChanges {
		t.Errorf("%d changes shown, %d left out, want %d of each", len(n.Recent.Value), n.RecentLeftOut, report.RecentChanges)
	}
	for _, c := range n.Recent.Value {
		if c.LabelName != "Grade A" {
			t.Errorf("a change of %+q is shown", c.LabelName)
		}
	}
}
