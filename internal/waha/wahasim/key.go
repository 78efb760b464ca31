package wahasim

// Key is an X-Api-Key and what it may do. Source: WAHA, casl.rules.ts.
type Key struct {
	Key     string
	Session string // a session-scoped key; "" = the full one, and the rest does not matter
	Actions Actions
}

// Actions of a session-scoped key.
type Actions struct{ Read, Send, Control, Setting bool }

// right is what a call needs.
type right int

const (
	anyKey   right = iota // any key: the server's version and status, the list of sessions
	retrieve              // any key of that session
	read
	send
	control
	setting
	full // the full key alone
)

// may says whether the key is enough for a call about a session.
func (k Key) may(need right, session string) bool {
	if k.Session == "" || need == anyKey {
		return true
	}
	if k.Session != session {
		return false
	}
	switch need {
	case retrieve:
		return true
	case read:
		return k.Actions.Read
	case send:
		return k.Actions.Send
	case control:
		return k.Actions.Control
	case setting:
		return k.Actions.Setting
	}
	return false
}

// key finds who asks; a node without keys takes anybody for its owner.
func (n *Node) key(given string) (Key, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.cfg.Keys) == 0 && !n.broken(Unauthorized, "") {
		return Key{}, true
	}
	for _, k := range n.cfg.Keys {
		if k.Key == given && given != "" {
			return k, !n.broken(Unauthorized, "")
		}
	}
	return Key{}, false
}
