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
