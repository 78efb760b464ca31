package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// locale writes numbers and times the way one language and zone do.
type locale struct {
	*Texts
	zone *time.Location
}

var months = map[string][12]string{
	"en": {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	"id": {"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"},
}

func (l locale) indonesian() bool { return l.Tag == "id" }

// num groups thousands: 12,040 in English, 12.040 in Indonesian.
func (l locale) num(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	comma := ","
	if l.indonesian() {
		comma = "."
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + comma + digits[i:]
	}
	return sign + digits
}

// decimal writes a small number with one digit behind the point, or with none
// where it would be zero or the number is ten and more.
func (l locale) decimal(x float64) string {
	if x >= 10 || x == float64(int64(x)) {
		return l.num(int64(x + 0.5))
	}
	text := strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	if l.indonesian() {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// bytes is a size in the unit people read it in: 812 MiB.
func (l locale) bytes(n int64) string {
	size, unit := float64(n), "B"
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, u
	}
	return l.decimal(size) + " " + unit
}

func (l locale) in(at int64) time.Time { return time.UnixMilli(at).In(l.zone) }

func (l locale) timeOf(t time.Time, layout string) string {
	text := t.Format(layout)
	if l.indonesian() {
		text = strings.ReplaceAll(text, ":", ".")
	}
	return text
}

// clock is 12:03:04, in Indonesian 12.03.04.
func (l locale) clock(at int64) string { return l.timeOf(l.in(at), "15:04:05") }

// hour is 12:03.
func (l locale) hour(at int64) string { return l.timeOf(l.in(at), "15:04") }

// day is 22 Nov.
func (l locale) day(at int64) string {
	t := l.in(at)
	return fmt.Sprintf("%d %s", t.Day(), months[l.Tag][t.Month()-1])
}

// moment is the clock where at is of the same day as now, else with the day
// before it, and with the year where that differs.
func (l locale) moment(at, now int64) string {
	t, n := l.in(at), l.in(now)
	switch {
	case t.YearDay() == n.YearDay() && t.Year() == n.Year():
		return l.clock(at)
	case t.Year() == n.Year():
		return l.day(at) + ", " + l.clock(at)
	}
	return fmt.Sprintf("%s %d, %s", l.day(at), t.Year(), l.clock(at))
}

// minute is moment without its seconds.
func (l locale) minute(at, now int64) string {
	t, n := l.in(at), l.in(now)
	switch {
	case t.YearDay() == n.YearDay() && t.Year() == n.Year():
		return l.hour(at)
	case t.Year() == n.Year():
		return l.day(at) + ", " + l.hour(at)
	}
	return fmt.Sprintf("%s %d, %s", l.day(at), t.Year(), l.hour(at))
}

// full is 22 Nov 2026, 12:03:04 WIB.
func (l locale) full(at int64) string {
	return fmt.Sprintf("%s %d, %s %s", l.day(at), l.in(at).Year(), l.clock(at), l.zoneName(at))
}

// iso is the machine's form, for the datetime attribute.
func (l locale) iso(at int64) string { return l.in(at).Format("2006-01-02T15:04:05.000Z07:00") }

// zoneName is WIB, or UTC+08 where the zone has no name of its own.
func (l locale) zoneName(at int64) string {
	name, _ := l.in(at).Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

// span is a length of time in its two largest units: 12 s, 3 min, 2 h 5 min, 4 d.
func (l locale) span(ms int64) string {
	s := max(ms, 0) / 1000
	unit := func(n int64, name string) string { return l.num(n) + " " + name }
	two := func(a, b string, rest int64) string {
		if rest == 0 {
			return a
		}
		return a + " " + b
	}
	switch {
	case s < 60:
		return unit(s, l.Second)
	case s < 3600:
		return unit(s/60, l.MinuteUnit)
	case s < 86400:
		return two(unit(s/3600, l.Hour), unit(s%3600/60, l.MinuteUnit), s%3600/60)
	}
	return two(unit(s/86400, l.Day), unit(s%86400/3600, l.Hour), s%86400/3600)
}

// fill puts values into a text.
func (l locale) fill(format string, values ...any) string { return fmt.Sprintf(format, values...) }

// plural fills a text that depends on a number; the number itself is the first
// value.
func (l locale) plural(p Plural, n int64, more ...any) string {
	format := p.Other
	if n == 1 {
		format = p.One
	}
	if !strings.Contains(format, "%") {
		return format
	}
	// The format of one number may say less than that of many.
	for i := len(more) + 1; i > 1 && !strings.Contains(format, "%["+strconv.Itoa(i)+"]"); i-- {
		more = more[:i-2]
	}
	return fmt.Sprintf(format, append([]any{l.num(n)}, more...)...)
}

const langCookie = "tandai_lang"

// chooseLanguage reads ?lang=, then the cookie, then what the browser prefers.
// asked is true where the query named a language that is spoken.
func chooseLanguage(r *http.Request) (texts *Texts, asked bool) {
	if t := textsFor(r.URL.Query().Get("lang")); t != nil {
		return t, true
	}
	if c, err := r.Cookie(langCookie); err == nil {
		if t := textsFor(c.Value); t != nil {
			return t, false
		}
	}
	return acceptLanguage(strings.Join(r.Header.Values("Accept-Language"), ",")), false
}

// acceptLanguage picks from an Accept-Language header by its weights, the
// earlier of equal ones; English where none is spoken.
func acceptLanguage(header string) *Texts {
	best, bestWeight := &english, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(part, ";")
		base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if base == "in" { // what Indonesian was called until 1989, and in Java ever since
			base = "id"
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			w, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = w
		}
		if t := textsFor(base); t != nil && weight > bestWeight {
			best, bestWeight = t, weight
		}
	}
	return best
}
