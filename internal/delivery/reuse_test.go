package delivery

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A destination closes a connection that was idle just as the next delivery is
// written to it: that delivery goes out again on another connection, and costs
// no attempt. Node does so after five seconds, and so n8n.
func TestPost_closedWhileIdle(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var conns atomic.Int32
	bodies := make(chan string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for n := range 2 {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					body, _ := io.ReadAll(req.Body)
					if n == 1 {
						return // it had just decided to close
					}
					if len(req.Header["X-Idempotency-Key"]) > 0 || len(req.Header["Idempotency-Key"]) > 0 {
						t.Errorf("headers %v", req.Header)
					}
					bodies <- string(body)
					fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			}()
		}
	}()
	client := newClient(true, 1)
	defer client.CloseIdleConnections()
	d := &Destination{URL: "http://" + listener.Addr().String()}
	for i := range 3 {
		want := fmt.Sprintf(`{"n":%d}`, i)
		if a, _ := post(t.Context(), client, d, claimed(want), time.Now); a.Status != 200 {
			t.Fatalf("attempt %d: %+v", i, a)
		}
		if got := <-bodies; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := conns.Load(); n != 3 {
		t.Errorf("%d connections: the second request of one was not seen", n)
	}
}
