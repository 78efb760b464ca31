package waha

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// scans says whether the scanner takes b for one JSON value, and why not.
func scans(b []byte) (ok bool, fault string) {
	s := scanner{b: b}
	i := s.space(0)
	if i = s.value(i, 0); i >= 0 {
		if i = s.space(i); i < len(b) {
			s.unexpected(i)
		}
	}
	return s.fault == "", s.fault
}

var grammar = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `-`, `01`, `1.`, `1.5`, `.5`, `1e5`, `1E+5`, `1e`, `1e-`, `-1.2e-3`, `+1`,
	`true`, `tru`, `truE`, `false`, `null`, `nul`, `nullx`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{,}`, `[1,]`, `[,1]`, `[1 2]`,
	`{"a":1 "b":2}`, ` { "a" : [ 1 , 2 ] } `, "\t\n\r1", "\v1", `"\u00e9"`, `"\u00g9"`, `"\u12`, `"\x"`, `"\"`, `"`, "\"\x01\"", "\"\x00\"", "\x00",
	`"` + strings.Repeat("a", 31) + `"`, `"1234567"`, `"12345678"`, `"1234567\n"`, `"12345678\\"`, `"a` + "\x7f" + `é🔥"`, `[[[]]]`, `}`, `]`, `,`, `:`, ``, ` `, `{"a":{"b":[{"c":null}]}}`, `1 1`, `{}{}`,
}

func TestScanner_agreesWithEncodingJSON(t *testing.T) {
	for _, in := range grammar {
		if ok, fault := scans([]byte(in)); ok != json.Valid([]byte(in)) {
			t.Errorf("%q: %v (%s), encoding/json says %v", in, ok, fault, !ok)
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, in := range grammar {
		f.Add([]byte(in))
	}
	_, all := samples(f)
	for _, s := range all {
		f.Add(s.body)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !utf8.Valid(b) {
			return
		}
		ok, fault := scans(b)
		if want := json.Valid(b); ok != want && fault != tooDeep {
			t.Errorf("%v (%s), encoding/json says %v", ok, fault, want)
		}
	})
}
