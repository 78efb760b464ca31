package web

import (
	"flag"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What each state says, word for word, in both languages.
func TestPage_golden(t *testing.T) {
	for _, name := range []string{"one", "empty", "away", "never reached", "migrating", "inbox gone", "nothing known"} {
		for _, lang := range languages {
			t.Run(name+" "+lang, func(t *testing.T) {
				n := states()[name]
				if len(n.Recent.Value) > 3 {
					n.Recent.Value = n.Recent.Value[2:5]
				}
				if len(n.Active.Value) > 1 {
					n.Active.Value = n.Active.Value[1:2]
				}
				got := outline(show(t, n, "/?lang="+lang).one(t, "body"))
				golden(t, filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+"."+lang+".txt"), got)
			})
		}
	}
}

// outline is a page as its words, a line for each heading, paragraph, row and
// figure; the hour's bars and rows are left out.
func outline(body *node) string {
	var out strings.Builder
	var walk func(*node, string)
	line := func(indent, text string) {
		if text != "" {
			out.WriteString(indent + text + "\n")
		}
	}
	walk = func(n *node, indent string) {
		switch {
		case n.is(".chart") || n.is("#chart-rows"):
			return
		case n.is("section"):
			line(indent, "["+strings.TrimSpace(n.attrs["class"])+"]")
			indent += "  "
		case n.tag == "h1", n.tag == "h2", n.tag == "h3", n.tag == "p", n.tag == "tr", n.tag == "li" && len(n.all("pre")) == 0,
			n.tag == "figcaption", n.tag == "summary", n.is(".language"), n.is(".skip"), n.tag == "nav":
			line(indent, n.words())
			return
		case n.tag == "dl":
			for _, row := range n.all("div") {
				line(indent, row.all("dt")[0].words()+": "+row.all("dd")[0].words())
			}
			return
		case n.tag == "pre":
			line(indent, "$ "+n.words())
			return
		case n.tag == "span" || n.tag == "code":
			line(indent, n.words())
			return
		}
		for _, kid := range n.kids {
			walk(kid, indent)
		}
	}
	walk(body, "")
	return out.String()
}

func TestPage_staleSaysSo(t *testing.T) {
	for lang, words := range map[string][3]string{
		"en": {"as of 09:38:06", "The database has been away since 09:38:07", "1,204"},
		"id": {"keadaan 09.38.06", "Basis data tidak terjangkau sejak 09.38.07", "1.204"},
	} {
		root := show(t, away(), "/?lang="+lang)
		if got := root.one(t, ".notice").words(); !strings.HasPrefix(got, words[1]) || !strings.Contains(got, "connection refused") {
			t.Errorf("notice: %q", got)
		}
		headings := map[string]string{"en": "4,048 labels|The last 50|6 sessions", "id": "4.048 label|50 perubahan|6 sesi"}[lang]
		for heading := range strings.SplitSeq(headings, "|") {
			if got := root.card(t, heading).one(t, "h2").words(); !strings.HasSuffix(got, words[0]) {
				t.Errorf("%q does not say when it was read", got)
			}
		}
		waiting := root.all(".tile")[2].words()
		if !strings.Contains(waiting, words[2]) || strings.Contains(waiting, words[0]) {
			t.Errorf("the inbox was read just now: %q", waiting)
		}
	}
	if all := show(t, busy(), "/").all(".asof"); len(all) != 0 {
		t.Errorf("what was read just now says it was read at %q", all[0].words())
	}
}

// What was never read is a dash and words, and no zero.
func TestPage_unknownIsNoZero(t *testing.T) {
	n := states()["nothing known"]
	for _, lang := range languages {
		root := show(t, n, "/?lang="+lang)
		for _, tile := range root.all(".tile") {
			if got := tile.one(t, ".v").words(); got != "–" {
				t.Errorf("%s: %q", tile.one(t, "h2").words(), got)
			}
		}
		for _, dd := range root.all("dd") {
			if got := dd.words(); got != "–" {
				t.Errorf("the database says %q", got)
			}
		}
		if len(root.all("svg")) != 0 || len(root.all("table")) != 0 || len(root.all(".none")) != 6 {
			t.Errorf("%d drawings, %d tables, %d cards without an answer", len(root.all("svg")), len(root.all("table")), len(root.all(".none")))
		}
	}
}

func TestPage_refusingIsNotReassuring(t *testing.T) {
	n := hostileNames()
	if page := show(t, n, "/?lang=en").words(); strings.Contains(page, english.AwayKept) || !strings.Contains(page, english.RefusingTitle) {
		t.Error("the page says events are accepted while they are refused")
	}
}

func TestPage_chart(t *testing.T) {
	n := busy()
	n.Queue.Value.Minutes = hour(func(i int) int64 { return map[int]int64{0: 1, 30: 30, 59: 15}[i] }).Minutes
	root := show(t, n, "/?lang=id")
	card := root.card(t, "46 kejadian dalam satu jam terakhir, terbanyak pukul 09.13 (30)")
	drawing := card.one(t, "svg")
	names := map[string]bool{}
	for _, name := range []string{"title", "desc"} {
		names[drawing.all(name)[0].attrs["id"]] = true
	}
	for id := range strings.FieldsSeq(drawing.attrs["aria-labelledby"]) {
		if !names[id] {
			t.Errorf("the drawing is named by %q, which it does not have", id)
		}
	}
	if got := drawing.one(t, "desc").words(); got != "Enam puluh batang, satu per menit, dari pukul 08.43 sampai 09.42. Yang tertinggi 30." {
		t.Errorf("description: %q", got)
	}
	if slots := drawing.all(".slot"); len(slots) != 60 {
		t.Errorf("%d minutes, want 60", len(slots))
	}
	var heights []string
	for _, bar := range drawing.all(".bar") {
		heights = append(heights, bar.attrs["height"])
		y, _ := strconv.Atoi(bar.attrs["y"])
		if h, _ := strconv.Atoi(bar.attrs["height"]); y+h != chartTall {
			t.Errorf("a bar of %s at %s does not stand on the ground", bar.attrs["height"], bar.attrs["y"])
		}
	}
	if diff := cmp.Diff([]string{"4", "120", "60"}, heights); diff != "" {
		t.Errorf("bars of 1, 30 and 15 on a scale of 40 (-want +got):\n%s", diff)
	}
	if running := drawing.all(".running"); len(running) != 1 {
		t.Errorf("%d bars are still running", len(running))
	}
	if got := card.one(t, ".scale").words(); got != "40 20 0" {
		t.Errorf("scale %q", got)
	}
	rows := card.one(t, "tbody").all("tr")
	if len(rows) != 60 || rows[0].words() != "09.42 15 masih berjalan" || rows[29].words() != "09.13 30" || rows[59].words() != "08.43 1" {
		t.Errorf("%d rows, %q … %q", len(rows), rows[0].words(), rows[len(rows)-1].words())
	}
}

func TestNiceTop(t *testing.T) {
	for n, want := range map[int64]int64{0: 2, 1: 2, 2: 2, 3: 4, 9: 10, 11: 20, 30: 40, 61: 80, 101: 200, 120_059: 200_000} {
		if got := niceTop(n); got != want {
			t.Errorf("%d: got %d, want %d", n, got, want)
		}
	}
}

func TestPage_gradesWearLetterAndColour(t *testing.T) {
	n := busy()
	scale := report.Scale{Grades: []string{"Panas", "Hangat", "Dingin"}}
	var labels []report.LabelCount
	for _, name := range append(scale.Grades, "Lain") {
		labels = append(labels, report.LabelCount{Name: name, Mark: scale.Mark(name), Leads: 4})
	}
	n.Active.Value = []report.ClientLabels{{Client: "a", Active: 16, Labels: labels}}
	root := show(t, n, "/?lang=en").card(t, "16 labels are active now")
	want := []string{"1 Panas 4|g a|fill a", "2 Hangat 4|g c|fill c", "3 Dingin 4|g e|fill e", "Lain 4||fill"}
	for i, row := range root.one(t, "tbody").all("tr") {
		class := ""
		if badge := row.all(".g"); len(badge) == 1 {
			class = badge[0].attrs["class"]
		}
		if got := row.words() + "|" + class + "|" + row.one(t, "rect").attrs["class"]; got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
}

func TestPage_manyFoldAway(t *testing.T) {
	root := show(t, many(), "/?lang=en")
	first := root.all(".clients")[0].all("section")[0]
	tables := first.all("tbody")
	if len(tables) != 2 || len(tables[0].all("tr")) != labelsShown || len(tables[1].all("tr")) != 50 || first.one(t, "summary").words() != "50 more" {
		t.Errorf("%d tables of labels, fold %q", len(tables), first.one(t, "summary").words())
	}
	if got := root.card(t, "1,000,000 events could not").words(); !strings.HasSuffix(got, "and 999,995 older ones") {
		t.Errorf("quarantine ends with …%q", got[max(0, len(got)-40):])
	}
}

func TestPage_recent(t *testing.T) {
	rows := show(t, busy(), "/?lang=id").one(t, "#recent-rows").all("li")
	if len(rows) != 50 {
		t.Fatalf("%d changes, want 50", len(rows))
	}
	for i, want := range map[int]string{
		0:  "09.42.11 A Grade A ditambahkan ke 6281•••4471 CS 1 · hansarang",
		2:  "09.41.12 jadi Closing ditambahkan ke 2010•••0099 hansarang_cs1 · klinik-ayu · nomor belum diketahui",
		3:  "09.39.44 E Grade E dihapus dari 6281•••4474 CS 1 · hansarang",
		4:  "09.37.13 B Grade B 🔥 ditambahkan ke 6281•••4475 dipulihkan hansarang_cs1 · toko-aisyah",
		8:  "09.10.39 label 7, namanya belum diketahui ditambahkan ke 6281•••4479 hansarang_cs1 · klinik-ayu",
		49: "19 Nov 04.32 B Grade B 🔥 ditambahkan ke 6281•••4520 hansarang_cs1 · toko-aisyah",
	} {
		if got := rows[i].words(); got != want {
			t.Errorf("%d: got %q, want %q", i, got, want)
		}
	}
	if got := rows[0].one(t, "time"); got.attrs["datetime"] != "2026-11-23T09:42:11.000+07:00" || got.attrs["title"] != "23 Nov 2026, 09.42.11 WIB" {
		t.Errorf("time: %v", got.attrs)
	}
}
