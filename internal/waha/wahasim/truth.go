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
func (s *Server) Truth() []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Active
	for _, p := range s.phones {
		for _, who := range p.people {
			for _, v := range who.views() {
				for id, m := range v.marks {
					if m.on || m.tied {
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

// person is what one phone shows on one person. Until an event carries both of
// the person's ids a receiver must take the two chats for two people, so both
// views are kept.
type person struct {
	phone, lid string
	paired     bool
	both       marks // the person
	byPhone    marks // the …@c.us chat alone
	byLID      marks // the …@lid chat alone
}

type marks map[string]*labelMark

type labelMark struct {
	on           bool
	since        int64
	last         int64 // the last millisecond that touched it
	added, taken bool  // what happened in that millisecond
	tied         bool
}

// person finds or makes the person; srv.mu is held.
func (p *Phone) person(l Lead) *person {
	key := l.Phone
	if key == "" {
		key = l.LID + "@lid"
	}
	who := p.people[key]
	if who == nil {
		who = &person{phone: l.Phone, lid: l.LID, both: marks{}, byPhone: marks{}, byLID: marks{}}
		p.people[key] = who
	}
	if who.lid == "" {
		who.lid = l.LID
	}
	return who
}

type view struct {
	lead  string
	marks marks
}

func (who *person) views() []view {
	switch {
	case who.paired:
		return []view{{who.phone, who.both}}
	case who.phone == "":
		return []view{{who.lid + "@lid", who.both}}
	default:
		return []view{{who.phone, who.byPhone}, {who.lid + "@lid", who.byLID}}
	}
}

func (who *person) mark(at int64, byLID bool, labelID string, on bool) {
	who.both.set(at, labelID, on)
	if byLID {
		who.byLID.set(at, labelID, on)
	} else {
		who.byPhone.set(at, labelID, on)
	}
}

// drop is the deletion of the label itself.
func (who *person) drop(at int64, labelID string) {
	for _, m := range []marks{who.both, who.byPhone, who.byLID} {
		if _, ok := m[labelID]; ok {
			m.set(at, labelID, false)
		}
	}
}

func (m marks) set(at int64, labelID string, on bool) {
	l := m[labelID]
	if l == nil {
		l = &labelMark{}
		m[labelID] = l
	}
	if at != l.last {
		l.last, l.added, l.taken = at, false, false
		if !on {
			l.tied = false // gone for certain, whatever was unclear before
		}
	}
	if on {
		if !l.on {
			l.since = at
		}
		l.added = true
	} else {
		l.taken = true
	}
	l.on = on
	l.tied = l.tied || (l.added && l.taken)
}

// count is how many people carry the label; srv.mu is held.
func (p *Phone) count(labelID string) int {
	n := 0
	for _, who := range p.people {
		if m := who.both[labelID]; m != nil && m.on {
			n++
		}
	}
	return n
}
