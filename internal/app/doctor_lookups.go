package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tandai/internal/label"
	"tandai/internal/waha/rest"
)

// lookups tells whether WAHA says what events do not: names of labels, and phones
// behind hidden ids. Every session that works is asked; those that do not are
// named by their status already.
func (d *doctor) lookups(ctx context.Context, s *ConnectServer, title string) {
	const working = "WORKING"
	var good, empty []string
	labels, phones := 0, 0
	for _, l := range s.Sessions {
		if l.Status != working {
			continue
		}
		list, _, err := s.client.Labels(ctx, l.name)
		if err == nil {
			var pairs []rest.LidPair
			if pairs, err = s.client.Lids(ctx, l.name, 1, 0); err == nil && len(pairs) > 0 {
				phones++
			}
		}
		if err != nil {
			d.add("look-ups", Failed, lookupAdvice(err), "session %s: %v", l.Session, err)
			continue
		}
		named := 0
		for _, one := range list {
			if one.Name != "" && !label.IsWhatsAppList(one.Name) {
				named++
			}
		}
		if labels += named; named == 0 {
			empty = append(empty, l.Session)
		}
		good = append(good, l.Session)
	}
	switch {
	case len(empty) > 0 && len(empty) == len(good):
		d.add("look-ups", Warning, "Has the phone labels? WAHA is known to list none for a while after pairing (NOWEB: WAHA #2113); restart the session there.",
			"%s tells no label of session %s: names stay unknown unless events tell them", title, strings.Join(empty, ", "))
	case len(good) > 0:
		text := fmt.Sprintf("labels it names: %d", labels)
		if len(empty) > 0 {
			text += fmt.Sprintf(" (none of session %s)", strings.Join(empty, ", "))
		}
		d.add("look-ups", OK, "", "%s tells names of labels and phones of hidden ids; sessions asked: %d, %s, sessions with known hidden ids: %d", title, len(good), text, phones)
	}
}

func lookupAdvice(err error) string {
	switch {
	case errors.Is(err, rest.ErrForbidden):
		return "Give the key the right \"read\" for this session (POST /api/keys), or use one that has it."
	case errors.Is(err, rest.ErrNotFound):
		return "This WAHA is too old to tell phones of hidden ids, or a proxy lets only some paths through."
	}
	return "Labels and phones that events do not tell stay unknown until this works; serve tries again by itself."
}
