package waha

import (
	"encoding/binary"
	"fmt"
)

// maxDepth bounds the nesting of a body. A quoted message inside a view-once
// inside an ephemeral message reaches about 25.
const maxDepth = 100

// scanner checks JSON (RFC 8259) and finds the members of objects in it, in one
// pass and without allocating. Methods take the index where something begins and
// return the index after it, or -1 with the fault set. It does not check UTF-8:
// whoever calls it has done so.
type scanner struct {
	b     []byte
	fault string // what stands where it should not; empty while all is well
	at    int    // index of the fault
}

func (s *scanner) fail(at int, fault string) int {
	if s.fault == "" {
		s.fault, s.at = fault, at
	}
	return -1
}

// reason tells the fault in words.
func (s *scanner) reason() string {
	return fmt.Sprintf("%s at byte %d", s.fault, s.at)
}

func (s *scanner) space(i int) int {
	for i < len(s.b) && (s.b[i] == ' ' || s.b[i] == '\n' || s.b[i] == '\r' || s.b[i] == '\t') {
		i++
	}
	return i
}

// unexpected fails at i, where the grammar wanted something else.
func (s *scanner) unexpected(i int) int {
	switch {
	case i >= len(s.b):
		return s.fail(len(s.b), "it ends too early,")
	case s.b[i] == 0:
		return s.fail(i, "a NUL character")
	case s.b[i] < ' ':
		return s.fail(i, "a control character")
	}
	return s.fail(i, "an unexpected character")
}

// value reads any JSON value inside depth others.
func (s *scanner) value(i, depth int) int {
	if i >= len(s.b) {
		return s.unexpected(i)
	}
	switch c := s.b[i]; c {
	case '"':
		return s.str(i)
	case '{':
		return s.object(i, depth, nil)
	case '[':
		return s.array(i, depth)
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.number(i)
	}
	return s.unexpected(i)
}

func (s *scanner) literal(i int, word string) int {
	for j := 0; j < len(word); j++ {
		if i+j >= len(s.b) || s.b[i+j] != word[j] {
			return s.unexpected(i + j)
		}
	}
	return i + len(word)
}

// object reads the object at i and, with p set, hands its members to p.
func (s *scanner) object(i, depth int, p *pick) int {
	if depth >= maxDepth {
		return s.fail(i, tooDeep)
	}
	i = s.space(i + 1)
	if i < len(s.b) && s.b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s.b) || s.b[i] != '"' {
			return s.unexpected(i)
		}
		key := i
		if i = s.str(i); i < 0 {
			return -1
		}
		keyEnd := i
		if i = s.space(i); i >= len(s.b) || s.b[i] != ':' {
			return s.unexpected(i)
		}
		i = s.space(i + 1)
		val := i
		if i = s.value(i, depth+1); i < 0 {
			return -1
		}
		if p != nil {
			p.take(s.b[key:keyEnd], s.b[val:i])
		}
		if i = s.space(i); i >= len(s.b) {
			return s.unexpected(i)
		}
		switch s.b[i] {
		case '}':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return s.unexpected(i)
		}
	}
}

const tooDeep = "nested too deep"

func (s *scanner) array(i, depth int) int {
	if depth >= maxDepth {
		return s.fail(i, tooDeep)
	}
	i = s.space(i + 1)
	if i < len(s.b) && s.b[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth+1); i < 0 {
			return -1
		}
		if i = s.space(i); i >= len(s.b) {
			return s.unexpected(i)
		}
		switch s.b[i] {
		case ']':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return s.unexpected(i)
		}
	}
}

func (s *scanner) number(i int) int {
	if s.b[i] == '-' {
		i++
	}
	if i < len(s.b) && s.b[i] == '0' {
		i++
	} else if i = s.digits(i); i < 0 {
		return -1
	}
	if i < len(s.b) && s.b[i] == '.' {
		if i = s.digits(i + 1); i < 0 {
			return -1
		}
	}
	if i < len(s.b) && (s.b[i] == 'e' || s.b[i] == 'E') {
		i++
		if i < len(s.b) && (s.b[i] == '+' || s.b[i] == '-') {
			i++
		}
		return s.digits(i)
	}
	return i
}

// digits reads one digit or more.
func (s *scanner) digits(i int) int {
	from := i
	for i < len(s.b) && isDigit(s.b[i]) {
		i++
	}
	if i == from {
		return s.unexpected(i)
	}
	return i
}

// str reads the string at i, quotes included.
func (s *scanner) str(i int) int {
	b := s.b
	i++
	for {
		// Eight bytes at a time while none of them ends the string, escapes or
		// is a control character: most of a large body is base64.
		for i+8 <= len(b) && plain(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
		}
		for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			i++
		}
		switch {
		case i < len(b) && b[i] == '"':
			return i + 1
		case i < len(b) && b[i] == '\\':
			if i = s.escape(i); i < 0 {
				return -1
			}
		default:
			return s.unexpected(i)
		}
	}
}

func (s *scanner) escape(i int) int {
	if i++; i >= len(s.b) {
		return s.unexpected(i)
	}
	switch s.b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for j := 1; j <= 4; j++ {
			if i+j >= len(s.b) || !isHex(s.b[i+j]) {
				return s.unexpected(i + j)
			}
		}
		return i + 5
	}
	return s.unexpected(i)
}

// plain says that no byte of w is a quote, a backslash or below space.
// Source of the tricks: "Bit Twiddling Hacks", determine if a word has a byte
// less than n, and equal to n.
func plain(w uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((w-ones*' ')&^w|(quote-ones)&^quote|(slash-ones)&^slash)&highs == 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
