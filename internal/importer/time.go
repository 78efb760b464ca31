package importer

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tandai/internal/store"
)

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// Times that labels on WhatsApp can have: since there is WhatsApp Business with
// labels, and not in a future that nobody's clock shows.
var (
	earliest = time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// parseTime reads a number (seconds, milliseconds, microseconds or nanoseconds by
// its size, with or without fraction or exponent) or a date. reason begins with a
// verb.
func parseTime(c store.Cell, zone *time.Location) (at, precision int64, reason string) {
	if c.Null {
		return 0, 0, "is NULL"
	}
	text := unquote(c.Text)
	if text == "" {
		return 0, 0, "is empty"
	}
	if len(text) == 13 && isDigits(text) { // nearly all
		if at, err := strconv.ParseInt(text, 10, 64); err == nil && at >= earliest && at < latest {
			return at, 1, ""
		}
	}
	if isNumber(text) {
		return parseNumber(text)
	}
	for _, f := range dateForms {
		t, err := time.ParseInLocation(f.layout, text, zone)
		if err != nil {
			continue
		}
		if at = t.UnixMilli(); at < earliest || at >= latest {
			return 0, 0, "is a date that no label can have"
		}
		precision = 1000
		if i := strings.LastIndexAny(text, ".,"); i >= 0 && len(text) > i+3 && isDigits(text[i+1:i+4]) {
			precision = 1
		}
		return at, precision, ""
	}
	return 0, 0, "is neither a number nor a date that can be read for certain"
}

// dateForms never leave open which is the day and which the month. A fraction of
// seconds is read behind any of them.
var dateForms = []struct{ layout string }{
	{"2006-01-02 15:04:05"}, {"2006-01-02T15:04:05"}, {"2006-01-02T15:04:05Z07:00"}, {"2006-01-02 15:04:05Z07:00"}, {"2006-01-02 15:04:05 -0700"},
	{"2006-01-02T15:04:05-0700"}, {"2006-01-02 15:04:05-07"}, {"2006-01-02 15:04:05 UTC"}, {"Mon, 02 Jan 2006 15:04:05 GMT"},
}

var number = regexp.MustCompile(`^\+?[0-9]{1,24}(\.[0-9]{0,12})?([eE]\+?[0-9]{1,2})?$`)

func isNumber(s string) bool { return number.MatchString(s) }

// parseNumber tells the unit by the size: no two agree on any time between 2009
// and 2100.
func parseNumber(text string) (at, precision int64, reason string) {
	r, ok := new(big.Rat).SetString(strings.TrimPrefix(text, "+"))
	if !ok {
		return 0, 0, "is no number that can be read"
	}
	if r.Sign() <= 0 {
		return 0, 0, "is not after 1970"
	}
	for _, u := range []struct {
		toMs     *big.Rat
		exponent int // digits behind whole units that make a millisecond
		unit     int64
	}{{big.NewRat(1000, 1), 3, 1000}, {big.NewRat(1, 1), 0, 1}, {big.NewRat(1, 1000), -3, 1}, {big.NewRat(1, 1_000_000), -6, 1}} {
		ms := new(big.Rat).Mul(r, u.toMs)
		if ms.Cmp(big.NewRat(earliest, 1)) < 0 || ms.Cmp(big.NewRat(latest, 1)) >= 0 {
			continue
		}
		if !exact(text) {
			return 0, 0, "has lost its last digits (it is stored as a rounded floating-point number)"
		}
		at = new(big.Int).Quo(ms.Num(), ms.Denom()).Int64()
		precision = u.unit
		if precision == 1000 && at%1000 != 0 {
			precision = 1
		}
		return at, precision, ""
	}
	return 0, 0, "is a number that is no time between 2009 and 2100, in seconds or in milliseconds"
}

// exact reports whether a number written with an exponent still has digits down to
// the second.
func exact(text string) bool {
	mantissa, _, scientific := strings.Cut(strings.ToLower(text), "e")
	if !scientific {
		return true
	}
	return len(strings.Trim(mantissa, "+-.0"))-strings.Count(strings.Trim(mantissa, "+-.0"), ".") >= 9
}
