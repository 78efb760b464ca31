package label

import (
	"slices"
	"strings"
	"unicode"
)

// leftToRight stands before the names that WhatsApp itself gives to its lists.
const leftToRight = "\u200e"

// lists are the names of WhatsApp's own lists, folded, in English and Indonesian:
// those that WhatsApp makes and no agent. Labels that WhatsApp Business only
// suggests (New customer, Paid, …) are not among them.
// Source: LabelEditAction.ListType (UNREAD, GROUPS, FAVORITES, COMMUNITY, DRAFTED,
// SERVER_ASSIGNED, AI_HANDOFF) and what WhatsApp shows for them.
var lists = map[string]bool{
	"unread": true, "belum dibaca": true,
	"groups": true, "grup": true,
	"favorites": true, "favourites": true, "favorit": true,
	"communities": true, "community": true, "komunitas": true,
	"drafts": true, "drafted": true, "draf": true,
}

// IsWhatsAppList reports whether a name is that of one of WhatsApp's own lists
// (Unread, Groups, Favourites, …), which share the machinery of labels and come
// in the same events. Nobody puts a chat there to mark it.
func IsWhatsAppList(name string) bool {
	return strings.HasPrefix(name, leftToRight) || lists[FoldName(name)]
}

// FoldName is a label's name as people mean it: without case, emoji, punctuation
// and odd spaces, so that "grade a 🔥" is "Grade A". A name that has nothing else
// is itself: 🔥 is not 🧊.
func FoldName(name string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFE00 && r <= 0xFE0F, r == 0x200D, r == 0x200E, r == 0x200F:
			return -1 // how an emoji is to be drawn, what glues two of them, which way to write
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '+':
			return unicode.ToLower(r)
		}
		return ' '
	}, name)
	if folded := strings.Join(strings.Fields(kept), " "); folded != "" {
		return folded
	}
	return strings.TrimSpace(name)
}

// Choice says which labels of a client reports are about, by name as people mean
// it. The log, the spans and the views hold all of them, whatever is chosen.
type Choice struct {
	Allow []string // none = all but WhatsApp's own lists
	Deny  []string
}

// Shows reports whether a label is one that reports are about. What is on the
// client's scale (a grade, won, lost) need not be on the allow-list, and a name
// that is not known yet is not held against a label.
func (c Choice) Shows(name string, onScale bool) bool {
	folded := FoldName(name)
	is := func(other string) bool { return FoldName(other) == folded }
	switch {
	case folded == "":
		return true
	case slices.ContainsFunc(c.Deny, is):
		return false
	case onScale, slices.ContainsFunc(c.Allow, is):
		return true
	}
	return len(c.Allow) == 0 && !IsWhatsAppList(name)
}
