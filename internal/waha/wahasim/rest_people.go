package wahasim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// cutChat takes a chat id apart.
func cutChat(id string) (user, server string, ok bool) { return strings.Cut(id, "@") }

// bareChat writes 628…@s.whatsapp.net as 628…@c.us, and a bare number too.
func bareChat(id string) string {
	user, server, found := cutChat(id)
	if !found || server == "s.whatsapp.net" {
		return user + "@c.us"
	}
	return id
}

// leadOf is the person behind a chat id, known or not; ok is false for groups and
// the like.
func (p *Phone) leadOf(chatID string) (l Lead, ok bool) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	user, server, _ := cutChat(chatID)
	switch server {
	case "c.us":
		return Lead{Phone: user}, true
	case "lid":
		if who := p.byLID(user); who != nil {
			return Lead{Phone: who.phone, LID: user, Hidden: true, Name: who.name}, true
		}
		return Lead{LID: user}, true
	}
	return Lead{}, false
}

// pair is a hidden id and its number, as WAHA's table of lids has them.
type pair struct{ lid, phone string }

// pairs are those WAHA knows, by hidden id. n.mu is held.
func (n *Node) pairs(s *session) []pair {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	var all []pair
	for _, who := range s.phone.people {
		for _, lid := range who.lids {
			if n.knows(s, who, lid) {
				all = append(all, pair{lid, who.phone})
			}
		}
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.lid, b.lid) })
	return all
}

// knows says that WAHA can tell whose the hidden id is; both locks are held.
func (n *Node) knows(s *session, who *person, lid string) bool {
	return who.phone != "" && !n.strikes(LidsNull, s.phone.Session(), lid) && !s.phone.second(who, lid)
}

// pairOf is what WAHA knows of one hidden id. n.mu is held.
func (n *Node) pairOf(s *session, lid string) (pair, bool) {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	who := s.phone.byLID(lid)
	if who == nil || !n.knows(s, who, lid) {
		return pair{}, false
	}
	return pair{lid, who.phone}, true
}

// second says that the hidden id is the one WAHA knows no number for.
func (p *Phone) second(who *person, lid string) bool {
	return p.twoLIDs > 0 && len(who.lids) > 1 && slices.ContainsFunc(who.lids, func(first string) bool { return first != lid && secondLID(first) == lid }) &&
		fraction(p.twoLIDsSeed, "two-lids", who.phone) < p.twoLIDs && who.lids[0] != lid
}

// told notes that somebody was told whose hidden ids these are: from now on it
// can know that they are one person.
func (n *Node) told(s *session, pairs ...pair) {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	for _, p := range pairs {
		if who := s.phone.people[p.phone]; who != nil && !who.tied[p.lid] {
			who.pair(p.lid)
			s.phone.rev++
		}
	}
}

// routeLids is /api/{session}/lids and below. Source: WAHA, lids.controller.ts.
func (n *Node) routeLids(c *call, name string, rest []string) reply {
	if c.Method != http.MethodGet || len(rest) > 2 || len(rest) == 2 && rest[0] != "pn" {
		return c.unknown()
	}
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var w writer
	switch {
	case len(rest) == 0:
		known := page(c, n.pairs(s), 100)
		n.told(s, known...)
		w.arr()
		for _, p := range known {
			w.obj().kstr("lid", p.lid+"@lid").kstr("pn", p.phone+"@c.us").end()
		}
		return ok(w.rra().string())
	case len(rest) == 2:
		phone, _, _ := cutChat(bareChat(strings.TrimPrefix(rest[1], "+")))
		w.obj()
		known := n.pairs(s)
		i := slices.IndexFunc(known, func(p pair) bool { return p.phone == phone })
		if i < 0 {
			w.kraw("lid", "null")
		} else {
			n.told(s, known[i])
			w.kstr("lid", known[i].lid+"@lid")
		}
		return ok(w.kstr("pn", phone+"@c.us").end().string())
	case rest[0] == "count":
		return ok(w.obj().kint("count", int64(len(n.pairs(s)))).end().string())
	}
	lid, server, given := cutChat(rest[0])
	if given && server != "lid" {
		return exception(http.StatusUnprocessableEntity, "Invalid LID - it must end with @lid")
	}
	w.obj().kstr("lid", lid+"@lid")
	known, found := n.pairOf(s, lid)
	if !found {
		return ok(w.kraw("pn", "null").end().string())
	}
	n.told(s, known)
	return ok(w.kstr("pn", known.phone+"@c.us").end().string())
}

// chat is one conversation of a phone.
type chat struct{ id, name string }

// chats are the phone's conversations, by id.
func (p *Phone) chats() []chat {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	var all []chat
	for _, who := range p.sortedPeople() {
		seen := map[string]bool{}
		for _, c := range who.log {
			if !c.every {
				seen[c.lid] = true
			}
		}
		if len(seen) == 0 {
			seen[""] = true
		}
		for lid := range seen {
			switch {
			case lid != "":
				all = append(all, chat{lid + "@lid", who.name})
			case who.phone != "":
				all = append(all, chat{who.phone + "@c.us", who.name})
			default:
				all = append(all, chat{who.lids[0] + "@lid", who.name})
			}
		}
	}
	for id := range p.others {
		all = append(all, chat{id, ""})
	}
	slices.SortFunc(all, func(a, b chat) int { return cmp.Compare(a.id, b.id) })
	return all
}

// routeChats is /api/{session}/chats and /chats/overview.
func (n *Node) routeChats(c *call, name string, rest []string) reply {
	overview := len(rest) == 1 && rest[0] == "overview"
	if c.Method != http.MethodGet || len(rest) > 0 && !overview {
		return c.unknown()
	}
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	all := s.phone.chats()
	if c.query.Get("sortOrder") == "desc" {
		slices.Reverse(all)
	}
	usual := 0
	if overview {
		usual = 20
	}
	var w writer
	w.arr()
	for _, ch := range page(c, all, usual) {
		user, server, _ := cutChat(ch.id)
		w.obj()
		if s.phone.traits.browser && !overview {
			w.key("id").obj().kstr("server", server).kstr("user", user).kstr("_serialized", ch.id).end()
		} else {
			w.kstr("id", ch.id)
		}
		w.kstr("name", ch.name).kint("conversationTimestamp", n.now()/1000).end()
	}
	return ok(w.rra().string())
}

// routeContacts is /api/contacts and below; the session is in the query.
func (n *Node) routeContacts(c *call, rest []string) reply {
	name := c.query.Get("session")
	what := strings.Join(rest, "/")
	if c.Method != http.MethodGet || what != "" && what != "all" && what != "check-exists" {
		return c.unknown()
	}
	if name == "" {
		return exception(http.StatusBadRequest, "Session name is required")
	}
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	var w writer
	switch what {
	case "all":
		w.arr()
		for _, k := range page(c, s.phone.contacts(), 0) {
			k.write(&w)
		}
		return ok(w.rra().string())
	case "check-exists":
		phone, _, _ := cutChat(bareChat(strings.TrimPrefix(c.query.Get("phone"), "+")))
		for _, k := range s.phone.contacts() {
			if k.phone == phone {
				return ok(w.obj().kbool("numberExists", true).kstr("chatId", phone+"@c.us").end().string())
			}
		}
		return ok(w.obj().kbool("numberExists", false).end().string())
	}
	id := bareChat(c.query.Get("contactId"))
	for _, k := range s.phone.contacts() {
		if k.id == id {
			k.write(&w)
			return ok(w.string())
		}
	}
	contact{id: id}.write(&w) // WAHA answers for anybody
	return ok(w.string())
}

type contact struct{ id, phone, name string }

// contacts are the people of a phone, each under every id, by id. One with two
// hidden ids is there twice, once without a number (WAHA #2178).
func (p *Phone) contacts() []contact {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	var all []contact
	for _, who := range p.sortedPeople() {
		if who.phone != "" {
			all = append(all, contact{who.phone + "@c.us", who.phone, who.name})
		}
		for _, lid := range who.lids {
			if who.phone == "" || p.second(who, lid) {
				all = append(all, contact{lid + "@lid", "", who.name})
			}
		}
	}
	slices.SortFunc(all, func(a, b contact) int { return cmp.Compare(a.id, b.id) })
	return all
}

func (k contact) write(w *writer) {
	w.obj().kstr("id", k.id)
	if k.phone != "" {
		w.kstr("number", k.phone)
	}
	w.kstr("name", k.name).kstr("pushname", k.name).pairs(`"isMe":false,"isGroup":false,"isWAContact":true,"isMyContact":false,"isBlocked":false`).end()
}
