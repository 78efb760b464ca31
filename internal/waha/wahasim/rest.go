package wahasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reply is an answer: a status and JSON, "" for an empty body.
type reply struct {
	status int
	body   string
}

func ok(body string) reply { return reply{http.StatusOK, body} }

// exception is NestJS' HttpException.
func exception(status int, message string) reply {
	var w writer
	w.obj().kstr("message", message)
	if message != http.StatusText(status) {
		w.kstr("error", http.StatusText(status))
	}
	return reply{status, w.kint("statusCode", int64(status)).end().string()}
}

// call is one request on its way to a handler.
type call struct {
	*http.Request
	key   Key
	path  []string // segments, unescaped
	query url.Values
	body  []byte
}

// maxBody of a request: WAHA's default is 50 MiB.
const maxBody = 50 << 20

// ServeHTTP answers WAHA's REST interface and /ws.
// Source: WAHA, src/api/*.controller.ts; answers observed on a real server.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, err := segments(r.URL.EscapedPath())
	if err != nil {
		n.answer(w, exception(http.StatusBadRequest, "Failed to decode param"))
		return
	}
	if len(path) == 1 && path[0] == "ws" {
		n.serveSocket(w, r)
		return
	}
	if len(path) == 1 && path[0] == "ping" { // needs no key
		n.answer(w, ok(`{"message":"pong"}`))
		return
	}
	key, known := n.key(r.Header.Get("X-Api-Key"))
	if !known {
		n.answer(w, exception(http.StatusUnauthorized, "Unauthorized"))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		n.answer(w, exception(http.StatusRequestEntityTooLarge, "request entity too large"))
		return
	}
	c := &call{r, key, path, r.URL.Query(), body}
	if late, failed := n.trouble(c); failed != nil || late > 0 {
		if !pause(r.Context(), late) {
			return
		}
		if failed != nil {
			n.answer(w, *failed)
			return
		}
	}
	n.answer(w, n.route(c))
}

func (n *Node) answer(w http.ResponseWriter, a reply) {
	h := w.Header()
	h.Set("X-Powered-By", "Express")
	h.Set("Date", n.cfg.Now().Add(n.cfg.DateSkew).UTC().Format(http.TimeFormat))
	if a.body != "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// trouble is what is wrong with a call before anybody handles it.
func (n *Node) trouble(c *call) (late time.Duration, failed *reply) {
	session := c.session()
	n.mu.Lock()
	defer n.mu.Unlock()
	if t := n.find(Slow, session); t != nil {
		delay := t.Delay
		if n.hit(Slow, session) {
			late = delay
		}
	}
	if n.hit(Failing, session) {
		failed = c.unexpected(n, "Request failed", "Error")
	}
	return late, failed
}

// session is whom a call is about, as far as its address says.
func (c *call) session() string {
	switch {
	case len(c.path) > 2 && c.path[0] == "api" && c.path[1] == "sessions":
		return c.path[2]
	case len(c.path) > 2 && c.path[0] == "api" && c.path[1] != "server" && c.path[1] != "contacts":
		return c.path[1]
	}
	return c.query.Get("session")
}

// unexpected is the answer of AllExceptionsFilter. It repeats the request.
func (c *call) unexpected(n *Node, message, name string) *reply {
	var w writer
	w.obj().kint("statusCode", 500).kstr("timestamp", n.cfg.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
	w.key("exception").obj().kstr("message", message).kstr("name", name).kstr("stack", name+": "+message+"\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)").end()
	w.key("request").obj().kstr("path", c.URL.RequestURI()).kstr("method", c.Method)
	if json.Valid(c.body) {
		w.kraw("body", string(c.body))
	}
	w.key("query").obj()
	for k := range c.query {
		w.kstr(k, c.query.Get(k))
	}
	w.end().end().kraw("version", n.version()).end()
	return &reply{http.StatusInternalServerError, w.string()}
}

// route finds the handler. WAHA's paths overlap (a session may be called
// "server"), and the first controller wins.
func (n *Node) route(c *call) reply {
	p := c.path
	if len(p) == 1 && p[0] == "health" {
		return n.health(c)
	}
	if len(p) < 2 || p[0] != "api" {
		return c.unknown()
	}
	rest := p[2:]
	switch p[1] {
	case "version":
		if len(rest) == 0 {
			return n.onlyGet(c, n.serverVersion)
		}
	case "server":
		switch strings.Join(rest, "/") {
		case "version":
			return n.onlyGet(c, n.serverVersion)
		case "status":
			return n.onlyGet(c, n.serverStatus)
		}
	case "sessions":
		return n.routeSessions(c, rest)
	case "contacts":
		return n.routeContacts(c, rest)
	case "sendText", "sendImage", "sendFile":
		if len(rest) == 0 && c.Method == http.MethodPost {
			return n.sendMessage(c, p[1])
		}
	default:
		if len(rest) > 0 {
			return n.routeSession(c, p[1], rest)
		}
	}
	return c.unknown()
}

// routeSession is everything under /api/{session}/.
func (n *Node) routeSession(c *call, session string, rest []string) reply {
	switch rest[0] {
	case "labels":
		return n.routeLabels(c, session, rest[1:])
	case "lids":
		return n.routeLids(c, session, rest[1:])
	case "chats":
		return n.routeChats(c, session, rest[1:])
	case "new-message-id":
		if len(rest) == 1 && c.Method == http.MethodGet {
			return n.newMessageID(c, session)
		}
	}
	return c.unknown()
}

func (n *Node) onlyGet(c *call, h func(*call) reply) reply {
	if c.Method != http.MethodGet {
		return c.unknown()
	}
	return h(c)
}

func (c *call) unknown() reply {
	return exception(http.StatusNotFound, "Cannot "+c.Method+" "+c.URL.RequestURI())
}

// allowed refuses a key that is not enough.
func (c *call) allowed(need right, session string) (reply, bool) {
	if c.key.may(need, session) {
		return reply{}, true
	}
	return exception(http.StatusForbidden, "Forbidden"), false
}

// working finds the session a call needs, once it is WORKING, as
// manager.getWorkingSession does: 404 when there is none, 422 after a wait.
func (n *Node) working(c *call, need right, name string) (*session, *reply) {
	if r, ok := c.allowed(need, name); !ok {
		return nil, &r
	}
	n.mu.Lock()
	s := n.session(name)
	n.mu.Unlock()
	if s == nil {
		r := exception(http.StatusNotFound, "Session \""+name+"\" does not exist")
		return nil, &r
	}
	const step = 5 * time.Millisecond
	for left := n.cfg.StatusWait; ; left -= step {
		status := s.phone.status()
		if status == StatusWorking {
			return n.stored(s, need)
		}
		if left <= 0 || !pause(c.Context(), min(step, left)) {
			var w writer
			w.obj().kstr("error", "Session status is not as expected. Try again later or restart the session").
				kstr("session", name).kstr("status", status).key("expected").arr().str(StatusWorking).rra().end()
			return nil, &reply{http.StatusUnprocessableEntity, w.string()}
		}
	}
}

// stored refuses to read what NOWEB has in its store when it has none.
func (n *Node) stored(s *session, need right) (*session, *reply) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if need == read && n.storeOff(s) {
		r := exception(http.StatusBadRequest, "Enable NOWEB store \"config.noweb.store.enabled=True\" and \"config.noweb.store.full_sync=True\" when starting a new session.")
		return nil, &r
	}
	return s, nil
}

// decode reads a JSON body; what is no object of the right types is 400.
func (c *call) decode(v any) *reply {
	if err := json.Unmarshal(c.body, v); err != nil {
		message := err.Error()
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			message = fmt.Sprintf("%s must be a %s", typed.Field, typed.Type)
		}
		r := exception(http.StatusBadRequest, message)
		return &r
	}
	return nil
}

// page cuts a list as limit and offset say.
func page[T any](c *call, all []T, usual int) []T {
	limit, offset := usual, 0
	if v, err := strconv.Atoi(c.query.Get("limit")); err == nil && v > 0 {
		limit = v
	}
	if v, err := strconv.Atoi(c.query.Get("offset")); err == nil && v > 0 {
		offset = v
	}
	offset = min(offset, len(all))
	if limit == 0 {
		return all[offset:]
	}
	return all[offset:min(offset+limit, len(all))]
}

func segments(escaped string) ([]string, error) {
	parts := strings.Split(strings.Trim(escaped, "/"), "/")
	for i, p := range parts {
		s, err := url.PathUnescape(p)
		if err != nil {
			return nil, err
		}
		parts[i] = s
	}
	return parts, nil
}
