package wahasim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// routeLabels is /api/{session}/labels and below.
func (n *Node) routeLabels(c *call, session string, rest []string) reply {
	get := c.Method == http.MethodGet
	switch {
	case len(rest) == 0 && get:
		return n.listLabels(c, session)
	case len(rest) == 0 && c.Method == http.MethodPost:
		return n.createLabel(c, session)
	case len(rest) == 1 && c.Method == http.MethodPut:
		return n.changeLabel(c, session, rest[0])
	case len(rest) == 1 && c.Method == http.MethodDelete:
		return n.removeLabel(c, session, rest[0])
	case len(rest) == 2 && rest[0] == "chats" && get:
		return n.chatLabels(c, session, rest[1])
	case len(rest) == 2 && rest[0] == "chats" && c.Method == http.MethodPut:
		return n.labelChat(c, session, rest[1])
	case len(rest) == 2 && rest[1] == "chats" && get:
		return n.labelChats(c, session, rest[0])
	}
	return c.unknown()
}

func (n *Node) listLabels(c *call, name string) reply {
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	labels := n.shown(s, true).labels
	if n.hit(NoLabels, name) {
		labels = nil
	}
	return ok(writeLabels(s.phone, labels))
}

// chatLabels finds a chat by exactly this id: what is on …@lid is not found by
// …@c.us (WAHA #1647).
func (n *Node) chatLabels(c *call, name, chatID string) reply {
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	snap := n.shown(s, false)
	var labels []Label
	for _, id := range snap.of[bareChat(chatID)] {
		if l, ok := snap.label(id); ok {
			labels = append(labels, l)
		}
	}
	if n.hit(ChatWithoutLabels, name) {
		labels = nil
	}
	return ok(writeLabels(s.phone, labels))
}

// labelChats are in the shape of the engine: {id} of GOWS, Baileys' chats of
// NOWEB, WhatsApp Web's of WEBJS and WPP.
func (n *Node) labelChats(c *call, name, labelID string) reply {
	s, r := n.working(c, read, name)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	snap := n.shown(s, false)
	if _, known := snap.label(labelID); !known {
		return exception(http.StatusNotFound, "Label not found")
	}
	var w writer
	w.arr()
	if !n.hit(LabelWithoutChats, name) {
		for _, chat := range snap.chats[labelID] {
			if !n.strikes(ChatsMissing, name, chat) {
				s.phone.writeChat(&w, chat, labelID)
			}
		}
	}
	return ok(w.rra().string())
}

func writeLabels(p *Phone, labels []Label) string {
	var w writer
	w.arr()
	for _, l := range labels {
		if p.cfg.Engine == WPP {
			p.srv.mu.Lock()
			l.writeWAJS(&w, p.count(l.ID))
			p.srv.mu.Unlock()
			continue
		}
		l.write(&w, l.Name)
	}
	return w.rra().string()
}

func (p *Phone) writeChat(w *writer, chatID, labelID string) {
	user, server, _ := cutChat(chatID)
	switch p.cfg.Engine {
	case GOWS:
		w.obj().kstr("id", chatID).end()
	case NOWEB:
		if server == "c.us" {
			server = "s.whatsapp.net"
		}
		w.obj().kstr("id", user+"@"+server).pairs(`"conversationTimestamp":{"low":1795399000,"high":0,"unsigned":true},"unreadCount":0,"messages":[]`).end()
	default:
		w.obj().key("id").obj().kstr("server", server).kstr("user", user).kstr("_serialized", chatID).end().
			pairs(`"isGroup":false,"unreadCount":0,"timestamp":1795399000,"pinned":false`).key("labels").arr().str(labelID).rra().end()
	}
}

// maxLabels is what WhatsApp Business allows.
const maxLabels = 20

// createLabel gives the highest id and one, so that the id of the last label is
// used again once it was deleted.
func (n *Node) createLabel(c *call, name string) reply {
	s, r := n.working(c, send, name)
	if r != nil {
		return *r
	}
	l, r := n.labelBody(c, s)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	labels := n.truth(s).labels
	n.mu.Unlock()
	id := 0
	for _, have := range labels {
		if have.Name == l.Name {
			return exception(http.StatusUnprocessableEntity, "Label with name '"+l.Name+"' already exists")
		}
		if v, err := strconv.Atoi(have.ID); err == nil {
			id = max(id, v)
		}
	}
	if len(labels) >= maxLabels {
		return exception(http.StatusUnprocessableEntity, "Maximum 20 labels allowed")
	}
	l.ID = strconv.Itoa(id + 1)
	n.emit(true, s.phone.Upsert(n.now(), l))
	return reply{http.StatusCreated, writeLabel(l)}
}

// changeLabel refuses a name that is not new: it clashes with itself.
func (n *Node) changeLabel(c *call, name, id string) reply {
	s, r := n.working(c, send, name)
	if r != nil {
		return *r
	}
	l, r := n.labelBody(c, s)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	snap := n.truth(s)
	n.mu.Unlock()
	if _, known := snap.label(id); !known {
		return exception(http.StatusNotFound, "Label not found")
	}
	if slices.ContainsFunc(snap.labels, func(have Label) bool { return have.Name == l.Name }) {
		return exception(http.StatusUnprocessableEntity, "Label with name '"+l.Name+"' already exists")
	}
	l.ID = id
	n.emit(true, s.phone.Upsert(n.now(), l))
	return ok(writeLabel(l))
}

func (n *Node) removeLabel(c *call, name, id string) reply {
	s, r := n.working(c, send, name)
	if r != nil {
		return *r
	}
	n.mu.Lock()
	_, known := n.truth(s).label(id)
	broken := n.hit(NoAppStateKeys, name)
	n.mu.Unlock()
	switch {
	case broken:
		return *c.unexpected(n, "no app state keys found", "Error")
	case !known:
		return exception(http.StatusNotFound, "Label not found")
	}
	n.emit(true, s.phone.DeleteLabelByREST(n.now(), id))
	return ok(`{"result":true}`)
}

func (n *Node) labelBody(c *call, s *session) (Label, *reply) {
	var body struct {
		Name     string `json:"name"`
		Color    *int   `json:"color"`
		ColorHex string `json:"colorHex"`
	}
	if r := c.decode(&body); r != nil {
		return Label{}, r
	}
	n.mu.Lock()
	broken := n.hit(NoAppStateKeys, s.phone.Session())
	n.mu.Unlock()
	if broken {
		return Label{}, c.unexpected(n, "no app state keys found", "Error")
	}
	l := Label{Name: body.Name}
	switch {
	case body.Color != nil:
		l.Color = *body.Color
	case body.ColorHex != "":
		i := slices.Index(colours[:], body.ColorHex)
		if i < 0 {
			r := exception(http.StatusUnprocessableEntity, "Invalid color hex")
			return Label{}, &r
		}
		l.Color = i
	}
	return l, nil
}

func writeLabel(l Label) string {
	var w writer
	l.write(&w, l.Name)
	return w.string()
}

// labelChat sets all labels of a chat: 200 without a body, and an event for each
// that is new and each that is gone.
func (n *Node) labelChat(c *call, name, chatID string) reply {
	s, r := n.working(c, send, name)
	if r != nil {
		return *r
	}
	var body struct {
		Labels []struct {
			ID json.Number `json:"id"`
		} `json:"labels"`
	}
	if r := c.decode(&body); r != nil {
		return *r
	}
	chatID = bareChat(chatID)
	n.mu.Lock()
	snap := n.truth(s)
	broken := n.hit(NoAppStateKeys, name)
	n.mu.Unlock()
	if broken {
		return *c.unexpected(n, "no app state keys found", "Error")
	}
	var want []string
	for _, l := range body.Labels {
		if _, known := snap.label(l.ID.String()); !known {
			return exception(http.StatusNotFound, "Label not found")
		}
		want = append(want, l.ID.String())
	}
	have := snap.of[chatID]
	var evs []Event
	lead, person := s.phone.leadOf(chatID)
	set := func(id string, on bool) {
		switch {
		case !person:
			evs = append(evs, s.phone.LabelChat(n.now(), chatID, id, on))
		default:
			evs = append(evs, s.phone.mark(n.now(), lead, id, on))
		}
	}
	for _, id := range want {
		if !slices.Contains(have, id) {
			set(id, true)
		}
	}
	for _, id := range have {
		if !slices.Contains(want, id) {
			set(id, false)
		}
	}
	n.mu.Lock()
	if s.frozen != nil {
		s.frozen.set(chatID, want)
	}
	n.mu.Unlock()
	n.emit(true, evs...)
	return ok("")
}
