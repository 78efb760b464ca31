package radar

import (
	"fmt"
	"strings"
	"time"

	"tandai/internal/store"
)

// Sentence says in one or two sentences what an alarm is about, in English ("en") or
// Indonesian ("id").
func Sentence(a store.Alarm, zone *time.Location, lang string) string {
	id := lang == "id"
	say := func(en, in string, args ...any) string {
		if id {
			return fmt.Sprintf(in, args...)
		}
		return fmt.Sprintf(en, args...)
	}
	if zone == nil {
		zone = time.UTC
	}
	at := time.UnixMilli(a.Since).In(zone)
	since := at.Format("2006-01-02 15:04")
	if id {
		since = at.Format("02/01/2006 15.04")
	}
	server := a.Subject
	if server == "" {
		server = "WAHA"
	} else {
		server = "WAHA (" + server + ")"
	}
	var parts []string
	add := func(en, in string, args ...any) { parts = append(parts, say(en, in, args...)) }
	over := a.ClearedAt != 0
	switch {
	case a.Kind == store.AlarmDeaf && !over:
		add("No event of session %s since %s, although WAHA says it works.", "Tidak ada kejadian dari sesi %s sejak %s, padahal menurut WAHA sesi itu aktif.", a.Subject, since)
		if a.Detail.Every >= 1 {
			add("By chance such a silence comes about once in %.0f months.", "Keheningan seperti itu secara kebetulan hanya terjadi sekitar sekali dalam %.0f bulan.", a.Detail.Every)
		}
	case a.Kind == store.AlarmDeaf:
		add("The silence of session %s since %s is over.", "Keheningan sesi %s sejak %s sudah berakhir.", a.Subject, since)
	case a.Kind == store.AlarmSession && !over:
		add("Session %s does not work since %s: WAHA says %s.", "Sesi %s tidak aktif sejak %s: menurut WAHA %s.", a.Subject, since, a.Detail.Status)
	case a.Kind == store.AlarmSession:
		add("The alarm about session %s, which did not work since %s, is over.", "Alarm tentang sesi %s, yang tidak aktif sejak %s, sudah berakhir.", a.Subject, since)
	case !over:
		add("%s does not answer since %s.", "%s tidak menjawab sejak %s.", server, since)
	default:
		add("%s, which did not answer since %s, answers again or is asked no more.", "%s, yang tidak menjawab sejak %s, menjawab lagi atau tidak ditanya lagi.", server, since)
	}
	switch a.Detail.Cleared {
	case store.ClearedRemoved:
		add("The session is gone from WAHA.", "Sesi itu sudah dihapus dari WAHA.")
	case store.ClearedQuiet:
		add("The number has become so quiet that its silence says nothing.", "Nomor itu sudah begitu sepi sehingga keheningannya tidak berarti apa-apa.")
	}
	switch {
	case a.Detail.Restart == "done":
		add("It was restarted through WAHA.", "Sesi itu sudah dimulai ulang lewat WAHA.")
	case a.Detail.Restart != "":
		add("It could not be restarted through WAHA.", "Sesi itu tidak dapat dimulai ulang lewat WAHA.")
	}
	if n := a.Detail.Recovered; n != nil && *n > 0 {
		add("Recovered %d labels.", "%d label dipulihkan.", *n)
	}
	return strings.Join(parts, " ")
}
