package waha

// Delivery is what a kept body says. Exactly one of LabelChat, LabelEdit, Status
// and Message is set; of an event that nothing here reads, only the head.
type Delivery struct {
	Head
	Engine string // GOWS, NOWEB, WEBJS, WPP; empty when the body names none
	Klien  string // metadata.klien, at most 100 characters; empty when it is not given
	Me     Me

	LabelChat *LabelChat
	LabelEdit *LabelEdit
	Status    *SessionStatus
	Message   *Message
}

// Me is the number a session is logged in with. WAHA gives none while a session
// is being paired or restarted, and what cannot be read is as good as none.
type Me struct {
	ID  string // phone number, digits; empty when unknown
	LID string // hidden id, digits; empty when unknown
}

// SessionStatus is a session.status event.
type SessionStatus struct {
	Status   string         // STOPPED, STARTING, SCAN_QR_CODE, WORKING, FAILED, …
	Statuses []StatusChange // the last few, oldest first; those that could be read
}

// StatusChange is one step of a session's life.
type StatusChange struct {
	Status string
	At     int64 // Unix ms
}

// Decode reads a body that Keep has kept. The error is a *Problem that says which
// member is wrong and how; the delivery is then to be quarantined with it.
//
// Decode judges the session's name but not the timestamps, for which a clock is
// needed: see CheckTimestamp, for Head.Timestamp and Message.At.
func Decode(kept []byte) (Delivery, error) {
	var d Delivery
	env, problem := readEnvelope(kept)
	if problem != "" {
		return d, &Problem{Reason: problem}
	}
	if d.Head, problem = env.head(); problem != "" {
		if _, ok := readRemains(kept); ok {
			problem = remainsProblem
		}
		return d, &Problem{Reason: problem}
	}
	if d.TimestampProblem != "" {
		return d, &Problem{"timestamp", d.TimestampProblem}
	}
	if err := checkSession(env[envSession]); err != nil {
		return d, err
	}
	if UseOf(d.Event) != EventUsed {
		return d, nil
	}
	if err := d.envelope(&env); err != nil {
		return d, err
	}
	payload := env[envPayload]
	if !payload.isObject() {
		return d, &Problem{"payload", payload.is() + ", want an object"}
	}
	var err error
	switch d.Event {
	case EventLabelChatAdded, EventLabelChatDeleted:
		d.LabelChat, err = decodeLabelChat(payload, d.Event == EventLabelChatAdded)
	case EventLabelUpsert, EventLabelDeleted:
		d.LabelEdit, err = decodeLabelEdit(payload, d.Event == EventLabelDeleted)
	case EventSessionStatus:
		d.Status, err = decodeStatus(payload)
	case EventMessage, EventMessageAny:
		d.Message, err = decodeMessage(&env, d.Me)
	}
	return d, err
}

func checkSession(v value) error {
	if !v.isString() {
		return &Problem{"session", v.is() + ", want a string"}
	}
	return CheckSession(v.textOr())
}

// envelope reads what all events we use have.
func (d *Delivery) envelope(env *envelope) error {
	var me [2]value
	if twice := env[envMe].members(me[:], meNames[:]); twice != "" {
		return &Problem{"me." + twice, "stands more than once"}
	}
	for _, v := range me {
		switch kind, user, err := ParseChatID(v.textOr()); {
		case err != nil:
		case kind == ChatPhone && d.Me.ID == "":
			d.Me.ID = user
		case kind == ChatHidden && d.Me.LID == "":
			d.Me.LID = user
		}
	}
	var klien [1]value
	if twice := env[envMetadata].members(klien[:], []string{"klien"}); twice != "" {
		return &Problem{"metadata.klien", "stands more than once"}
	}
	if klien[0].isString() {
		name, reason := klien[0].name(100)
		if reason != "" {
			return &Problem{"metadata.klien", reason}
		}
		d.Klien = name
	}
	// GOWS before 2026.3 leaves the top-level engine out.
	if d.Engine = env[envEngine].wordText(); d.Engine == "" {
		var engine [1]value
		env[envEnvironment].members(engine[:], []string{"engine"})
		d.Engine = engine[0].wordText()
	}
	return nil
}

func decodeStatus(payload value) (*SessionStatus, error) {
	var v [2]value
	if twice := payload.members(v[:], []string{"status", "statuses"}); twice != "" {
		return nil, &Problem{"payload." + twice, "stands more than once"}
	}
	if !v[0].isString() {
		return nil, &Problem{"payload.status", v[0].is() + ", want a string"}
	}
	out := &SessionStatus{Status: v[0].textOr()}
	if out.Status == "" || !isStatus(v[0]) {
		return nil, &Problem{"payload.status", "is empty or not the name of a status"}
	}
	v[1].eachItem(func(item value) {
		var step [2]value
		if item.members(step[:], []string{"status", "timestamp"}) != "" {
			return
		}
		status := step[0].textOr()
		if at, problem := step[1].integer(); problem == "" && status != "" && isStatus(step[0]) {
			out.Statuses = append(out.Statuses, StatusChange{status, at})
		}
	})
	return out, nil
}
