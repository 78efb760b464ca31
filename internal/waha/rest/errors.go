package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a call can fail with, for errors.Is. Every one of them comes in an *Error.
var (
	// ErrUnauthorized: WAHA does not know the key (401).
	ErrUnauthorized = errors.New("WAHA does not accept the API key")
	// ErrForbidden: the key is known, but may not do that (403); Error.Right says what it lacks.
	ErrForbidden = errors.New("the API key lacks a right")
	// ErrNotFound: there is no such session, label or call (404).
	ErrNotFound = errors.New("WAHA does not know it")
	// ErrNotWorking: the session is there, but not WORKING (422); Error.SessionStatus says what it is.
	ErrNotWorking = errors.New("the session is not WORKING")
	// ErrInvalid: WAHA refuses the request (any other 4xx), or it makes no sense.
	ErrInvalid = errors.New("WAHA refuses the request")
	// ErrServer: WAHA failed (5xx), redirected, or gave an answer that cannot be understood.
	ErrServer = errors.New("WAHA failed")
	// ErrUnreachable: no answer: no connection, a broken one, or no time left.
	ErrUnreachable = errors.New("WAHA cannot be reached")
)

// Rights of a session-scoped key, as WAHA names them.
// Source: WAHA, src/core/auth/casl.types.ts.
const (
	RightRead    = "read"    // labels, chats, contacts, lids
	RightSend    = "send"    // messages
	RightControl = "control" // start, stop, restart
	RightSetting = "setting" // the session's configuration
)

// Error is a call that failed. It is ErrUnauthorized, ErrForbidden, … for
// errors.Is, and whatever made it fail (context.DeadlineExceeded, say). It holds
// neither the key nor a whole phone number.
type Error struct {
	Op      string // what was asked, continuing "cannot": "read labels"
	Session string // WAHA's name of it; "" for what is the server's
	Status  int    // HTTP status; 0 without an answer
	Message string // what WAHA said, one line, cut short; or what is wrong with its answer

	Right         string // ErrForbidden: what the key lacks; "" where only a full key will do
	SessionStatus string // ErrNotWorking: STOPPED, STARTING, …; "" when WAHA did not say

	kind  error // one of the Err… above; nil when the caller gave up
	cause error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("cannot " + e.Op)
	if e.Session != "" {
		fmt.Fprintf(&b, " (session %q)", e.Session)
	}
	b.WriteString(": ")
	switch {
	case e.kind == nil:
		b.WriteString("given up")
	case errors.Is(e.kind, ErrForbidden):
		if e.Right == "" {
			b.WriteString("the API key is a session's, and only a full one may do that")
		} else {
			fmt.Fprintf(&b, "the API key lacks the right %q for this session", e.Right)
		}
	case errors.Is(e.kind, ErrNotWorking):
		b.WriteString("the session is " + orUnknown(e.SessionStatus) + ", want WORKING")
		return b.String()
	default:
		b.WriteString(e.kind.Error())
	}
	if e.Status != 0 && !errors.Is(e.kind, ErrUnauthorized) && !errors.Is(e.kind, ErrForbidden) {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return b.String()
}

// Unwrap gives what kind of failure it is, and what caused it.
func (e *Error) Unwrap() []error {
	var all []error
	if e.kind != nil {
		all = append(all, e.kind)
	}
	if e.cause != nil {
		all = append(all, e.cause)
	}
	return all
}

func orUnknown(status string) string {
	if status == "" {
		return "in an unknown status"
	}
	return status
}

// invalid is a request that is not worth sending.
func (o op) invalid(format string, args ...any) *Error {
	return &Error{Op: o.name, Session: o.session, Message: fmt.Sprintf(format, args...), kind: ErrInvalid}
}

// garbled is an answer that cannot be understood. What is told of it is where,
// not what.
func (o op) garbled(status int, format string, args ...any) *Error {
	return &Error{Op: o.name, Session: o.session, Status: status, Message: fmt.Sprintf(format, args...), kind: ErrServer}
}

// unanswered is a call without an answer. The address is told without its path:
// paths name people.
func (c *Client) unanswered(ctx context.Context, o op, err error) *Error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	e := &Error{Op: o.name, Session: o.session, cause: err}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		e.cause = ctx.Err()
		return e // whoever asked does not want to know any more: WAHA may be well
	}
	e.kind = ErrUnreachable
	if errors.Is(err, context.DeadlineExceeded) {
		e.Message = fmt.Sprintf("no answer from %s in time", c.shown)
		return e
	}
	e.Message = c.clean(c.shown + ": " + err.Error())
	return e
}

// refused is an answer whose status says no.
func (c *Client) refused(o op, res *http.Response, body []byte) *Error {
	e := &Error{Op: o.name, Session: o.session, Status: res.StatusCode}
	said := readRefusal(body)
	e.Message = c.clean(said.text)
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		e.kind, e.Message = ErrUnauthorized, ""
	case res.StatusCode == http.StatusForbidden:
		e.kind, e.Right, e.Message = ErrForbidden, o.right, ""
	case res.StatusCode == http.StatusNotFound:
		e.kind = ErrNotFound
	case res.StatusCode == http.StatusUnprocessableEntity && said.notWorking:
		e.kind, e.SessionStatus = ErrNotWorking, c.clean(said.status)
	case res.StatusCode >= 400 && res.StatusCode < 500:
		e.kind = ErrInvalid
	case res.StatusCode >= 300 && res.StatusCode < 400:
		e.kind, e.Message = ErrServer, "it redirects elsewhere; give the address it redirects to"
	default:
		e.kind = ErrServer
	}
	return e
}

type refusal struct {
	text       string
	status     string // of the session
	notWorking bool
}

// readRefusal understands WAHA's three shapes of an error, and takes anything
// else for silence: a proxy's page says nothing.
//
//	HttpException  {"message": string | [string], "error": "…", "statusCode": n}
//	not WORKING    {"error": "…", "session": "…", "status": "STOPPED", "expected": ["WORKING"]}
//	unexpected     {"statusCode", "timestamp", "exception": {"message", "name", …}, "request": …}
//
// The last one's request is passed over: it repeats what was asked.
func readRefusal(body []byte) refusal {
	var said struct {
		Message   json.RawMessage `json:"message"`
		Error     json.RawMessage `json:"error"`
		Status    json.RawMessage `json:"status"`
		Expected  json.RawMessage `json:"expected"`
		Exception struct {
			Message json.RawMessage `json:"message"`
			Details json.RawMessage `json:"details"`
			Name    json.RawMessage `json:"name"`
		} `json:"exception"`
	}
	if json.Unmarshal(body, &said) != nil {
		return refusal{}
	}
	if len(said.Expected) > 0 && said.Expected[0] == '[' {
		return refusal{text: words(said.Error), status: words(said.Status), notWorking: true}
	}
	for _, raw := range []json.RawMessage{said.Message, said.Exception.Message, said.Exception.Details, said.Exception.Name, said.Error} {
		if text := words(raw); text != "" {
			return refusal{text: text}
		}
	}
	return refusal{}
}

// words reads a string or a list of them.
func words(raw json.RawMessage) string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return strings.Join(many, "; ")
	}
	return ""
}

// maxMessage is how much of what WAHA says is repeated, in bytes.
const maxMessage = 200

// clean makes what came from outside fit for a log: one line, no key, no whole
// phone number, and short.
func (c *Client) clean(s string) string {
	if c.key != "" {
		s = strings.ReplaceAll(s, c.key, "[key]")
	}
	s = strings.ToValidUTF8(s, "?")
	var b strings.Builder
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			if digits++; digits == maxDigits {
				b.WriteRune('…')
			}
			if digits >= maxDigits {
				continue
			}
		} else {
			digits = 0
		}
		if unicode.IsControl(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	s = strings.Join(strings.Fields(b.String()), " ")
	if len(s) <= maxMessage {
		return s
	}
	s = s[:maxMessage]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// maxDigits in a row are no port and no year any more.
const maxDigits = 6
