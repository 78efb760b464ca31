package waha

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// LabelChat is a label put on a chat or taken off it.
type LabelChat struct {
	Added   bool
	LabelID string // 1 to 64 of A-Z a-z 0-9 . _ : -
	ChatID  string // as it came
	Kind    ChatKind
	User    string // see ParseChatID
	Label   *Label // nil when WAHA gave none: always with GOWS, sometimes with NOWEB
}

// Label is a label as an engine describes it.
type Label struct {
	ID       string
	Name     string // at most 255 characters, no control characters; empty when it is not known
	Color    *int   // index into WhatsApp's palette, 0 to 255; nil when it is not known
	ColorHex string // "#rrggbb"; empty when it is not known
}

// LabelEdit is a label made, renamed, recoloured or deleted. A deletion often
// has an empty name or none.
type LabelEdit struct {
	Deleted bool
	Label
}

func decodeLabelChat(payload value, added bool) (*LabelChat, error) {
	var v [3]value
	if twice := payload.members(v[:], []string{"labelId", "chatId", "label"}); twice != "" {
		return nil, &Problem{"payload." + twice, "stands more than once"}
	}
	out := &LabelChat{Added: added}
	var err error
	if out.LabelID, err = decodeLabelID("payload.labelId", v[0]); err != nil {
		return nil, err
	}
	if !v[1].isString() {
		return nil, &Problem{"payload.chatId", v[1].is() + ", want a string"}
	}
	out.ChatID = v[1].textOr()
	if out.Kind, out.User, err = ParseChatID(out.ChatID); err != nil {
		return nil, inField("payload.chatId", err)
	}
	switch {
	case v[2].absent(), v[2].isNull():
		return out, nil
	case !v[2].isObject():
		return nil, &Problem{"payload.label", v[2].is() + ", want an object or null"}
	}
	label, err := decodeLabel("payload.label", v[2], out.LabelID)
	if err != nil {
		return nil, err
	}
	if label.ID != out.LabelID {
		return nil, &Problem{"payload.label.id", "is another id than payload.labelId"}
	}
	out.Label = &label
	return out, nil
}

func decodeLabelEdit(payload value, deleted bool) (*LabelEdit, error) {
	label, err := decodeLabel("payload", payload, "")
	if err != nil {
		return nil, err
	}
	return &LabelEdit{Deleted: deleted, Label: label}, nil
}

// decodeLabel reads WAHA's label {id, name, color, colorHex} or the raw one of
// wa-js {id, name, color, count, hexColor, colorIndex}, whose color is a number
// of another kind. A colour that cannot be read is no reason to hold a label
// back. id is what to take when the object has none.
func decodeLabel(field string, v value, id string) (l Label, err error) {
	var m [6]value
	names := []string{"id", "name", "color", "colorHex", "colorIndex", "hexColor"}
	if twice := v.members(m[:], names); twice != "" {
		return l, &Problem{field + "." + twice, "stands more than once"}
	}
	l.ID = id
	if !m[0].absent() || id == "" {
		if l.ID, err = decodeLabelID(field+".id", m[0]); err != nil {
			return l, err
		}
	}
	switch {
	case m[1].absent(), m[1].isNull():
	case !m[1].isString():
		return l, &Problem{field + ".name", m[1].is() + ", want a string"}
	default:
		var reason string
		if l.Name, reason = m[1].name(255); reason != "" {
			return l, &Problem{field + ".name", reason}
		}
	}
	index, hex := m[2], m[3]
	if !m[4].absent() || !m[5].absent() {
		index, hex = m[4], m[5]
	}
	if n, problem := index.integer(); problem == "" && n >= 0 && n <= 255 {
		color := int(n)
		l.Color = &color
	}
	if s := hex.wordText(); isColorHex(s) {
		l.ColorHex = s
	}
	return l, nil
}

func decodeLabelID(field string, v value) (string, error) {
	if !v.isString() {
		return "", &Problem{field, v.is() + ", want a string"}
	}
	id := v.textOr()
	if id == "" {
		return "", &Problem{field, "is empty"}
	}
	if len(id) > 64 {
		return "", &Problem{field, fmt.Sprintf("is %d bytes long, want at most 64", len(id))}
	}
	for i, c := range id {
		if c >= utf8.RuneSelf || !isName(byte(c)) && c != '.' && c != ':' {
			return "", &Problem{field, fmt.Sprintf("has the character %U at %d, want only letters, digits and . _ : -", c, i)}
		}
	}
	return id, nil
}

// name decodes a string that is shown to people: at most max characters, none of
// them a control character.
func (v value) name(max int) (name, reason string) {
	name = v.textOr()
	if n := utf8.RuneCountInString(name); n > max {
		return "", fmt.Sprintf("is %d characters long, want at most %d", n, max)
	}
	for _, c := range name {
		if c == 0 {
			return "", "has a NUL character in it"
		}
		if isControl(c) {
			return "", fmt.Sprintf("has the control character %U in it", c)
		}
	}
	return name, ""
}

func isColorHex(s string) bool {
	if len(s) != 7 || s[0] != '#' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// inField puts a field's name to a Problem that has none.
func inField(field string, err error) error {
	var p *Problem
	if errors.As(err, &p) && p.Field == "" {
		return &Problem{field, p.Reason}
	}
	return err
}
