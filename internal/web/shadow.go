package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"tandai/internal/shadow"
)

// Pages that are written to a file, and have to hold all they need: unlike those
// that are served, under a policy that allows nothing inline.
//
//go:embed file/*.html
var fileTemplates embed.FS

// shadowView is the page that shows a client what n8n and Tandai recorded of the
// same days: one file, both languages, no address of anything else.
type shadowView struct {
	First string // language the page opens in
	Langs []shadowLang
}

type shadowLang struct {
	T                            *shadowTexts
	Open                         bool
	Title, Verdict, Period, Made string
	Good                         bool
	Tiles                        []tileView
	Bars                         []shadowBar
	BarsTop                      string
	Days                         []shadowDay
	Findings                     []shadowFinding
	Unreadable                   []rowView
	Columns                      []rowView
}

type shadowDay struct {
	Day   string
	Cells []string
	Total bool
	Bad   bool
}

type shadowFinding struct{ Kind, Time, Lead, Label, Status, Note string }

// shadowBar is one day of the chart, in thousandths of its height.
type shadowBar struct {
	X, W       float64
	Same, Lost float64 // heights
	Y, LostY   float64
	Title      string
}

// WriteShadow writes the comparison as one page. Numbers of people are masked. lang
// is the language it opens in, "id" or "en".
func WriteShadow(w io.Writer, r shadow.Report, lang string) error {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return fmt.Errorf("zone of the page: %w", err)
	}
	pages, err := template.ParseFS(fileTemplates, "file/shadow.html")
	if err != nil {
		return err
	}
	v := shadowView{First: lang}
	for _, t := range []*shadowTexts{&shadowIndonesian, &shadowEnglish} {
		v.Langs = append(v.Langs, shadowIn(locale{Texts: textsFor(t.Tag), zone: zone}, t, r, t.Tag == lang))
	}
	return pages.ExecuteTemplate(w, "shadow.html", v)
}

func shadowIn(l locale, t *shadowTexts, r shadow.Report, open bool) shadowLang {
	n := func(v int) string { return l.num(int64(v)) }
	lost := r.OnlyHere + r.Overwritten
	v := shadowLang{T: t, Open: open, Title: l.fill(t.Title, r.Client), Made: l.fill(t.Made, maskText(r.Table), maskText(r.Session), l.full(r.MadeAt), r.Zone)}
	switch {
	case lost > 0:
		v.Verdict = l.fill(t.VerdictLost, n(lost), n(r.Here))
	case r.OnlyThere > 0:
		v.Verdict = l.fill(t.VerdictMissing, n(r.OnlyThere))
	case r.Doubled > 0:
		v.Verdict = l.fill(t.VerdictDoubled, n(r.Doubled))
	case r.Same+r.Different == 0: // what was imported from the table says nothing of it
		v.Verdict = t.VerdictNothing
	default:
		v.Verdict, v.Good = t.VerdictSame, true
	}
	if len(r.Days) > 0 {
		v.Period = l.fill(t.Period, shadowDate(l, r.Days[0].Day), shadowDate(l, r.Days[len(r.Days)-1].Day))
	}
	v.Tiles = []tileView{
		{Name: t.Both, Value: n(r.Same + r.Different), Note: l.fill(t.OfTandai, n(r.Here-r.Imported))},
		{Name: t.Overwritten, Value: n(r.Overwritten), Note: t.OverwrittenNote, Kind: badIf(r.Overwritten)},
		{Name: t.OnlyHere, Value: n(r.OnlyHere), Note: t.OnlyHereNote, Kind: badIf(r.OnlyHere)},
		{Name: t.OnlyThere, Value: n(r.OnlyThere), Note: t.OnlyThereNote, Kind: badIf(r.OnlyThere)},
		{Name: t.Doubled, Value: n(r.Doubled), Note: t.DoubledNote, Kind: badIf(r.Doubled)},
		{Name: t.Different, Value: n(r.Different), Note: t.DifferentNote},
	}
	v.Bars, v.BarsTop = shadowBars(l, t, r)
	row := func(name string, c shadow.Count) shadowDay {
		d := shadowDay{Day: name, Bad: !c.Agree()}
		for _, x := range []int{c.There, c.Here, c.Same + c.Different, c.Imported, c.Different, c.Overwritten, c.OnlyHere, c.OnlyThere, c.Doubled} {
			d.Cells = append(d.Cells, n(x))
		}
		return d
	}
	for _, d := range r.Days {
		v.Days = append(v.Days, row(shadowDate(l, d.Day), d.Count))
	}
	total := row(t.Total, r.Count)
	total.Total = true
	v.Days = append(v.Days, total)
	for _, f := range r.First {
		v.Findings = append(v.Findings, findingIn(l, t, f))
	}
	for _, reason := range sortedNames(r.Reasons) {
		v.Unreadable = append(v.Unreadable, rowView{maskText(reason), n(r.Reasons[reason])})
	}
	for _, column := range sortedNames(r.Columns) {
		v.Columns = append(v.Columns, rowView{column, n(r.Columns[column])})
	}
	return v
}

func badIf(n int) string {
	if n > 0 {
		return "bad"
	}
	return "good"
}

func findingIn(l locale, t *shadowTexts, f shadow.Finding) shadowFinding {
	out := shadowFinding{
		Kind: t.Kinds[f.Kind], Time: fmt.Sprintf("%s %d, %s.%03d", l.day(f.Row.At), l.in(f.Row.At).Year(), l.clock(f.Row.At), f.Row.At%1000),
		Lead: maskLead(f.Row.Lead), Label: maskText(f.Row.LabelName), Status: t.Statuses[f.Row.Status],
	}
	if out.Label == "" {
		out.Label = maskText(f.Row.LabelID)
	}
	if f.Other != nil {
		values := map[string][2]string{
			"klien": {f.Row.Client, f.Other.Client}, "nomor_cs": {f.Row.CS, f.Other.CS}, "label_name": {f.Row.LabelName, f.Other.LabelName},
		}
		var notes []string
		for _, c := range f.Columns {
			notes = append(notes, l.fill(t.DiffersIn, c, maskText(values[c][0]), maskText(values[c][1])))
		}
		out.Note = strings.Join(notes, "; ")
	}
	return out
}

// shadowBars are the last days, a bar each: what both have, and above it what n8n
// lost.
func shadowBars(l locale, t *shadowTexts, r shadow.Report) ([]shadowBar, string) {
	const most, width, height = 60, 1000.0, 160.0
	days := r.Days[max(0, len(r.Days)-most):]
	top := 1
	for _, d := range days {
		top = max(top, d.Here)
	}
	var bars []shadowBar
	step := width / float64(max(len(days), 12))
	for i, d := range days {
		lost := d.OnlyHere + d.Overwritten
		b := shadowBar{X: float64(i)*step + step*0.1, W: step * 0.8, Same: height * float64(d.Here-lost) / float64(top), Lost: height * float64(lost) / float64(top)}
		b.Y, b.LostY = height-b.Same, height-b.Same-b.Lost
		b.Title = l.fill(t.BarTitle, shadowDate(l, d.Day), l.num(int64(d.Here)), l.num(int64(lost)))
		bars = append(bars, b)
	}
	return bars, l.num(int64(top))
}

// shadowDate is a day, 2006-01-02, as people write it.
func shadowDate(l locale, day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, l.zone)
	if err != nil {
		return day
	}
	return fmt.Sprintf("%d %s %d", t.Day(), months[l.Tag][t.Month()-1], t.Year())
}

func sortedNames(m map[string]int) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
