package wahasim

import (
	"strconv"
	"unicode/utf8"
)

// writer puts JSON together the way JSON.stringify does: compact, keys in the
// order they are written, non-ASCII as it is, and only what must be escaped
// escaped (encoding/json would also escape <, > and &).
type writer struct {
	b     []byte
	comma bool // a comma is due before the next key or element
}

func (w *writer) open(c byte) *writer {
	w.sep()
	w.b = append(w.b, c)
	w.comma = false
	return w
}

func (w *writer) shut(c byte) *writer {
	w.b = append(w.b, c)
	w.comma = true
	return w
}

func (w *writer) sep() {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = false
}

func (w *writer) obj() *writer { return w.open('{') }
func (w *writer) end() *writer { return w.shut('}') }
func (w *writer) arr() *writer { return w.open('[') }
func (w *writer) rra() *writer { return w.shut(']') }

func (w *writer) key(k string) *writer {
	w.sep()
	w.b = appendString(w.b, k)
	w.b = append(w.b, ':')
	return w
}

// raw writes v, which must be JSON already.
func (w *writer) raw(v string) *writer {
	w.sep()
	w.b = append(w.b, v...)
	w.comma = true
	return w
}

// pairs writes members that are JSON already: `"a":1,"b":null`.
func (w *writer) pairs(v string) *writer { return w.raw(v) }

func (w *writer) str(v string) *writer {
	w.sep()
	w.b = appendString(w.b, v)
	w.comma = true
	return w
}

func (w *writer) int(v int64) *writer {
	w.sep()
	w.b = strconv.AppendInt(w.b, v, 10)
	w.comma = true
	return w
}

func (w *writer) bool(v bool) *writer { return w.raw(strconv.FormatBool(v)) }

func (w *writer) kstr(k, v string) *writer        { return w.key(k).str(v) }
func (w *writer) kint(k string, v int64) *writer  { return w.key(k).int(v) }
func (w *writer) kbool(k string, v bool) *writer  { return w.key(k).bool(v) }
func (w *writer) kraw(k string, v string) *writer { return w.key(k).raw(v) }
func (w *writer) string() string                  { return string(w.b) }

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // an invalid byte becomes U+FFFD, as Node makes of it
			i += n
			continue
		}
		i++
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			if c < ' ' {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}
