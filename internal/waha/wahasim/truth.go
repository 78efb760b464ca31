package wahasim

import (
	"cmp"
	"slices"
)

// Active is a label that a phone shows on a lead now.
type Active struct {
	Session   string
	Lead      string // nomor_lead: the number, or "<hidden id>@lid" while no event has tied that to a number
	LabelID   string
	LabelName string // the label's present name; "" when the phone never named it
	Since     int64  // when it was put there, Unix ms

	// Tied: an add and a removal of this very label shared a millisecond, so no
	// receiver can know from the events whether and since when it is there.
	Tied bool
}

// Truth is what all phones show, by session, lead and label id. A receiver that
// got every event, in whatever order and however often, must agree with it,
// apart from labels that are Tied.
func (s *Server) Truth() []Active { return s.active(func(m *labelMark) bool { return m.on || m.tied }) }

// Shown is Truth without what ties leave open: exactly what the phones show, and
// what WAHA would answer if it read them right. A receiver that also reads WAHA
// must agree with it on session, lead and label id; when a label was put there
// it may know less well.
func (s *Server) Shown() []Active { return s.active(func(m *labelMark) bool { return m.on }) }

func (s *Server) active(is func(*labelMark) bool) []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Active
	for _, p := range s.phones {
		for _, who := range p.people {
			for _, v := range who.views() {
				for id, m := range v.marks {
					if is(m) {
						all = append(all, Active{p.cfg.Session, v.lead, id, p.labels[id].Name, m.since, m.tied})
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Active) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Lead, b.Lead), cmp.Compare(a.LabelID, b.LabelID))
	})
	return all
}
