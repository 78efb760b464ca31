package lead_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/lead"
)

func TestContact_Merge(t *testing.T) {
	ad := lead.Referral{SourceType: "ad", SourceID: "120210000000000001", Entry: "ctwa_ad"}
	opaque := lead.Referral{Entry: "ctwa_ad"}
	for _, tc := range []struct {
		name string
		a, b lead.Contact
		want lead.Contact
	}{
		{name: "first and last from the lead", a: lead.Contact{FirstInAt: 10, LastInAt: 20}, b: lead.Contact{FirstInAt: 5, LastInAt: 15},
			want: lead.Contact{FirstInAt: 5, LastInAt: 20}},
		{name: "the CS writes into a chat the lead began", a: lead.Contact{FirstInAt: 10, LastInAt: 10}, b: lead.Contact{FirstOutAt: 12, LastOutAt: 12},
			want: lead.Contact{FirstInAt: 10, LastInAt: 10, FirstOutAt: 12, LastOutAt: 12}},
		{name: "never is not earlier than anything", a: lead.Contact{}, b: lead.Contact{FirstInAt: 10, LastInAt: 10}, want: lead.Contact{FirstInAt: 10, LastInAt: 10}},
		{name: "the earlier referral counts", a: lead.Contact{ReferralAt: 20, Referral: opaque}, b: lead.Contact{ReferralAt: 10, Referral: ad},
			want: lead.Contact{ReferralAt: 10, Referral: ad}},
		{name: "even where it says less", a: lead.Contact{ReferralAt: 10, Referral: opaque}, b: lead.Contact{ReferralAt: 20, Referral: ad},
			want: lead.Contact{ReferralAt: 10, Referral: opaque}},
		{name: "in one millisecond the one that says more", a: lead.Contact{ReferralAt: 10, Referral: opaque}, b: lead.Contact{ReferralAt: 10, Referral: ad},
			want: lead.Contact{ReferralAt: 10, Referral: ad}},
		{name: "a message without referral takes none away", a: lead.Contact{ReferralAt: 10, Referral: ad}, b: lead.Contact{FirstInAt: 5, LastInAt: 5},
			want: lead.Contact{FirstInAt: 5, LastInAt: 5, ReferralAt: 10, Referral: ad}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.a.Merge(tc.b)); diff != "" {
				t.Errorf("a with b (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, tc.b.Merge(tc.a)); diff != "" {
				t.Errorf("b with a (-want +got)\n%s", diff)
			}
		})
	}
}

func TestContact_Merge_keepsTheChat(t *testing.T) {
	c := lead.Contact{Session: "s", ChatID: "62811@c.us"}
	if got := c.Merge(lead.Contact{Session: "s", ChatID: "62811@c.us", FirstInAt: 3, LastInAt: 3}); got.Session != "s" || got.ChatID != "62811@c.us" {
		t.Errorf("got %+v", got)
	}
}

func drawContact(t *rapid.T) lead.Contact {
	at := rapid.SampledFrom([]int64{0, 1, 2, 3, 1 << 50})
	c := lead.Contact{Session: "s", ChatID: "62811@c.us", FirstInAt: at.Draw(t, "in"), FirstOutAt: at.Draw(t, "out"), ReferralAt: at.Draw(t, "referral at")}
	c.LastInAt, c.LastOutAt = c.FirstInAt, c.FirstOutAt
	if c.ReferralAt != 0 {
		// Any of the fields may differ; all are strings.
		v := reflect.ValueOf(&c.Referral).Elem()
		field := rapid.IntRange(0, v.NumField()-1).Draw(t, "field")
		v.Field(field).SetString(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value"))
	}
	return c
}

func TestContact_Merge_laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawContact(t), drawContact(t), drawContact(t)
		if diff := cmp.Diff(a, a.Merge(a)); diff != "" {
			t.Fatalf("not idempotent\n%s", diff)
		}
		if diff := cmp.Diff(a, a.Merge(lead.Contact{})); diff != "" {
			t.Fatalf("nothing known changes something\n%s", diff)
		}
		if diff := cmp.Diff(a.Merge(b), b.Merge(a)); diff != "" {
			t.Fatalf("not commutative\n%s", diff)
		}
		if diff := cmp.Diff(a.Merge(b).Merge(c), a.Merge(b.Merge(c))); diff != "" {
			t.Fatalf("not associative\n%s", diff)
		}
	})
}

func TestReferral_IsZero(t *testing.T) {
	if !(lead.Referral{}).IsZero() {
		t.Error("an empty referral is not zero")
	}
	v := reflect.ValueOf(&lead.Referral{}).Elem()
	for i := range v.NumField() {
		v.SetZero()
		v.Field(i).SetString("x")
		if v.Interface().(lead.Referral).IsZero() {
			t.Errorf("a referral with %s is zero", v.Type().Field(i).Name)
		}
	}
}
