package waha

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// value is the text of one JSON value that has been checked; nil where the
// member is absent.
type value []byte

func (v value) absent() bool   { return v == nil }
func (v value) isNull() bool   { return len(v) > 0 && v[0] == 'n' }
func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }
func (v value) isString() bool { return len(v) > 0 && v[0] == '"' }
func (v value) isNumber() bool { return len(v) > 0 && (v[0] == '-' || isDigit(v[0])) }

// is tells what a value is, as the middle of a sentence.
func (v value) is() string {
	if v.absent() {
		return "is missing"
	}
	switch v[0] {
	case 'n':
		return "is null"
	case 't', 'f':
		return "is a boolean"
	case '"':
		return "is a string"
	case '{':
		return "is an object"
	case '[':
		return "is an array"
	}
	return "is a number"
}

// inner is a string's content as it stands between the quotes.
func (v value) inner() []byte { return v[1 : len(v)-1] }

// text decodes a string; false for anything else. Half a surrogate pair becomes
// U+FFFD.
func (v value) text() (string, bool) {
	if !v.isString() {
		return "", false
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return string(v.inner()), true
	}
	var s string
	err := json.Unmarshal(v, &s)
	return s, err == nil
}

// lower writes a string's content into buf with A-Z as a-z. ok is false for what
// does not fit or is no string.
func (v value) lower(buf []byte) (lower []byte, ok bool) {
	if !v.isString() {
		return nil, false
	}
	in := v.inner()
	if bytes.IndexByte(in[:min(len(in), 6*len(buf))], '\\') >= 0 {
		in = []byte(v.textOr())
	}
	if len(in) > len(buf) {
		return nil, false
	}
	for i, c := range in {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return buf[:len(in)], true
}

// folds says that a string is word, which is in lower case, in any letter case.
func (v value) folds(word string) bool {
	var buf [32]byte
	lower, ok := v.lower(buf[:len(word)])
	return ok && string(lower) == word
}

// textOr is text with "" for anything but a string.
func (v value) textOr() string {
	s, _ := v.text()
	return s
}

// boolean reads true or false; ok is false for anything else.
func (v value) boolean() (b, ok bool) {
	if len(v) == 0 {
		return false, false
	}
	return v[0] == 't', v[0] == 't' || v[0] == 'f'
}

// integer reads a whole number written as one; otherwise it tells why not.
func (v value) integer() (n int64, problem string) {
	if !v.isNumber() {
		return 0, v.is() + ", want a whole number"
	}
	if len(v) > maxNumber || string(v) == hollowNumber {
		return 0, "is a number of over " + strconv.Itoa(maxNumber) + " characters, want a whole number"
	}
	if bytes.ContainsAny(v, ".eE") {
		return 0, "is " + string(v) + ", want a whole number"
	}
	if n, ok := parseInt(v); ok {
		return n, ""
	}
	return 0, "is " + string(v) + ", which is out of range"
}

// parseInt is strconv.ParseInt for digits that have been checked, without
// turning them into a string first.
func parseInt(b []byte) (int64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// Limits on what is copied out of a body that is reduced.
const (
	maxWord   = 256 // ids, chat ids, names of things
	maxText   = 512 // free values: a client's name, an advert's title
	maxNumber = 32  // characters of a number
)

// hollowNumber stands for a number that was too long to keep.
const hollowNumber = "1e999"

// word bounds a value whose strings are ids: printable ASCII without spaces,
// quotes or backslashes, so that no sentence passes for an id. What does not fit
// is hollowed: its type stays, so that the pipeline can say what was wrong, its
// content goes.
func (v value) word() value { return v.fit(maxWord, isWord) }

// bounded bounds a value whose strings may be any text of up to maxText bytes.
func (v value) bounded() value { return v.fit(maxText, nil) }

func (v value) fit(max int, each func(byte) bool) value {
	if v.absent() {
		return nil
	}
	switch v[0] {
	case '"':
		if len(v.inner()) > max {
			return value(`""`)
		}
		if each != nil {
			for _, c := range v.inner() {
				if !each(c) {
					return value(`""`)
				}
			}
		}
	case '{':
		return value(`{}`)
	case '[':
		return value(`[]`)
	case 'n', 't', 'f':
	default:
		if len(v) > maxNumber {
			return value(hollowNumber)
		}
	}
	return v
}

func isWord(c byte) bool { return '!' <= c && c <= '~' && c != '"' && c != '\\' }

// wordText is the text of a string that is a word, "" for anything else.
func (v value) wordText() string {
	v = v.word()
	if !v.isString() {
		return ""
	}
	return string(v.inner())
}
