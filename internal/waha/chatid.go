package waha

import (
	"fmt"
	"strings"
)

// ChatKind sorts chats by the server part of their id.
type ChatKind int

const (
	ChatOther      ChatKind = iota // a server we do not know (bots, calls), or WhatsApp's own account
	ChatPhone                      // one person, known by phone number
	ChatHidden                     // one person, known by a hidden id (LID)
	ChatGroup                      // @g.us
	ChatBroadcast                  // lists and status
	ChatNewsletter                 // channels
)

var chatKindNames = [...]string{"other", "phone", "hidden", "group", "broadcast", "newsletter"}

func (k ChatKind) String() string {
	if k < 0 || int(k) >= len(chatKindNames) {
		return fmt.Sprintf("ChatKind(%d)", int(k))
	}
	return chatKindNames[k]
}

// MarshalText gives the kind's name.
func (k ChatKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Personal says that the chat is with one person.
func (k ChatKind) Personal() bool { return k == ChatPhone || k == ChatHidden }

const maxChatID = 128

// ParseChatID takes a chat id apart: what kind of chat it is, and who, which is
// what stands before the @. For a person those are 5 to 20 digits, without the
// ":device" or ".agent:device" that raw WhatsApp ids carry. The error is a
// *Problem without a field that does not repeat the id.
//
// Source: WAHA, src/core/utils/jids.ts; whatsmeow, types/jid.go.
func ParseChatID(s string) (kind ChatKind, user string, err error) {
	bad := func(format string, args ...any) (ChatKind, string, error) {
		return ChatOther, "", &Problem{Reason: fmt.Sprintf(format, args...)}
	}
	if s == "" {
		return bad("is empty")
	}
	if len(s) > maxChatID {
		return bad("is %d bytes long, want at most %d", len(s), maxChatID)
	}
	for i := range len(s) {
		if !isWord(s[i]) {
			return bad("has a character no chat id has, at byte %d", i)
		}
	}
	user, server, found := strings.Cut(s, "@")
	switch {
	case !found:
		return bad("has no @")
	case strings.Contains(server, "@"):
		return bad("has more than one @")
	case user == "":
		return bad("has nothing before the @")
	case server == "":
		return bad("has nothing after the @")
	}
	for _, c := range server {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return bad("has something other than a server's name after the @")
		}
	}
	switch server {
	case "c.us", "s.whatsapp.net":
		kind = ChatPhone
	case "lid":
		kind = ChatHidden
	case "g.us":
		return ChatGroup, user, nil
	case "broadcast":
		return ChatBroadcast, user, nil
	case "newsletter":
		return ChatNewsletter, user, nil
	default:
		return ChatOther, user, nil
	}
	if user == "0" {
		return ChatOther, user, nil // WhatsApp's own announcements
	}
	user, device, tagged := cutDevice(user)
	if tagged && !allDigits(strings.Replace(device, ":", "", 1)) {
		return bad("has a device that is not a number")
	}
	switch {
	case user != "" && user[0] == '+':
		return bad("begins with +, want digits only")
	case !allDigits(user):
		return bad("has a character other than a digit before the @")
	case user[0] == '0':
		return bad("begins with 0, want the country code first")
	case len(user) < 5 || len(user) > 20:
		return bad("has %d digits before the @, want 5 to 20", len(user))
	}
	return kind, user, nil
}

// cutDevice separates "user:device" and "user.agent:device".
func cutDevice(s string) (user, device string, found bool) {
	if i := strings.IndexAny(s, ".:"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// canonicalChatID writes a person's chat id as WAHA's label events do, so that
// one chat has one id whichever raw form a message carried.
func canonicalChatID(kind ChatKind, user, id string) string {
	switch kind {
	case ChatPhone:
		return user + "@c.us"
	case ChatHidden:
		return user + "@lid"
	}
	return id
}
