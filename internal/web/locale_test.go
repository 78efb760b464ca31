package web

import (
	"testing"
	"time"
)

var (
	inEnglish    = locale{Texts: &english, zone: jakarta}
	inIndonesian = locale{Texts: &indonesian, zone: jakarta}
)

func TestLocale(t *testing.T) {
	const second, minute, hour, day = 1000, 60_000, 3_600_000, 86_400_000
	at := noon.UnixMilli()
	newYear := time.Date(2026, 1, 1, 0, 30, 0, 0, jakarta).UnixMilli()
	for _, tc := range []struct{ name, got, want string }{
		{"a small number", inEnglish.num(0), "0"},
		{"three digits", inEnglish.num(999), "999"},
		{"a thousand", inEnglish.num(1000), "1,000"},
		{"a thousand in Indonesian", inIndonesian.num(1000), "1.000"},
		{"millions", inIndonesian.num(12_345_678), "12.345.678"},
		{"below zero", inEnglish.num(-123_456), "-123,456"},
		{"size in bytes", inEnglish.bytes(999), "999 B"},
		{"size with a decimal", inEnglish.bytes(1536 << 10), "1.5 MiB"},
		{"size with a decimal in Indonesian", inIndonesian.bytes(1536 << 10), "1,5 MiB"},
		{"a whole size", inEnglish.bytes(4 << 30), "4 GiB"},
		{"a large size", inEnglish.bytes(3_000 << 40), "3,000 TiB"},
		{"clock", inEnglish.clock(at), "09:42:18"},
		{"clock in Indonesian", inIndonesian.clock(at), "09.42.18"},
		{"clock elsewhere", locale{&english, time.UTC}.clock(at), "02:42:18"},
		{"moment today", inIndonesian.moment(at, at), "09.42.18"},
		{"moment of another day", inIndonesian.moment(at-40*day, at), "14 Okt, 09.42.18"},
		{"the day is that of the zone", inEnglish.moment(at-10*hour, at), "22 Nov, 23:42:18"},
		{"moment of another year", inEnglish.moment(newYear-hour, newYear), "31 Dec 2025, 23:30:00"},
		{"minute today", inIndonesian.minute(at, at), "09.42"},
		{"minute of another day", inEnglish.minute(at-10*hour, at), "22 Nov, 23:42"},
		{"minute of another year", inEnglish.minute(newYear-hour, newYear), "31 Dec 2025, 23:30"},
		{"full", inIndonesian.full(time.Date(2026, 5, 2, 8, 5, 1, 0, jakarta).UnixMilli()), "2 Mei 2026, 08.05.01 WIB"},
		{"machine's form", inEnglish.iso(at), "2026-11-23T09:42:18.000+07:00"},
		{"a zone without a name", locale{&english, mustZone("Asia/Singapore")}.zoneName(at), "UTC+08"},
		{"seconds", inEnglish.span(12*second + 900), "12 s"},
		{"minutes", inIndonesian.span(3*minute + 50*second), "3 mnt"},
		{"hours", inEnglish.span(2*hour + 5*minute), "2 h 5 min"},
		{"whole hours", inEnglish.span(2 * hour), "2 h"},
		{"days", inIndonesian.span(4*day + 3*hour), "4 hari 3 jam"},
		{"a clock that went back", inEnglish.span(-5 * second), "0 s"},
		{"one", inEnglish.plural(english.SessionsTitle, 1), "1 session"},
		{"many", inEnglish.plural(english.SessionsTitle, 1200), "1,200 sessions"},
		{"none", inEnglish.plural(english.SessionsTitle, 0), "0 sessions"},
		{"one that leaves the number out", inEnglish.plural(english.RecentTitle, 1), "The last change"},
		{"one that says less", inEnglish.plural(english.ChartBusy, 1, "09:42", "1"), "1 event in the last hour, at 09:42"},
		{"many that say all", inIndonesian.plural(indonesian.ChartBusy, 30, "09.42", "4"), "30 kejadian dalam satu jam terakhir, terbanyak pukul 09.42 (4)"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

func TestAcceptLanguage(t *testing.T) {
	for _, tc := range []struct{ name, header, want string }{
		{"nothing", "", "en"},
		{"Indonesian", "id", "id"},
		{"as Java says it", "in-ID", "id"},
		{"English first", "en-US,en;q=0.9,id;q=0.8", "en"},
		{"Indonesian first", "id-ID,id;q=0.9,en-US;q=0.8", "id"},
		{"by weight and not by place", "en;q=0.3, id;q=0.7", "id"},
		{"a language not spoken, then one that is", "fr,id;q=0.2", "id"},
		{"only languages not spoken", "fr,de;q=0.2", "en"},
		{"not wanted", "id;q=0", "en"},
		{"nonsense", ";;q=,id;q=x,,=", "en"},
	} {
		if got := acceptLanguage(tc.header).Tag; got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}
