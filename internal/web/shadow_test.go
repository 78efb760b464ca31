package web

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandai/internal/shadow"
)

func shadowReport(days int) shadow.Report {
	c := shadow.NewCollector(shadow.Report{Table: "labeling_toko", Session: "toko", Client: "Toko <b>Kita</b>", Zone: "Asia/Jakarta", MadeAt: 1753798945612}, 5)
	a := shadow.Row{At: 1753798945612, Lead: "6285678000002", LabelID: "1", LabelName: "Grade A 081234567890", Status: "add_label", CS: "6281200000001"}
	b := a
	b.Lead = "201000000000011@lid"
	other := a
	other.LabelName, other.Client = "Grade B", "lama"
	for i := range days {
		day := []string{"2025-07-29", "2025-07-30", "2025-07-31"}[i]
		c.Day(day, []shadow.Row{a, b}, []shadow.Row{other})
	}
	if days > 0 {
		c.Unreadable("nomor_lead is NULL")
	}
	return c.Report()
}

func TestWriteShadow(t *testing.T) {
	for name, days := range map[string]int{"some days": 3, "nothing at all": 0} {
		for _, lang := range []string{"id", "en"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				var out bytes.Buffer
				if err := WriteShadow(&out, shadowReport(days), lang); err != nil {
					t.Fatal(err)
				}
				page := out.String()
				parse(t, page)
				for _, number := range []string{"6285678000002", "201000000000011", "081234567890", "6281200000001", "<b>"} {
					if strings.Contains(page, number) {
						t.Errorf("the page says %q", number)
					}
				}
				if found := regexp.MustCompile(`(src|href|url)\s*[=(]`).FindString(page); found != "" {
					t.Errorf("the page needs something else: %q", found)
				}
				if !strings.Contains(page, `<html lang="`+lang+`">`) || !strings.Contains(page, `id="lang-`+lang+`" checked`) {
					t.Errorf("the page does not open in %s", lang)
				}
				want := map[string][]string{
					"some days":      {"n8n lost 3 of 6 label changes.", "n8n kehilangan 3 dari 6 perubahan label.", "29 Jul 2025", "Tertimpa di n8n", "6285•••0002", "nomor_lead is NULL"},
					"nothing at all": {"There is nothing to compare", "Tidak ada yang dapat dibandingkan"},
				}[name]
				for _, text := range want {
					if !strings.Contains(page, text) {
						t.Errorf("the page does not say %q", text)
					}
				}
			})
		}
	}
}

func TestShadowTexts_complete(t *testing.T) {
	en, id := flat(reflect.ValueOf(shadowEnglish), ""), flat(reflect.ValueOf(shadowIndonesian), "")
	if len(en) != len(id) || len(en) < 40 {
		t.Errorf("%d texts in English, %d in Indonesian", len(en), len(id))
	}
	for key, text := range en {
		if text == "" || id[key] == "" {
			t.Errorf("%s is missing in a language", key)
		}
		if a, b := verbs(text), verbs(id[key]); !slices.Equal(a, b) {
			t.Errorf("%s takes %v in English and %v in Indonesian", key, a, b)
		}
	}
}
