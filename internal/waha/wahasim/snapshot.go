package wahasim

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
)

// snapshot is what REST shows of a phone's labels at one moment.
type snapshot struct {
	labels []Label             // by id
	chats  map[string][]string // label id → ids of its chats, sorted
	of     map[string][]string // chat id → ids of its labels
}

// snapshot reads the phone; srv.mu is held.
func (p *Phone) snapshot() *snapshot {
	s := &snapshot{chats: map[string][]string{}}
	for _, l := range p.labels {
		s.labels = append(s.labels, l)
	}
	slices.SortFunc(s.labels, func(a, b Label) int { return cmp.Or(len(a.ID)-len(b.ID), cmp.Compare(a.ID, b.ID)) })
	for _, who := range p.people {
		who.chats(func(labelID, chatID string) { s.chats[labelID] = append(s.chats[labelID], chatID) })
	}
	for chatID, labels := range p.others {
		for labelID, on := range labels {
			if on {
				s.chats[labelID] = append(s.chats[labelID], chatID)
			}
		}
	}
	s.index()
	return s
}

// index sorts, and finds the labels of each chat.
func (s *snapshot) index() {
	s.of = map[string][]string{}
	for _, chats := range s.chats {
		slices.Sort(chats)
	}
	for _, l := range s.labels {
		for _, chat := range s.chats[l.ID] {
			s.of[chat] = append(s.of[chat], l.ID)
		}
	}
}

func (s *snapshot) label(id string) (Label, bool) {
	for _, l := range s.labels {
		if l.ID == id {
			return l, true
		}
	}
	return Label{}, false
}

func (s *snapshot) clone() *snapshot {
	c := &snapshot{labels: slices.Clone(s.labels), chats: map[string][]string{}}
	for id, chats := range s.chats {
		c.chats[id] = slices.Clone(chats)
	}
	c.index()
	return c
}

// set is a change made through REST, seen in a snapshot that sees no others.
func (s *snapshot) set(chatID string, labelIDs []string) {
	for id, chats := range s.chats {
		s.chats[id] = slices.DeleteFunc(chats, func(c string) bool { return c == chatID })
	}
	for _, id := range labelIDs {
		s.chats[id] = append(s.chats[id], chatID)
	}
	s.index()
}

// lie is a snapshot that is wrong in both directions: a share of the chats has
// lost its label, and another share has a label it never had.
func (s *snapshot) lie(seed uint64, share float64) *snapshot {
	wrong := &snapshot{labels: slices.Clone(s.labels), chats: map[string][]string{}}
	for i, l := range s.labels {
		for _, chat := range s.chats[l.ID] {
			if fraction(seed, "lost", l.ID, chat) >= share {
				wrong.chats[l.ID] = append(wrong.chats[l.ID], chat)
			}
			other := s.labels[(i+1)%len(s.labels)].ID
			if fraction(seed, "gained", l.ID, chat) < share && !slices.Contains(s.chats[other], chat) {
				wrong.chats[other] = append(wrong.chats[other], chat)
			}
		}
	}
	wrong.index()
	return wrong
}

// shown is what REST shows of a session's labels now; n.mu is held. begins says
// that a new round of reading begins with this call: GET /labels.
func (n *Node) shown(s *session, begins bool) *snapshot {
	if begins {
		s.lie = nil
		if s.lying == 0 {
			if t := n.find(LiesOnce, s.phone.Session()); t != nil {
				s.lying, s.lieShare = max(t.Times, 1), cmp.Or(t.Share, 0.5)
				n.drop(t)
			}
		}
		if s.lying > 0 {
			s.lying--
			s.lie = n.truth(s).lie(n.rand.Uint64(), s.lieShare)
		}
	}
	if s.lie != nil {
		return s.lie
	}
	if s.frozen != nil {
		return s.frozen
	}
	return n.truth(s)
}

// truth is what the phone shows; n.mu is held.
func (n *Node) truth(s *session) *snapshot {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	if s.cached == nil || s.cachedAt != s.phone.rev {
		s.cached, s.cachedAt = s.phone.snapshot(), s.phone.rev
	}
	return s.cached
}

// fraction is a number in [0, 1) that is always the same for the same words.
func fraction(seed uint64, words ...string) float64 {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(seed, 16)))
	for _, w := range words {
		h.Write([]byte{0})
		h.Write([]byte(w))
	}
	return float64(mix(h.Sum64())>>11) / (1 << 53)
}

// mix spreads FNV's sum, whose high bits differ little for like words (the
// finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
