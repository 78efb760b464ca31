package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"tandai/internal/label"
	"tandai/internal/waha"
)

// loose reads what some engines write as a string and others as a number; null,
// and anything else, is "".
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	*l = ""
	switch {
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = loose(s)
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*l = loose(b)
	}
	return nil
}

// int reads a whole number; ok is false for anything else.
func (l loose) int() (n int64, ok bool) {
	n, err := strconv.ParseInt(string(l), 10, 64)
	if err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(l), 64)
	if err != nil || f != f || f > 1<<53 || f < -1<<53 {
		return 0, false
	}
	return int64(f), true
}

// serialized reads an id that is a string, or an object of WhatsApp Web with
// _serialized: `"628…@c.us"`, `{"server":"c.us","user":"628…","_serialized":"628…@c.us"}`.
type serialized string

func (s *serialized) UnmarshalJSON(b []byte) error {
	*s = ""
	switch b[0] {
	case '"':
		var id string
		if err := json.Unmarshal(b, &id); err != nil {
			return err
		}
		*s = serialized(id)
	case '{':
		var id struct {
			Serialized string `json:"_serialized"`
			User       string `json:"user"`
			Server     string `json:"server"`
		}
		if err := json.Unmarshal(b, &id); err != nil {
			return err
		}
		*s = serialized(id.Serialized)
		if id.Serialized == "" && id.User != "" && id.Server != "" {
			*s = serialized(id.User + "@" + id.Server)
		}
	}
	return nil
}

// chatRef is a chat of any engine: `{"id": …}` among much else, or the id alone.
// Source: WAHA, getChatsByLabelId of each engine; NOWEB answers with Baileys' own
// objects, WEBJS and WPP with WhatsApp Web's.
type chatRef struct{ id string }

var errNoChatID = errors.New("a chat has no id")

func (c *chatRef) UnmarshalJSON(b []byte) error {
	var id serialized
	if b[0] == '{' {
		var chat struct {
			ID serialized `json:"id"`
		}
		if err := json.Unmarshal(b, &chat); err != nil {
			return err
		}
		id = chat.ID
	} else if err := json.Unmarshal(b, &id); err != nil {
		return err
	}
	if id == "" {
		return errNoChatID // to leave it out would say that it lost its label
	}
	c.id = canonical(string(id))
	return nil
}

// canonical writes the id of a person's chat as webhooks do, 628…@c.us or 201…@lid,
// without a device; other ids stay.
func canonical(id string) string {
	kind, user, err := waha.ParseChatID(id)
	if err != nil {
		return id
	}
	switch kind {
	case waha.ChatPhone:
		return user + "@c.us"
	case waha.ChatHidden:
		return user + "@lid"
	}
	return id
}

// phoneOf reads the digits of a phone's chat id, or of the bare number.
func phoneOf(id string) (digits string, ok bool) {
	if !strings.Contains(id, "@") {
		id = strings.TrimPrefix(id, "+") + "@c.us"
	}
	kind, user, err := waha.ParseChatID(id)
	return user, err == nil && kind == waha.ChatPhone
}

// hiddenOf reads a hidden id, with or without its @lid.
func hiddenOf(id string) (hidden string, ok bool) {
	if !strings.Contains(id, "@") {
		id += "@lid"
	}
	kind, user, err := waha.ParseChatID(id)
	return user + "@lid", err == nil && kind == waha.ChatHidden
}

// wireLabel is a label of any engine. WPP and WEBJS call the colour hexColor, and
// what WPP calls color is an ARGB number; its index is colorIndex.
type wireLabel struct {
	ID         loose  `json:"id"`
	Name       loose  `json:"name"`
	Color      loose  `json:"color"`
	ColorIndex loose  `json:"colorIndex"`
	ColorHex   string `json:"colorHex"`
	HexColor   string `json:"hexColor"`
}

// maxColor is far beyond any palette: more is a colour, not its index.
const maxColor = 255

func (w wireLabel) label() Label {
	l := Label{ID: string(w.ID), Name: string(w.Name), Color: label.NoColor, ColorHex: w.ColorHex}
	if l.ColorHex == "" {
		l.ColorHex = w.HexColor
	}
	for _, v := range []loose{w.ColorIndex, w.Color} {
		if n, ok := v.int(); ok && n >= 0 && n <= maxColor {
			l.Color = int(n)
			break
		}
	}
	return l
}

// list makes an answer null, which some engines give for nothing, an empty list.
func list(body []byte) []byte {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return []byte("[]")
	}
	return body
}
