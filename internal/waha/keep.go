package waha

// Kept is what may be written to disk of one delivery.
type Kept struct {
	Head Head
	// Body is the reduced body. Of a label event it is the body that came, not a
	// copy; of everything else it may be.
	Body []byte
	// Problem is non-empty when the event cannot be understood at all: the
	// delivery is quarantined at once, with this sentence as the reason. Head is
	// then as far as it could be read, and Head.ID is empty.
	Problem string
}

// Keep reduces a delivery to what may be kept:
//
//   - label events: byte for byte as they came;
//   - session.status: as it came, less any member that could hold a pairing code
//     or a QR code (see keepStatus);
//   - message and message.any: an allow-list of ids, times, directions and the
//     advert referral, never text (see keepMessage);
//   - any other event: id, timestamp, event and session;
//   - a body whose event cannot be read: its head, length and hash (see
//     unreadable), and the Problem.
//
// Keeping what was kept changes nothing: Keep(Keep(b).Body).Body equals
// Keep(b).Body.
func Keep(body []byte) Kept {
	env, problem := readEnvelope(body)
	if problem != "" {
		return unreadable(body, problem)
	}
	head, problem := env.head()
	if problem != "" {
		return unreadable(body, problem)
	}
	kept := Kept{Head: head, Body: body}
	switch head.Event {
	case EventLabelChatAdded, EventLabelChatDeleted, EventLabelUpsert, EventLabelDeleted:
	case EventSessionStatus:
		kept.Body = keepStatus(body, &env)
	case EventMessage, EventMessageAny:
		m, problem := readMessage(&env)
		if problem != "" {
			return unreadable(body, problem)
		}
		kept.Body = m.kept(&env)
	default:
		w := writer{buf: make([]byte, 0, 256)}
		w.open("")
		w.envelopeHead(&env)
		w.close()
		kept.Body = w.buf
	}
	return kept
}

// writer builds JSON out of values that have been checked.
type writer struct{ buf []byte }

// comma separates what follows from what stands before it.
func (w *writer) comma() {
	if n := len(w.buf); n > 0 && w.buf[n-1] != '{' && w.buf[n-1] != '[' {
		w.buf = append(w.buf, ',')
	}
}

func (w *writer) key(name string) {
	w.comma()
	if name != "" {
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, name...)
		w.buf = append(w.buf, '"', ':')
	}
}

// open begins an object, as the member of that name unless name is empty.
func (w *writer) open(name string) {
	w.key(name)
	w.buf = append(w.buf, '{')
}

func (w *writer) close() { w.buf = append(w.buf, '}') }

// member writes one member, or nothing when the value is absent.
func (w *writer) member(name string, v value) {
	if v.absent() {
		return
	}
	w.key(name)
	w.buf = append(w.buf, v...)
}

// members writes the members that are there, in the order of their names.
func (w *writer) members(names []string, vals []value) {
	for i, name := range names {
		w.member(name, vals[i])
	}
}

// object writes an object of the members that are there; nothing at all when
// none is.
func (w *writer) object(name string, names []string, vals []value) {
	for _, v := range vals {
		if !v.absent() {
			w.open(name)
			w.members(names, vals)
			w.close()
			return
		}
	}
}

// envelopeHead writes id, timestamp, event and session, each bounded.
func (w *writer) envelopeHead(env *envelope) {
	w.member("id", env[envID].word())
	w.member("timestamp", env[envTimestamp].word())
	w.member("event", env[envEvent].fit(6*maxEvent, nil))
	w.member("session", env[envSession].fit(maxSession, nil))
}
