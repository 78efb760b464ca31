package waha

import (
	"fmt"
	"unicode/utf8"
)

// Head is what intake has to know of a delivery to store it once.
type Head struct {
	// ID is the envelope's id ("evt_" and a ULID), the same in every retry and
	// for every hook; `message` and `message.any` of one message share it, so
	// an event is known by session, event and id together. It is empty when the
	// envelope has none (before 2025), when it is no plain word of at most 256
	// bytes, and when the session is unusable: then only the body itself tells
	// two deliveries apart.
	ID string
	// Timestamp is Unix ms, WAHA's clock when it handled the event; 0 with
	// TimestampProblem set ("is a string, want a whole number") when it is not
	// an integer. Whether it is a believable time is CheckTimestamp's question.
	Timestamp        int64
	TimestampProblem string
	Event            string // 1 to 64 of A-Z a-z 0-9 . _ -
	// Session is the session's name as it came, of any form; empty when it is
	// missing, not a string, or over 128 bytes. CheckSession judges it.
	Session string
}

// Limits of the head.
const (
	maxEvent   = 64
	maxSession = 128
)

// envelope is a delivery's top level. Source: WAHA, populateSessionInfo in
// src/core/abc/manager.abc.ts.
type envelope [9]value

const (
	envID = iota
	envTimestamp
	envEvent
	envSession
	envMetadata
	envMe
	envPayload
	envEngine
	envEnvironment
)

var envelopeNames = []string{"id", "timestamp", "event", "session", "metadata", "me", "payload", "engine", "environment"}

// readEnvelope checks the whole body and finds the envelope's members in it.
// problem is empty, or a sentence about the body.
func readEnvelope(body []byte) (env envelope, problem string) {
	if len(body) == 0 {
		return env, "the body is empty"
	}
	if !utf8.Valid(body) {
		return env, fmt.Sprintf("the body is not UTF-8: an invalid sequence at byte %d", firstInvalid(body))
	}
	s := scanner{b: body}
	start := s.space(0)
	if start == len(body) {
		return env, "the body holds nothing but white space"
	}
	if body[start] != '{' {
		if i := s.value(start, 0); i >= 0 && s.space(i) == len(body) {
			return env, "the body " + value(body[start:i]).is() + ", want an object"
		}
		s.unexpected(start)
		return env, "the body is not JSON: " + s.reason()
	}
	p := pick{names: envelopeNames, vals: env[:]}
	end := s.object(start, 0, &p)
	if end >= 0 {
		if end = s.space(end); end < len(body) {
			s.unexpected(end)
		}
	}
	switch {
	case s.fault == tooDeep:
		return env, fmt.Sprintf("the body is nested deeper than %d levels, at byte %d", maxDepth, s.at)
	case s.fault != "":
		return env, "the body is not JSON: " + s.reason()
	case p.twice != "":
		return env, p.twice + " stands more than once in the envelope"
	}
	return env, ""
}

// head reads the head out of an envelope. problem is empty, or says why the
// event cannot be read; the rest of the head is filled in even so.
func (env *envelope) head() (h Head, problem string) {
	h.Timestamp, h.TimestampProblem = env[envTimestamp].integer()
	if s := env[envSession]; s.isString() && len(s.inner()) <= maxSession {
		h.Session = s.textOr()
	}
	if h.Session != "" {
		h.ID = env[envID].wordText()
	}
	h.Event, problem = env.event()
	return h, problem
}

func (env *envelope) event() (name, problem string) {
	v := env[envEvent]
	if !v.isString() {
		return "", "event " + v.is() + ", want a string"
	}
	raw := v.inner()
	for _, c := range raw {
		if c == '\\' {
			raw = []byte(v.textOr())
			break
		}
	}
	if len(raw) == 0 {
		return "", "event is empty"
	}
	if len(raw) > maxEvent {
		return "", fmt.Sprintf("event is %d bytes long, want at most %d", len(raw), maxEvent)
	}
	for _, c := range raw {
		if !isName(c) && c != '.' {
			return "", "event is not a name: want letters, digits, '.', '_' and '-'"
		}
	}
	return eventName(raw), ""
}

// isName says that c may stand in a session's name.
func isName(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '-'
}

// firstInvalid is the index of the first byte that is not UTF-8.
func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}
