package waha

// The events Tandai uses. Source: WAHA, src/structures/enums.dto.ts.
const (
	EventLabelUpsert      = "label.upsert"
	EventLabelDeleted     = "label.deleted"
	EventLabelChatAdded   = "label.chat.added"
	EventLabelChatDeleted = "label.chat.deleted"
	EventSessionStatus    = "session.status"
	EventMessage          = "message"
	EventMessageAny       = "message.any"
)

// EventUse says what becomes of an event by its name alone.
type EventUse int

const (
	EventUnknown EventUse = iota // not in WAHA's list as of 2026.7
	EventUnused                  // WAHA's, but nothing here reads it
	EventUsed
)

// UseOf sorts an event name, matched byte for byte.
func UseOf(event string) EventUse {
	switch event {
	case EventLabelUpsert, EventLabelDeleted, EventLabelChatAdded, EventLabelChatDeleted,
		EventSessionStatus, EventMessage, EventMessageAny:
		return EventUsed
	case "message.reaction", "message.ack", "message.ack.group", "message.waiting",
		"message.revoked", "message.edited", "state.change",
		"group.join", "group.leave", "group.v2.join", "group.v2.leave", "group.v2.update", "group.v2.participants",
		"presence.update", "poll.vote", "poll.vote.failed", "chat.archive",
		"call.received", "call.accepted", "call.rejected",
		"event.response", "event.response.failed", "engine.event":
		return EventUnused
	}
	return EventUnknown
}

// eventName gives the event's name without allocating for those we use.
func eventName(raw []byte) string {
	switch string(raw) {
	case EventLabelUpsert:
		return EventLabelUpsert
	case EventLabelDeleted:
		return EventLabelDeleted
	case EventLabelChatAdded:
		return EventLabelChatAdded
	case EventLabelChatDeleted:
		return EventLabelChatDeleted
	case EventSessionStatus:
		return EventSessionStatus
	case EventMessage:
		return EventMessage
	case EventMessageAny:
		return EventMessageAny
	}
	return string(raw)
}
