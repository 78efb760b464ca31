package importer

import (
	"strings"
	"time"
	"unicode/utf8"

	"tandai/internal/label"
	"tandai/internal/store"
)

// Normal is a row as the log wants it.
type Normal struct {
	At        int64 // Unix ms
	Precision int64 // ms: how exact At is
	ChatID    string
	LabelID   string
	LabelName string
	Status    label.Status
	Client    string // "" where the row has none
	CS        string // "" where the row has none

	// Changed names the columns that did not stand in the row like this.
	Changed []string
}

// Normaliser knows what the cells themselves do not say.
type Normaliser struct {
	// Zone is that of dates without one.
	Zone *time.Location
}

// Normalise reads a row. Where its meaning is not certain, reason says why, in a
// sentence that does not repeat the row.
func (n Normaliser) Normalise(row *[7]store.Cell) (out Normal, reason string) {
	for i, c := range row {
		switch {
		case !utf8.ValidString(c.Text):
			return out, store.SevenColumns[i] + " is not text in any encoding the database knows"
		case strings.ContainsRune(c.Text, 0):
			return out, store.SevenColumns[i] + " holds a NUL character"
		}
	}
	changed := func(column int, now string) {
		if row[column].Null || row[column].Text != now {
			out.Changed = append(out.Changed, store.SevenColumns[column])
		}
	}
	at, precision, reason := parseTime(row[store.ColumnAt], n.Zone)
	if reason != "" {
		return out, "timestamp_unix " + reason
	}
	out.At, out.Precision = at, precision
	changed(store.ColumnAt, digits(at))

	var lead string
	if out.ChatID, lead, reason = parsePerson(row[store.ColumnLead]); reason != "" {
		return out, "nomor_lead " + reason
	}
	changed(store.ColumnLead, lead)

	if out.LabelID, reason = parseLabelID(row[store.ColumnLabelID]); reason != "" {
		return out, "label_id " + reason
	}
	changed(store.ColumnLabelID, out.LabelID)

	if out.Status, reason = parseStatus(row[store.ColumnStatus]); reason != "" {
		return out, "status " + reason
	}
	changed(store.ColumnStatus, string(out.Status))

	out.CS = parseCS(row[store.ColumnCS])
	out.Client, out.LabelName = row[store.ColumnClient].Text, row[store.ColumnLabelName].Text
	for column, v := range map[int]struct {
		text string
		most int
	}{store.ColumnCS: {out.CS, 32}, store.ColumnClient: {out.Client, 190}, store.ColumnLabelName: {out.LabelName, 255}} {
		if utf8.RuneCountInString(v.text) > v.most {
			return out, store.SevenColumns[column] + " is longer than the " + digits(int64(v.most)) + " characters that fit"
		}
	}
	if out.CS != "" {
		changed(store.ColumnCS, out.CS)
	}
	return out, ""
}

// parseLabelID takes ids that a numeric column holds, and those that passed
// through a spreadsheet: 12, "12 ", 12.0.
func parseLabelID(c store.Cell) (string, string) {
	id := unquote(c.Text)
	if whole, zeros, ok := strings.Cut(id, "."); ok && isDigits(whole) && strings.Trim(zeros, "0") == "" {
		id = whole
	}
	switch {
	case c.Null:
		return "", "is NULL"
	case id == "" || strings.EqualFold(id, "null") || id == "undefined":
		return "", "is empty"
	case utf8.RuneCountInString(id) > 64:
		return "", "is longer than the 64 characters that fit"
	}
	return id, ""
}

// statuses are the words people and workflows write, in folded form.
var statuses = map[string]label.Status{
	"add_label": label.Added, "label_add": label.Added, "addlabel": label.Added, "add": label.Added, "added": label.Added,
	"label_added": label.Added, "added_label": label.Added, "label_chat_added": label.Added, "tambah": label.Added, "tambah_label": label.Added,
	"delete_label": label.Removed, "label_delete": label.Removed, "deletelabel": label.Removed, "delete": label.Removed, "deleted": label.Removed,
	"label_deleted": label.Removed, "deleted_label": label.Removed, "label_chat_deleted": label.Removed, "remove_label": label.Removed,
	"remove": label.Removed, "removed": label.Removed, "label_removed": label.Removed, "hapus": label.Removed, "hapus_label": label.Removed,
}

var statusFold = strings.NewReplacer(" ", "_", "-", "_", ".", "_", "__", "_")

func parseStatus(c store.Cell) (label.Status, string) {
	if c.Null {
		return "", "is NULL"
	}
	text := unquote(c.Text)
	if s, ok := statuses[statusFold.Replace(strings.ToLower(text))]; ok {
		return s, ""
	}
	if text == "" {
		return "", "is empty"
	}
	return "", "is neither add_label nor delete_label, nor a word for one of them"
}

// unquote takes away spaces around a value, and quotes that somebody's JSON left.
func unquote(s string) string {
	s = strings.Trim(s, spaces)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = strings.Trim(s[1:len(s)-1], spaces)
	}
	return s
}

// spaces are those that numbers are pasted with.
const spaces = " \t\r\n\u00a0\u2007\u202f\u200b\u200e\u200f\u202a\u202c\ufeff"

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
