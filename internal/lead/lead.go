// Package lead is the vocabulary of the people behind the chats: how a chat id
// names a person, which hidden id belongs to which phone, and what messages
// say about when a person first and last wrote.
//
// Everything here is pure. Times are Unix milliseconds in UTC.
package lead

import "strings"

// HiddenSuffix ends the identity of a person whose phone is not known yet.
const HiddenSuffix = "@lid"

// Hidden makes the identity of a person known only by a hidden id's digits.
func Hidden(digits string) string { return digits + HiddenSuffix }

// IsHidden reports whether a lead is known by its hidden id only.
func IsHidden(lead string) bool { return strings.HasSuffix(lead, HiddenSuffix) }

// OfChat is the lead a personal chat id names on its own, before identities are
// asked: the digits of a phone, or hidden digits + "@lid". WAHA may leave a
// device (":7") or agent ("_1", ".0") behind the digits; they are not part of
// the person. "" when the chat id is not personal, or is not digits.
func OfChat(chatID string) string {
	user, server, ok := strings.Cut(chatID, "@")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(user, ":._"); i >= 0 {
		user = user[:i]
	}
	if user == "" || strings.Trim(user, "0123456789") != "" {
		return ""
	}
	switch server {
	case "c.us", "s.whatsapp.net":
		return user
	case "lid":
		return user + HiddenSuffix
	}
	return ""
}
