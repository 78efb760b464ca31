package web

import (
	"strings"

	"tandai/internal/lead"
)

// longNumber is from how many digits on a number in a text is taken for a
// phone. The shortest mobile numbers people write here have ten.
const longNumber = 9

// maskNumber hides the middle of a phone or of a hidden id's digits:
// 6281•••4471.
func maskNumber(digits string) string {
	keep := 4
	if len(digits) < longNumber {
		keep = len(digits) / 4
	}
	return digits[:keep] + "•••" + digits[len(digits)-keep:]
}

// maskLead is a lead as the page shows it. Of a hidden one the "@lid" is left
// out: the page says in words that its phone is not known.
func maskLead(l string) string {
	digits := strings.TrimSuffix(l, lead.HiddenSuffix)
	if strings.Trim(digits, "0123456789") != "" {
		return maskText(l)
	}
	return maskNumber(digits)
}

// maskText hides long numbers wherever they stand in a text that others wrote:
// the name of a label or a session, a reason that quotes what it found. Numbers
// that follow the word timestamp are times, and are what the reason is about.
//
// What is longer than people read is cut off.
func maskText(text string) string {
	var out strings.Builder
	text = clip(text, longText)
	timeAhead := false
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && isDigit(text[j]) {
			j++
		}
		if j > i {
			chat := j < len(text) && text[j] == '@'
			if j-i >= longNumber && (chat || !timeAhead) {
				out.WriteString(maskNumber(text[i:j]))
			} else {
				out.WriteString(text[i:j])
			}
			i = j
			continue
		}
		for j < len(text) && !isDigit(text[j]) {
			j++
		}
		timeAhead = timeAhead || strings.Contains(text[i:j], "timestamp")
		out.WriteString(text[i:j])
		i = j
	}
	return out.String()
}

// longText is how many characters of a foreign text are shown. A label's name
// has at most 100.
const longText = 240

func clip(text string, most int) string {
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
