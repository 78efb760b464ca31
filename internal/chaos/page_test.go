package chaos

import (
	"bufio"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestHungAtPage: who hangs with a body where no webhook is received is cut off
// too, and does not hold up the stop.
func TestHungAtPage(t *testing.T) {
	t.Parallel()
	n := newNode(t, setup{more: brief})
	p := n.serve(t)
	p.until("the inbox is open", patience, func(r readiness) bool { return r.code == http.StatusOK })
	for _, path := range []string{"/elsewhere", "/", "/readyz"} {
		conn := dial(t, p)
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: tandai\r\nContent-Length: 1000\r\n\r\nhalf", path)
		h := &hung{conn: conn, in: bufio.NewReader(conn)}
		if code, _ := h.answer(20 * time.Second); code == -1 {
			t.Errorf("%s: a sender that hangs is neither answered nor cut off", path)
		}
	}
	p.stop()
}
