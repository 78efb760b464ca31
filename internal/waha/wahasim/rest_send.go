package wahasim

import (
	"net/http"
	"slices"
)

// SentMessage is a message somebody had WAHA send.
type SentMessage struct {
	Session, ChatID string
	Kind            string // "text", "image", "file"
	Text            string // or the caption
	URL, MIMEType   string
	Data            string // base64, as it came
	ID              string // WhatsApp's id: the caller's, or one WAHA made
	At              int64  // Unix ms
	Tries           int    // how often it was asked for with this id; it went out once
}

// Messages are those sent so far, in order.
func (n *Node) Messages() []SentMessage {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.messages)
}

func (n *Node) newMessageID(c *call, name string) reply {
	if _, r := n.working(c, send, name); r != nil {
		return *r
	}
	n.srv.mu.Lock()
	id := messageID(true, n.srv.messages)
	n.srv.mu.Unlock()
	var w writer
	return ok(w.obj().kstr("id", id).end().string())
}

// sendMessage sends once for each id, and once more for each call without one.
func (n *Node) sendMessage(c *call, what string) reply {
	var body struct {
		Session string `json:"session"`
		ChatID  string `json:"chatId"`
		Text    string `json:"text"`
		Caption string `json:"caption"`
		ID      string `json:"id"`
		File    *struct {
			MIMEType string `json:"mimetype"`
			URL      string `json:"url"`
			Data     string `json:"data"`
		} `json:"file"`
	}
	if r := c.decode(&body); r != nil {
		return *r
	}
	if body.Session == "" {
		return exception(http.StatusBadRequest, "Session name is required")
	}
	s, r := n.working(c, send, body.Session)
	if r != nil {
		return *r
	}
	switch {
	case body.ChatID == "":
		return exception(http.StatusBadRequest, "chatId must be a string")
	case what == "sendText" && body.Text == "":
		return exception(http.StatusBadRequest, "text must be a string")
	case what != "sendText" && (body.File == nil || body.File.MIMEType == "" || body.File.URL == "" && body.File.Data == ""):
		return exception(http.StatusBadRequest, "file must be an object")
	}
	m := SentMessage{Session: body.Session, ChatID: bareChat(body.ChatID), Kind: map[string]string{"sendText": "text", "sendImage": "image", "sendFile": "file"}[what],
		Text: body.Text, ID: body.ID, At: n.now(), Tries: 1}
	if body.File != nil {
		m.Text, m.MIMEType, m.URL, m.Data = body.Caption, body.File.MIMEType, body.File.URL, body.File.Data
	}
	if m.ID == "" {
		n.srv.mu.Lock()
		m.ID = messageID(true, n.srv.messages)
		n.srv.mu.Unlock()
	}
	n.mu.Lock()
	i := slices.IndexFunc(n.messages, func(have SentMessage) bool { return have.Session == m.Session && have.ID == m.ID })
	if i >= 0 {
		n.messages[i].Tries++
	} else {
		n.messages = append(n.messages, m)
	}
	n.mu.Unlock()
	if lead, person := s.phone.leadOf(m.ChatID); person && i < 0 {
		n.emit(true, s.phone.Message(m.At, Message{Lead: lead, FromMe: true, API: true, Text: m.Text, ID: m.ID}))
	}
	var w writer
	return reply{http.StatusCreated, w.obj().kstr("id", "true_"+m.ChatID+"_"+m.ID).key("_data").obj().end().end().string()}
}
