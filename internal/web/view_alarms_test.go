package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandai/internal/store"
)

// Open alarms stand at the top of the first page, in words; many of them are one
// notice.
func TestPage_openAlarms(t *testing.T) {
	since := noon.Add(-2 * time.Hour).UnixMilli()
	n := busy()
	n.Open = []store.Alarm{
		{Kind: store.AlarmDeaf, Subject: "hansarang_cs1", Since: since, RaisedAt: since},
		{Kind: store.AlarmSession, Subject: hostile, Since: since, Detail: store.AlarmDetail{Status: "FAILED"}},
		{Kind: store.AlarmWAHA, Since: since, Detail: store.AlarmDetail{Error: "connection refused by " + phone}},
	}
	for lang, want := range map[string][]string{
		"en": {"CS 1 · hansarang: silent, though WAHA says it works since 07:42", ": does not work since 07:42", "failed", "WAHA: does not answer since 07:42"},
		"id": {"CS 1 · hansarang: ", "07.42", "gagal", "WAHA: tidak menjawab"},
	} {
		root := show(t, n, "/?lang="+lang)
		var said []string
		for _, notice := range root.all(".notice") {
			said = append(said, notice.words())
		}
		if len(said) != 3 {
			t.Fatalf("%s: %d notices: %q", lang, len(said), said)
		}
		all := strings.Join(said, "\n")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, all)
			}
		}
		if strings.Contains(all, phone) {
			t.Errorf("%s: a number in full in %q", lang, all)
		}
	}
	for i := range 40 {
		n.Open = append(n.Open, store.Alarm{Kind: store.AlarmDeaf, Subject: fmt.Sprintf("cs_%d", i), Since: since})
	}
	if got := show(t, n, "/?lang=en").all(".notice"); len(got) != 1 || !strings.Contains(got[0].words(), "43 alarms are open") || !strings.Contains(got[0].words(), "cs_39") {
		t.Errorf("%d notices, the first %q", len(got), got[0].words())
	}
}
