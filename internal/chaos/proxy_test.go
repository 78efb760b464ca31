package chaos

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between Tandai and MariaDB, and does what is hard to time from
// outside.
type proxy struct {
	listener net.Listener
	to       string
	mode     atomic.Int32
	commits  atomic.Int64 // that it did something to

	mu    sync.Mutex
	conns map[net.Conn]bool
}

const (
	passes         = iota
	hangsAtCommit  // from the first COMMIT on, nothing goes through any more, in either direction
	losesTheAnswer // every other COMMIT reaches the server, and the connection ends before its answer
)

// commit is the end of a packet: the command for a query, and its text.
var commit = []byte("\x03COMMIT")

// between starts a proxy before the server of dsn, and returns the dsn to use.
func between(t *testing.T, dsn string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: u.Host, conns: map[net.Conn]bool{}}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.listener.Close(); p.cut() })
	go func() {
		for {
			conn, err := p.listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(conn)
		}
	}()
	u.Host = p.listener.Addr().String()
	return p, u.String()
}

// cut ends every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
		delete(p.conns, c)
	}
}

func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		client.Close()
		return
	}
	p.keep(client)
	p.keep(server)
	var lose atomic.Bool // the next answer of the server
	go p.copy(server, client, func(text []byte) bool {
		if !bytes.HasSuffix(text, commit) {
			return true
		}
		switch p.mode.Load() {
		case hangsAtCommit:
			p.commits.Add(1)
			return false
		case losesTheAnswer:
			if p.commits.Add(1)%2 == 0 {
				lose.Store(true)
			}
		}
		return true
	})
	p.copy(client, server, func([]byte) bool {
		if lose.Load() {
			client.Close()
			server.Close()
		}
		return true
	})
}

// copy copies until the connection ends or pass says no, and holds back
// everything while the proxy hangs.
func (p *proxy) copy(to, from net.Conn, pass func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			to.Close()
			return
		}
		if !pass(buf[:n]) || p.mode.Load() == hangsAtCommit && p.commits.Load() > 0 {
			_, _ = io.Copy(io.Discard, from) // until somebody ends it
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			from.Close()
			return
		}
	}
}
