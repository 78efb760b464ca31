package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tandai/internal/waha/wahasim"
)

// simWAHA is a simulated WAHA that answers on a port of its own. The key
// "waha-api-key" may everything, "read-key" may read cs1.
type simWAHA struct {
	server *wahasim.Server
	node   *wahasim.Node

	mu       sync.Mutex
	puts     int
	changing bool // somebody else takes the webhooks away between two looks
	looked   map[string]bool
}

// simSession is what a script's file says of a session.
type simSession struct {
	Name, Engine, Status string
	Config               json.RawMessage
}

func (s *simWAHA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, one := strings.CutPrefix(r.URL.Path, "/api/sessions/")
	s.mu.Lock()
	if one && r.Method == http.MethodPut {
		s.puts++
	}
	again := one && r.Method == http.MethodGet && s.looked[name] && s.changing
	if one {
		s.looked[name] = true
	}
	s.mu.Unlock()
	if again {
		_ = s.node.Configure(name, `{"webhooks":[]}`)
	}
	s.node.ServeHTTP(w, r)
}

// cmdWAHA starts a simulated WAHA, or changes one that runs. The variable NAME is
// its host and port.
//
//	FILE        [{"name", "engine", "status", "config"}]: sessions that are made, or configured anew;
//	            SRV in it is the address of the server called srv
//	lost        no webhook arrives any more
//	changing    somebody else takes away the webhooks between two looks
//	well        the end of both
//	restart     the process ends and starts; sockets break
//	marks=CS:PHONE    a label is put on somebody by that session
//	unmarks=CS:PHONE  it is taken off
func cmdWAHA(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "waha NAME [FILE] [lost] [changing] [well] [restart] [marks=SESSION:PHONE]")
	s := stageOf(ts).wahas[args[0]]
	if s == nil {
		s = startWAHA(ts, args[0])
	}
	for _, arg := range args[1:] {
		who, marks := strings.CutPrefix(arg, "marks=")
		off, unmarks := strings.CutPrefix(arg, "unmarks=")
		switch {
		case marks:
			session, phone, _ := strings.Cut(who, ":")
			p, at := s.server.Phone(session), time.Now().UnixMilli()
			s.node.Emit(p.Upsert(at, wahasim.Label{ID: "1", Name: "Grade A"}), p.Label(at, wahasim.Lead{Phone: phone, Name: "Budi"}, "1"))
		case unmarks:
			session, phone, _ := strings.Cut(off, ":")
			s.node.Emit(s.server.Phone(session).Unlabel(time.Now().UnixMilli(), wahasim.Lead{Phone: phone, Name: "Budi"}, "1"))
		case arg == "restart":
			ts.Check(s.node.Break(wahasim.Trouble{Fault: wahasim.ProcessRestart}))
		case arg == "lost":
			ts.Check(s.node.Break(wahasim.Trouble{Fault: wahasim.Lost}))
		case arg == "changing":
			s.mu.Lock()
			s.changing, s.looked = true, map[string]bool{}
			s.mu.Unlock()
		case arg == "well":
			s.node.Mend(wahasim.Lost)
			s.mu.Lock()
			s.changing = false
			s.mu.Unlock()
		default:
			s.configure(ts, arg)
		}
	}
}

func startWAHA(ts *testscript.TestScript, name string) *simWAHA {
	s := &simWAHA{server: wahasim.New(wahasim.Config{Seed: 1}), looked: map[string]bool{}}
	s.node = wahasim.NewNode(s.server, wahasim.NodeConfig{Seed: 1, Keys: []wahasim.Key{
		{Key: "waha-api-key"}, {Key: "read-key", Session: "cs1", Actions: wahasim.Actions{Read: true}},
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	web := &http.Server{Handler: s}
	go func() { _ = web.Serve(l) }() // until it is closed
	ts.Defer(func() { web.Close(); s.node.Close() })
	if stageOf(ts).wahas == nil {
		stageOf(ts).wahas = map[string]*simWAHA{}
	}
	stageOf(ts).wahas[name] = s
	ts.Setenv(name, l.Addr().String())
	return s
}

func (s *simWAHA) configure(ts *testscript.TestScript, file string) {
	var sessions []simSession
	ts.Check(json.Unmarshal([]byte(strings.ReplaceAll(ts.ReadFile(file), "SRV", ts.Getenv("srv"))), &sessions))
	for i, one := range sessions {
		if s.server.Phone(one.Name) == nil {
			engine := wahasim.GOWS
			if one.Engine != "" {
				engine = wahasim.Engine(one.Engine)
			}
			p, err := s.server.AddPhone(wahasim.PhoneConfig{Session: one.Name, Engine: engine, Number: fmt.Sprintf("62811999000%02d", i)})
			ts.Check(err)
			if one.Status != "" {
				s.node.Emit(p.Status(time.Now().UnixMilli(), one.Status, ""))
			}
		}
		ts.Check(s.node.Configure(one.Name, string(one.Config)))
	}
}

// cmdSessions prints what a WAHA has: a line for each session, and how often one
// was written.
func cmdSessions(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2 && stageOf(ts).wahas[args[0]] != nil, "sessions NAME SESSION…")
	s := stageOf(ts).wahas[args[0]]
	for _, name := range args[1:] {
		fmt.Fprintf(ts.Stdout(), "%s %s\n", name, s.node.Configured(name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(ts.Stdout(), "written %d times\n", s.puts)
}

// cmdListens waits until so many listen at a WAHA's websocket.
func cmdListens(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2 && stageOf(ts).wahas[args[0]] != nil, "listens NAME NUMBER")
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	n := stageOf(ts).wahas[args[0]].node
	wait(ts, "for listeners", func() string { return fmt.Sprint(n.Sockets()) }, func() bool { return n.Sockets() == want })
}
