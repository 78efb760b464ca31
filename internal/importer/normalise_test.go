package importer_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/importer"
	"tandai/internal/store"
)

var jakarta = time.FixedZone("WIB", 7*3600)

// good is a row that needs nothing done to it.
func good() [7]store.Cell {
	var row [7]store.Cell
	for i, text := range [7]string{"1753798945612", "hansarang", "6281200000001", "6285678000002", "1234", "Grade A", "add_label"} {
		row[i] = store.Cell{Text: text}
	}
	return row
}

func TestNormalise_asItIs(t *testing.T) {
	row := good()
	got, reason := importer.Normaliser{Zone: jakarta}.Normalise(&row)
	want := importer.Normal{
		At: 1753798945612, Precision: 1, ChatID: "6285678000002@c.us", LabelID: "1234", LabelName: "Grade A", Status: "add_label",
		Client: "hansarang", CS: "6281200000001",
	}
	if diff := cmp.Diff(want, got); diff != "" || reason != "" {
		t.Errorf("%s (-want +got)\n%s", reason, diff)
	}
}

func TestNormalise_columns(t *testing.T) {
	null := store.Cell{Null: true}
	text := func(s string) store.Cell { return store.Cell{Text: s} }
	for _, tc := range []struct {
		name   string
		column int
		cell   store.Cell
		want   string // of that column, "time/precision" for the time
		reason string // part of it
	}{
		{"milliseconds", store.ColumnAt, text("1753798945612"), "1753798945612/1", ""},
		{"seconds", store.ColumnAt, text("1753798945"), "1753798945000/1000", ""},
		{"seconds with a fraction", store.ColumnAt, text("1753798945.612"), "1753798945612/1", ""},
		{"milliseconds of a floating-point column", store.ColumnAt, text("1753798945612.0"), "1753798945612/1", ""},
		{"an exponent with all digits", store.ColumnAt, text("1.753798945612e+12"), "1753798945612/1", ""},
		{"an exponent with few", store.ColumnAt, text("1.7538e12"), "", "lost its last digits"},
		{"microseconds", store.ColumnAt, text("1753798945612345"), "1753798945612/1", ""},
		{"nanoseconds", store.ColumnAt, text("1753798945612345678"), "1753798945612/1", ""},
		{"spaces and quotes around", store.ColumnAt, text("\t\"1753798945612\" "), "1753798945612/1", ""},
		{"a plus", store.ColumnAt, text("+1753798945612"), "1753798945612/1", ""},
		{"a DATETIME is of the client's zone", store.ColumnAt, text("2025-07-29 21:22:25"), "1753798945000/1000", ""},
		{"a DATETIME(3)", store.ColumnAt, text("2025-07-29 21:22:25.612"), "1753798945612/1", ""},
		{"ISO in UTC", store.ColumnAt, text("2025-07-29T14:22:25.612Z"), "1753798945612/1", ""},
		{"ISO with an offset", store.ColumnAt, text("2025-07-29T22:22:25+08:00"), "1753798945000/1000", ""},
		{"which is the month?", store.ColumnAt, text("07/08/2025 14:22"), "", "neither a number nor a date"},
		{"1970", store.ColumnAt, text("0"), "", "not after 1970"},
		{"a year", store.ColumnAt, text("2025"), "", "no time between 2009 and 2100"},
		{"no time", store.ColumnAt, null, "", "timestamp_unix is NULL"},
		{"an empty time", store.ColumnAt, text(" "), "", "timestamp_unix is empty"},
		{"a negative time", store.ColumnAt, text("-1753798945612"), "", "neither a number"},

		{"a chat id", store.ColumnLead, text("6285678000002@c.us"), "6285678000002@c.us", ""},
		{"the other suffix", store.ColumnLead, text("6285678000002@s.whatsapp.net"), "6285678000002@c.us", ""},
		{"with a device", store.ColumnLead, text("6285678000002:17@s.whatsapp.net"), "6285678000002@c.us", ""},
		{"a hidden id", store.ColumnLead, text("201000000000011@lid"), "201000000000011@lid", ""},
		{"a hidden id with a device", store.ColumnLead, text("201000000000011:5@lid"), "201000000000011@lid", ""},
		{"as people write it", store.ColumnLead, text("+62 856-7800 (0002)"), "6285678000002@c.us", ""},
		{"with 00 in front", store.ColumnLead, text("006285678000002"), "6285678000002@c.us", ""},
		{"of a floating-point column", store.ColumnLead, text("6285678000002.0"), "6285678000002@c.us", ""},
		{"pasted with invisible marks", store.ColumnLead, text("\u202a+62\u00a0856\u20117800\u20110002\u202c"), "6285678000002@c.us", ""},
		{"a national number", store.ColumnLead, text("085678000002"), "", "country code is missing"},
		{"rounded by a spreadsheet", store.ColumnLead, text("6.28568E+12"), "", "rounded"},
		{"a group", store.ColumnLead, text("120363000000000001@g.us"), "", "is a group"},
		{"the status", store.ColumnLead, text("status@broadcast"), "", "is a broadcast list"},
		{"a channel", store.ColumnLead, text("1203@newsletter"), "", "is a channel"},
		{"a name", store.ColumnLead, text("Siti"), "", "cannot be read as a number"},
		{"nobody", store.ColumnLead, null, "", "nomor_lead is NULL"},

		{"a label id as a number", store.ColumnLabelID, text("12.00"), "12", ""},
		{"no label id", store.ColumnLabelID, null, "", "label_id is NULL"},
		{"undefined", store.ColumnLabelID, text("undefined"), "", "label_id is empty"},
		{"too long a label id", store.ColumnLabelID, text(strings.Repeat("9", 65)), "", "longer than"},

		{"a name keeps its spaces", store.ColumnLabelName, text(" Grade A "), " Grade A ", ""},
		{"no name", store.ColumnLabelName, null, "", ""},
		{"too long a name", store.ColumnLabelName, text(strings.Repeat("é", 256)), "", "label_name is longer than the 255"},
		{"bytes that are no text", store.ColumnLabelName, text("Grade \xe9"), "", "not text"},

		{"another case", store.ColumnStatus, text("ADD_LABEL"), "add_label", ""},
		{"another spelling", store.ColumnStatus, text(" Delete-Label"), "delete_label", ""},
		{"the event's name", store.ColumnStatus, text("label.chat.deleted"), "delete_label", ""},
		{"Indonesian", store.ColumnStatus, text("tambah"), "add_label", ""},
		{"neither", store.ColumnStatus, text("maybe"), "", "neither add_label nor delete_label"},
		{"no status", store.ColumnStatus, null, "", "status is NULL"},

		{"the CS with a suffix", store.ColumnCS, text("6281200000001:3@c.us"), "6281200000001", ""},
		{"a CS by name", store.ColumnCS, text("CS Rina"), "CS Rina", ""},
		{"no CS", store.ColumnCS, null, "", ""},
		{"no client", store.ColumnClient, null, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			row := good()
			row[tc.column] = tc.cell
			got, reason := importer.Normaliser{Zone: jakarta}.Normalise(&row)
			if tc.reason != "" {
				if !strings.Contains(reason, tc.reason) {
					t.Fatalf("reason %q, want one with %q (read as %+v)", reason, tc.reason, got)
				}
				return
			}
			if reason != "" {
				t.Fatalf("refused: %s", reason)
			}
			text := map[int]string{
				store.ColumnAt: fmt.Sprintf("%d/%d", got.At, got.Precision), store.ColumnLead: got.ChatID, store.ColumnLabelID: got.LabelID,
				store.ColumnLabelName: got.LabelName, store.ColumnStatus: string(got.Status), store.ColumnCS: got.CS, store.ColumnClient: got.Client,
			}[tc.column]
			if text != tc.want {
				t.Errorf("read as %q, want %q", text, tc.want)
			}
		})
	}
}

// Reading what was read changes nothing more, and a reason never repeats the row:
// it is shown where numbers must not be.
func TestNormalise_again(t *testing.T) {
	n := importer.Normaliser{Zone: jakarta}
	rapid.Check(t, func(t *rapid.T) {
		row := good()
		wild := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"1753798945", "6281234567890@c.us", "+62 812", "add label", "REMOVED", "12.0", "2010@lid", "1e12", "08123"}))
		for i := range row {
			if rapid.Bool().Draw(t, "change") {
				row[i] = store.Cell{Text: wild.Draw(t, "text"), Null: rapid.Bool().Draw(t, "null")}
				if row[i].Null {
					row[i].Text = ""
				}
			}
		}
		got, reason := n.Normalise(&row)
		if reason != "" {
			for _, c := range row {
				if len(c.Text) > 8 && strings.Contains(reason, c.Text) {
					t.Fatalf("the reason %q repeats %q", reason, c.Text)
				}
			}
			return
		}
		who := strings.TrimSuffix(got.ChatID, "@c.us")
		var again [7]store.Cell
		for i, text := range [7]string{strconv.FormatInt(got.At, 10), got.Client, got.CS, who, got.LabelID, got.LabelName, string(got.Status)} {
			again[i] = store.Cell{Text: text}
		}
		twice, reason := n.Normalise(&again)
		if reason != "" || len(twice.Changed) != 0 {
			t.Fatalf("read again: %q, changed %v", reason, twice.Changed)
		}
		twice.Precision, got.Changed = got.Precision, nil
		if diff := cmp.Diff(got, twice); diff != "" {
			t.Fatal(diff)
		}
	})
}
