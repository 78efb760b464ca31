package importer

import (
	"strings"

	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// parsePerson reads who a row is about: digits, or a chat id of any form. chatID
// is as WAHA writes it, as far as the row says; lead is what nomor_lead will be
// while nothing is known of the person's other ids. reason begins with a verb.
func parsePerson(c store.Cell) (chatID, who, reason string) {
	if c.Null {
		return "", "", "is NULL"
	}
	text := unquote(c.Text)
	user, server, isChat := strings.Cut(text, "@")
	user = strings.Trim(user, spaces)
	if user == "" {
		return "", "", "is empty"
	}
	if !isChat {
		server = "c.us"
	}
	server = strings.ToLower(strings.Trim(server, spaces))
	switch server {
	case "g.us":
		return "", "", "is a group, not a person"
	case "broadcast":
		return "", "", "is a broadcast list, not a person"
	case "newsletter":
		return "", "", "is a channel, not a person"
	}
	user, reason = bareNumber(user)
	if reason != "" {
		return "", "", reason
	}
	kind, digits, err := waha.ParseChatID(user + "@" + server)
	switch {
	case err != nil:
		return "", "", "cannot be read as a number: what stands before the @ " + trouble(err)
	case kind == waha.ChatPhone:
		return digits + "@c.us", digits, ""
	case kind == waha.ChatHidden:
		return lead.Hidden(digits), lead.Hidden(digits), ""
	}
	return "", "", "is no person's number"
}

func trouble(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, ": "); ok {
		text = after
	}
	return text
}

// separators are how people group digits.
var separators = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u00a0", "", "\u2007", "", "\u202f", "", "\u200b", "",
	"\u200e", "", "\u200f", "", "\u202a", "", "\u202c", "", "\u2011", "", "\u2010", "", "/", "")

// bareNumber takes away what surrounds a number: a plus, the international 00,
// grouping, a device (":7"), the ".0" of a column of floating-point numbers.
func bareNumber(s string) (string, string) {
	if whole, zeros, ok := strings.Cut(s, "."); ok && isDigits(whole) && strings.Trim(zeros, "0") == "" {
		s = whole
	}
	if strings.ContainsAny(s, "eE") && isNumber(s) {
		return "", "is a rounded number (a spreadsheet made an exponent of it)"
	}
	s = separators.Replace(s)
	s = strings.TrimPrefix(s, "+")
	s = strings.TrimPrefix(s, "00")
	if strings.HasPrefix(s, "0") {
		return "", "begins with 0: the country code is missing"
	}
	if user, device, ok := strings.Cut(s, ":"); ok && isDigits(device) {
		s = user
	}
	if user, agent, ok := strings.Cut(s, "_"); ok && isDigits(agent) {
		s = user
	}
	return s, ""
}

// parseCS reads the number of the CS. It decides nothing, so what is no number is
// kept as it stands.
func parseCS(c store.Cell) string {
	text := unquote(c.Text)
	if text == "" || strings.EqualFold(text, "null") || text == "undefined" {
		return ""
	}
	if _, who, reason := parsePerson(store.Cell{Text: text}); reason == "" && !lead.IsHidden(who) {
		return who
	}
	return c.Text
}
