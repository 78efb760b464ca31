package rest

import "context"

// Label is a label as one session has it now.
type Label struct {
	ID       string // decimal; means something inside its session only
	Name     string // as it stands, invisible characters of WhatsApp's own lists included
	Color    int    // WhatsApp's index; label.NoColor where it was not said
	ColorHex string // "#rrggbb"; "" where it was not said
}

// Labels reads the labels of a session. The list may be empty although there are
// labels: see WAHA #2113, #1370.
func (c *Client) Labels(ctx context.Context, session string) ([]Label, Asked, error) {
	o := op{"read the labels", session, RightRead}
	return c.labels(ctx, o, "labels")
}

// ChatLabels reads the labels on one chat. WAHA looks the chat up by exactly this
// id: what was put on …@lid is not found by …@c.us (WAHA #1647).
func (c *Client) ChatLabels(ctx context.Context, session, chatID string) ([]Label, Asked, error) {
	o := op{"read the labels of a chat", session, RightRead}
	if err := o.checkChat(chatID); err != nil {
		return nil, Asked{}, err
	}
	return c.labels(ctx, o, "labels", "chats", chatID)
}

func (c *Client) labels(ctx context.Context, o op, segments ...string) ([]Label, Asked, error) {
	if err := o.checkSession(); err != nil {
		return nil, Asked{}, err
	}
	a, err := c.get(ctx, o, path(append([]string{"api", o.session}, segments...)...), nil)
	if err != nil {
		return nil, a.asked, err
	}
	a.body = list(a.body)
	var wire []wireLabel
	if err := c.decode(o, a, &wire); err != nil {
		return nil, a.asked, err
	}
	all := make([]Label, len(wire))
	for i, w := range wire {
		if w.ID == "" {
			return nil, a.asked, o.garbled(a.status, "its answer has a label without an id, at place %d", i)
		}
		all[i] = w.label()
	}
	return all, a.asked, nil
}

// LabelChats reads which chats carry a label: ids as webhooks write them
// (628…@c.us, 201…@lid, groups too), each once, in WAHA's order. A chat whose id
// cannot be read is ErrServer, and not left out. NOWEB lists only the chats its
// store has (WAHA #1184).
func (c *Client) LabelChats(ctx context.Context, session, labelID string) (chatIDs []string, asked Asked, err error) {
	o := op{"read the chats with a label", session, RightRead}
	if err := o.checkSession(); err != nil {
		return nil, Asked{}, err
	}
	if err := o.checkSegment("label id", labelID); err != nil {
		return nil, Asked{}, err
	}
	a, err := c.get(ctx, o, path("api", session, "labels", labelID, "chats"), nil)
	if err != nil {
		return nil, a.asked, err
	}
	a.body = list(a.body)
	var wire []chatRef
	if err := c.decode(o, a, &wire); err != nil {
		return nil, a.asked, err
	}
	chatIDs = make([]string, 0, len(wire))
	seen := make(map[string]bool, len(wire))
	for i, w := range wire {
		if w.id == "" { // null
			return nil, a.asked, o.garbled(a.status, "its answer has a chat without an id, at place %d", i)
		}
		if !seen[w.id] {
			seen[w.id] = true
			chatIDs = append(chatIDs, w.id)
		}
	}
	return chatIDs, a.asked, nil
}

// checkChat refuses what cannot be part of a path.
func (o op) checkChat(chatID string) error { return o.checkSegment("chat id", chatID) }

func (o op) checkSegment(what, s string) error {
	if s == "" || s == "." || s == ".." || len(s) > 128 {
		return o.invalid("the %s is empty, too long, or part of a path", what)
	}
	return nil
}
