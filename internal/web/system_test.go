package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/report"
)

func getSystem(t *testing.T, y report.System, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := ask(New(Config{Reports: systemAnswer{y}, Zone: jakarta, Version: "1.2.3"}), target)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", target, w.Code, w.Body)
	}
	return w
}

func showSystem(t *testing.T, y report.System, lang string) *node {
	t.Helper()
	return parse(t, getSystem(t, y, "/system?lang="+lang).Body.String())
}

func TestSystem_everyState(t *testing.T) {
	for name, y := range systems() {
		for _, lang := range languages {
			for _, path := range []string{"/system", "/system/now"} {
				t.Run(name+" "+lang+" "+path, func(t *testing.T) {
					checkPage(t, getSystem(t, y, path+"?lang="+lang).Body.String(), path == "/system")
				})
			}
		}
	}
}

// What each state says, word for word, in both languages.
func TestSystem_golden(t *testing.T) {
	for _, name := range []string{"all well", "troubled", "switched off", "nothing known", "away"} {
		for _, lang := range languages {
			t.Run(name+" "+lang, func(t *testing.T) {
				golden(t, filepath.Join("testdata", "system-"+strings.ReplaceAll(name, " ", "-")+"."+lang+".txt"),
					outline(showSystem(t, systems()[name], lang).one(t, "body")))
			})
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got; -update writes it anew)\n%s", diff)
	}
}

func TestSystem_noNumberInFull(t *testing.T) {
	for name, y := range systems() {
		for _, lang := range languages {
			page := getSystem(t, y, "/system?lang="+lang).Body.String()
			if strings.Contains(page, phone) {
				t.Errorf("%s: the page holds a phone in full", name)
			}
			for _, e := range everything(parse(t, page)) {
				for _, text := range []string{e.text, e.attrs["title"]} {
					if found := longNumbers.FindString(text); found != "" && !strings.Contains(text, "timestamp "+found) {
						t.Errorf("%s: %q holds %s", name, text, found)
					}
				}
			}
		}
	}
}

func TestSystem_hostileNamesAreText(t *testing.T) {
	root := parse(t, getSystem(t, hostileSystem(), "/system?lang=en").Body.String())
	if n, m := len(root.all("script")), len(root.all("img")); n != 1 || m != 1 {
		t.Errorf("%d scripts and %d pictures, want our own only", n, m)
	}
	for _, e := range everything(root) {
		for _, kid := range e.kids {
			if strings.ContainsRune(kid.text, '\u202e') && e.tag != "bdi" {
				t.Fatalf("<%s> lets a foreign text turn ours around: %q", e.tag, kid.text)
			}
		}
	}
}

// Each page leads to the other, in the language it is read in, and refreshes
// from its own address.
func TestSystem_links(t *testing.T) {
	for path, other := range map[string]string{"/": "/system", "/system": "/"} {
		body := parse(t, getSystem(t, allWell(), path+"?lang=id").Body.String()).one(t, "body")
		var here, there string
		for _, a := range body.one(t, "nav").all("a") {
			if a.attrs["aria-current"] == "page" {
				here = a.attrs["href"]
			} else {
				there = a.attrs["href"]
			}
		}
		if here != path || there != other {
			t.Errorf("%s: here is %q, the other page %q", path, here, there)
		}
		if got, want := body.attrs["data-fragment"], strings.TrimSuffix(path, "/")+"/now?lang=id"; got != want {
			t.Errorf("%s refreshes from %s, want %s", path, got, want)
		}
		if got := body.one(t, ".language").attrs["href"]; got != path+"?lang=en" {
			t.Errorf("%s: the other language is at %s", path, got)
		}
	}
}

// What nobody looks after is said to be so, and never looks fine.
func TestSystem_switchedOffIsNotFine(t *testing.T) {
	for lang, texts := range map[string]*Texts{"en": &english, "id": &indonesian} {
		root := showSystem(t, switchedOff(busy()), lang)
		for _, tile := range root.all(".tile") {
			if got := tile.one(t, ".v").words(); got != "–" || len(tile.all(".good")) != 0 {
				t.Errorf("%s: %q", tile.one(t, "h2").words(), got)
			}
		}
		s := &texts.System
		for heading, why := range map[string]string{
			s.AlarmsHead: s.NoRadar, s.RunsHead: s.NoTruth, s.RepairedHead: s.SwitchedOff, s.PeopleHead: s.NoPeople, s.OutboxHead: s.NoOutbox,
		} {
			for _, card := range root.all(".card") {
				if card.all("h2")[0].words() == heading {
					if got := card.one(t, ".none").words(); got != why {
						t.Errorf("%s says %q", heading, got)
					}
				}
			}
		}
	}
}

// What a part left behind before it was switched off is shown all the same.
func TestSystem_switchedOffWithRemains(t *testing.T) {
	y := troubled()
	y.Alarms.Off, y.Truth.Off, y.People.Off, y.Outbox.Off = true, true, true, true
	root := showSystem(t, y, "en")
	for _, rows := range []string{"#run-rows", "#repaired-rows", "#people-rows", "#outbox-rows", "#alarm-rows"} {
		root.one(t, rows)
	}
	if got := root.all(".tile")[0].one(t, ".v").words(); got != "–" {
		t.Errorf("%s are heard, and nobody compares", got)
	}
}

func TestSystem_coverage(t *testing.T) {
	root := showSystem(t, troubled(), "en")
	var got []string
	for _, row := range root.one(t, "#number-rows").one(t, "tbody").all("tr") {
		got = append(got, row.one(t, ".heard").words())
	}
	want := []string{
		"100 % of 100", "75 % of 134", "100 % of 102", "100 % of 103", english.System.NothingToHear, english.System.Polled,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Of a number that was never compared nobody knows what its webhooks left out.
func TestSystem_coverageNeedsComparing(t *testing.T) {
	y := allWell()
	y.Truth.Value.Newest, y.Truth.Value.Runs = nil, nil
	root := showSystem(t, y, "en")
	if got := root.all(".tile")[0].one(t, ".v").words(); got != "–" {
		t.Errorf("%s are heard", got)
	}
	for _, row := range root.one(t, "#number-rows").one(t, "tbody").all("tr") {
		if got := row.one(t, ".heard").words(); got != english.System.NotJudged {
			t.Errorf("heard: %q", got)
		}
	}
	y = allWell()
	y.Truth.Value.Noted = 1
	tile := showSystem(t, y, "en").all(".tile")[0]
	if got := tile.words(); !strings.Contains(got, "100 %") || !strings.Contains(got, english.System.Checking) || len(tile.all(".good")) != 0 {
		t.Errorf("with a difference that is not confirmed yet: %q", got)
	}
}

func TestLocale_share(t *testing.T) {
	for _, tc := range []struct {
		part, whole int64
		want        string
	}{
		{0, 0, "–"}, {0, 5, "0 %"}, {5, 5, "100 %"}, {999, 1000, "99 %"}, {1, 1000, "1 %"}, {1, 2, "50 %"}, {2, 3, "67 %"},
	} {
		l := locale{Texts: &english}
		if got := l.share(tc.part, tc.whole); got != tc.want {
			t.Errorf("%d of %d is %s, want %s", tc.part, tc.whole, got, tc.want)
		}
	}
}
