package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is what the database's columns for names take for certain, in
// characters.
const maxName = 100

// checkClient checks one client and brings its numbers to their form.
func (l *loader) checkClient(i int) {
	c := &l.cfg.Clients[i]
	at := fmt.Sprintf("clients[%d]", i)

	names := map[string]string{}
	for j := range i {
		names[foldName(l.cfg.Clients[j].Name)] = fmt.Sprintf("clients[%d].name", j)
	}
	delete(names, "")
	l.checkUnique(names, at+".name", c.Name, foldName)
	if utf8.RuneCountInString(c.Name) > maxName {
		l.problem(at+".name", "%s is longer than %d characters", show(c.Name), maxName)
	}

	for j, number := range c.Ignore {
		digits, err := normalNumber(number)
		if err != nil {
			l.problem(fmt.Sprintf("%s.ignore[%d]", at, j), "%v", err)
			continue
		}
		c.Ignore[j] = digits
	}
	slices.Sort(c.Ignore)
	c.Ignore = slices.Compact(c.Ignore)

	// A label means one thing: two grades, or a grade and won, would leave
	// reports to chance.
	labels := map[string]string{}
	for _, list := range []struct {
		key    string
		labels []string
	}{{"grades", c.Grades}, {"won", c.Won}, {"lost", c.Lost}} {
		for j, label := range list.labels {
			l.checkUnique(labels, fmt.Sprintf("%s.%s[%d]", at, list.key, j), label, foldName)
		}
	}
	for j, label := range c.Labels.Deny { // a grade that is left out would be no grade
		l.checkUnique(labels, fmt.Sprintf("%s.labels.deny[%d]", at, j), label, foldName)
	}
	denied := map[string]string{}
	for j, label := range c.Labels.Deny {
		denied[foldName(label)] = fmt.Sprintf("%s.labels.deny[%d]", at, j)
	}
	for j, label := range c.Labels.Allow {
		l.checkUnique(denied, fmt.Sprintf("%s.labels.allow[%d]", at, j), label, foldName)
	}
}

// foldName makes names equal that differ in case or spaces alone.
func foldName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// normalNumber reads a phone number as people write it and returns its digits,
// country code first: "+62 811-0001-11" is 62811000111.
func normalNumber(text string) (string, error) {
	const want = "want digits with the country code first, such as 62811000111"
	var b strings.Builder
	for i, r := range strings.TrimSpace(text) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0, r == '-', r == '.', r == '(', r == ')', unicode.IsSpace(r):
		default:
			return "", fmt.Errorf("%s has a %q in it; %s", show(text), r, want)
		}
	}
	digits := b.String()
	switch {
	case strings.HasPrefix(digits, "00"):
		return "", fmt.Errorf("%s begins with 00; %s", show(text), want)
	case strings.HasPrefix(digits, "0"):
		return "", fmt.Errorf("%s begins with 0; want the country code first: 62%s for a number of Indonesia", show(text), digits[1:])
	case len(digits) < 7 || len(digits) > 15:
		return "", fmt.Errorf("%s has %d digits; want 7 to 15, the country code first", show(text), len(digits))
	}
	return digits, nil
}
