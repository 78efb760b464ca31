package wahasim

import (
	"maps"
	"slices"
)

// person is what one phone shows on one person. Until something carries two of
// the person's ids together (a message, an answer of /lids) a receiver must take
// the chats for different people, so what happened is kept by chat.
type person struct {
	phone string
	name  string
	lids  []string        // hidden ids in the order they were seen: usually one, two in WAHA #2178
	tied  map[string]bool // hidden ids a receiver can know to be this phone
	all   marks           // the person, whatever the chat
	log   []change
}

// change is one thing that happened to one label of the person.
type change struct {
	at      int64
	lid     string // hidden id of the chat; "" for the …@c.us chat
	labelID string
	on      bool
	every   bool // the label itself was deleted: every chat that had known it
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
		who = &person{phone: l.Phone, all: marks{}, tied: map[string]bool{}}
		p.people[key] = who
	}
	if l.LID != "" && !slices.Contains(who.lids, l.LID) {
		who.lids = append(who.lids, l.LID)
		p.lids[l.LID] = key
	}
	if l.Name != "" {
		who.name = l.Name
	}
	return who
}

// pair says that a receiver can know from now on whose the hidden id is.
func (who *person) pair(lid string) { who.tied[lid] = true }

func (who *person) mark(at int64, lead Lead, labelID string, on bool) {
	c := change{at: at, labelID: labelID, on: on}
	if lead.byLID() {
		c.lid = lead.LID
	}
	who.log = append(who.log, c)
	who.all.set(at, labelID, on)
}

// drop is the deletion of the label itself.
func (who *person) drop(at int64, labelID string) {
	who.log = append(who.log, change{at: at, labelID: labelID, every: true})
	who.all.drop(at, labelID)
}

// view is one lead as a receiver has to see it.
type view struct {
	lead  string
	lids  []string // hidden ids of its chats
	phone bool     // its …@c.us chat belongs to it
	marks marks
}

// views are the leads this person is to a receiver: one, or one for the number
// and one for each hidden id nothing has tied to it.
func (who *person) views() []view {
	if who.phone == "" {
		return []view{{who.lids[0] + "@lid", who.lids, false, who.all}}
	}
	main := view{lead: who.phone, phone: true}
	var others []view
	for _, lid := range who.lids {
		if who.tied[lid] {
			main.lids = append(main.lids, lid)
		} else {
			others = append(others, view{lead: lid + "@lid", lids: []string{lid}})
		}
	}
	if len(others) == 0 {
		main.marks = who.all
		return []view{main}
	}
	all := append([]view{main}, others...)
	for i := range all {
		all[i].marks = who.fold(all[i].phone, all[i].lids)
	}
	return all
}

// fold is what happened in some of the person's chats.
func (who *person) fold(phone bool, lids []string) marks {
	m := marks{}
	for _, c := range who.log {
		switch {
		case c.every:
			m.drop(c.at, c.labelID)
		case c.lid == "" && phone, c.lid != "" && slices.Contains(lids, c.lid):
			m.set(c.at, c.labelID, c.on)
		}
	}
	return m
}

// chats are the ids of chats with a label on now, by label. Where the person is
// one to a receiver, and the label is gone from the person, no chat has it.
func (who *person) chats(visit func(labelID, chatID string)) {
	for _, v := range who.views() {
		own := func(chatID string, chat marks) {
			for id, m := range chat {
				if g := v.marks[id]; m.on && g != nil && g.on {
					visit(id, chatID)
				}
			}
		}
		if v.phone {
			own(who.phone+"@c.us", who.fold(true, nil))
		}
		for _, lid := range v.lids {
			own(lid+"@lid", who.fold(false, []string{lid}))
		}
	}
}

func (m marks) drop(at int64, labelID string) {
	if _, ok := m[labelID]; ok {
		m.set(at, labelID, false)
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
		if m := who.all[labelID]; m != nil && m.on {
			n++
		}
	}
	return n
}

// sortedPeople are the people of a phone in an order that is always the same.
func (p *Phone) sortedPeople() []*person {
	all := make([]*person, 0, len(p.people))
	for _, k := range slices.Sorted(maps.Keys(p.people)) {
		all = append(all, p.people[k])
	}
	return all
}
