package label_test

import (
	"testing"

	"tandai/internal/label"
)

func TestIsWhatsAppList(t *testing.T) {
	for name, want := range map[string]bool{
		"\u200eUnread": true, "\u200eBelum dibaca": true, "\u200eKelompok": true, "Unread": true, "Belum Dibaca": true, "groups": true, "Grup": true,
		"Favourites": true, "Favorites": true, "Favorit": true, "⭐ Favorit": true, "Komunitas": true, "Draf": true,
		"Grade A": false, "Closing": false, "Grup A": false, "New customer": false, "Pelanggan baru": false, "": false, "🔥": false, "Paid": false, "x\u200e": false,
	} {
		if got := label.IsWhatsAppList(name); got != want {
			t.Errorf("IsWhatsAppList(%+q) = %v, want %v", name, got, want)
		}
	}
}

func TestFoldName(t *testing.T) {
	for name, want := range map[string]string{
		"Grade A": "grade a", " grade  a 🔥": "grade a", "GRADE-A": "grade a", "\u200eGrade A": "grade a", "Grade A+": "grade a+",
		"🔥": "🔥", "🧊 ": "🧊", "⭐️": "⭐️", "": "", "  ": "", "Ñandú": "ñandú",
	} {
		if got := label.FoldName(name); got != want {
			t.Errorf("FoldName(%+q) = %+q, want %+q", name, got, want)
		}
	}
}

func TestChoice(t *testing.T) {
	allow, deny := label.Choice{Allow: []string{"VIP", "Favorit", "🔥"}}, label.Choice{Deny: []string{"uji coba", "\u200eVIP"}}
	for _, tc := range []struct {
		name    string
		choice  label.Choice
		label   string
		onScale bool
		want    bool
	}{
		{"nothing chosen", label.Choice{}, "Promo", false, true},
		{"WhatsApp's own list", label.Choice{}, "\u200eUnread", false, false},
		{"WhatsApp's own list, in Indonesian", label.Choice{}, "Belum dibaca", false, false},
		{"a grade that is called like a list", label.Choice{}, "Favorit", true, true},
		{"no name yet", allow, "", false, true},
		{"allowed", allow, " vip ✨", false, true},
		{"WhatsApp's own list, allowed", allow, "\u200eFavorit", false, true},
		{"an emoji, allowed", allow, "🔥", false, true},
		{"another emoji", allow, "🧊", false, false},
		{"not on the allow-list", allow, "Promo", false, false},
		{"a grade, not on the allow-list", allow, "Grade A", true, true},
		{"denied", deny, "Uji-Coba", false, false},
		{"denied, on the scale", deny, "VIP", true, false},
		{"not denied", deny, "Promo", false, true},
	} {
		if got := tc.choice.Shows(tc.label, tc.onScale); got != tc.want {
			t.Errorf("%s: Shows(%+q) = %v, want %v", tc.name, tc.label, got, tc.want)
		}
	}
}
