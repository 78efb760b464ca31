package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// discardMost is how much of a frame that is too large is read over to get to
// the next; beyond it the connection is given up.
const discardMost = 64 << 20

// listen connects once and reads until the connection ends. opened is when it
// was open and believed, zero where that never was.
func (f *Feed) listen(ctx context.Context, reason string) (opened time.Time, err error) {
	conn, err := f.dial(ctx)
	if err != nil {
		f.metrics.connections.WithLabelValues(f.cfg.Server, "failed").Inc()
		return opened, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer func() {
		cancel()
		_ = conn.CloseNow() // it has ended, or is given up
		beside.Wait()
	}()
	// WAHA opens the connection of whoever comes, and closes it at once where the
	// key is wrong: open for a moment is accepted.
	var once sync.Once
	accepted := func() {
		once.Do(func() {
			opened = time.Now()
			f.set(true, "")
			f.metrics.connections.WithLabelValues(f.cfg.Server, "opened").Inc()
			f.log.InfoContext(ctx, "websocket of WAHA is connected", "server", f.cfg.Server, "gap", reason)
			f.gaps.happened(reason)
		})
	}
	beside.Go(func() {
		select {
		case <-ctx.Done():
		case <-time.After(f.settle):
			if ctx.Err() == nil {
				accepted()
			}
		}
	})
	beside.Go(func() { f.ping(ctx, conn) })
	err = f.read(ctx, conn, accepted)
	cancel()
	beside.Wait()
	if websocket.CloseStatus(err) == websocket.StatusPolicyViolation {
		err = errKey
	}
	if errors.Is(err, errKey) {
		f.metrics.connections.WithLabelValues(f.cfg.Server, "refused").Inc()
	} else if opened.IsZero() {
		f.metrics.connections.WithLabelValues(f.cfg.Server, "failed").Inc()
	}
	return opened, err
}

// Try connects once, without reading anything, and says what is in the way, nil
// for nothing: for a look at a set-up. The feed must not be running.
func (f *Feed) Try(ctx context.Context) error {
	conn, err := f.dial(ctx)
	if err == nil {
		timed, cancel := context.WithTimeout(ctx, f.settle)
		defer cancel()
		defer conn.CloseNow()
		// Open for a moment is accepted; a frame is all the more.
		if _, _, err = conn.Reader(timed); timed.Err() != nil && ctx.Err() == nil {
			return nil
		}
		if websocket.CloseStatus(err) == websocket.StatusPolicyViolation {
			err = errKey
		}
	}
	if err == nil {
		return nil
	}
	return errors.New(f.explain(err))
}

func (f *Feed) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, res, err := websocket.Dial(ctx, f.dialURL, &websocket.DialOptions{HTTPClient: f.client})
	if err != nil {
		return nil, answered(res, err)
	}
	conn.SetReadLimit(-1) // read has its own, which spares the connection
	return conn, nil
}

// read hands every frame on until the connection ends.
func (f *Feed) read(ctx context.Context, conn *websocket.Conn, accepted func()) error {
	for {
		if err := f.room(ctx); err != nil {
			return err
		}
		_, r, err := conn.Reader(ctx)
		if err != nil {
			return err
		}
		body, whole, err := f.frame(r)
		if err != nil {
			return err
		}
		accepted()
		f.mu.Lock()
		f.state.LastFrameAt = f.now()
		f.mu.Unlock()
		if !whole {
			f.lost(ctx, "too_large", fmt.Errorf("it is larger than %d bytes", f.cfg.MaxFrame))
			continue
		}
		f.hold(len(body))
		select {
		case f.frames <- body:
		case <-ctx.Done(): // the next start is a gap anyway
			f.hold(-len(body))
			f.count("stopped")
			return ctx.Err()
		}
	}
}

// frame reads one frame; of one that is too large the rest is read over.
func (f *Feed) frame(r io.Reader) (body []byte, whole bool, err error) {
	body, err = io.ReadAll(io.LimitReader(r, f.cfg.MaxFrame+1))
	if err != nil || int64(len(body)) <= f.cfg.MaxFrame {
		return body, true, err
	}
	n, err := io.CopyN(io.Discard, r, discardMost)
	if err == nil && n == discardMost {
		return nil, false, fmt.Errorf("a frame does not end within %d bytes", f.cfg.MaxFrame+discardMost)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return nil, false, err
}

// room waits until the frames held leave room for another.
func (f *Feed) room(ctx context.Context) error {
	for f.held.Load() > f.cfg.MaxHeld {
		if !f.stalled.Swap(true) {
			f.log.WarnContext(ctx, "websocket of WAHA is not read: the inbox takes nothing, and no more can be held in memory", "server", f.cfg.Server, "held_bytes", f.held.Load())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.freed:
		}
	}
	f.stalled.Store(false)
	return nil
}

// hold counts bytes that wait to be kept.
func (f *Feed) hold(n int) {
	f.metrics.held.WithLabelValues(f.cfg.Server).Set(float64(f.held.Add(int64(n))))
	if n < 0 {
		select {
		case f.freed <- struct{}{}:
		default:
		}
	}
}

// ping finds out that the other end is gone although nobody says so. WAHA's own
// pings are answered by reading.
func (f *Feed) ping(ctx context.Context, conn *websocket.Conn) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.pingEvery):
		}
		if f.stalled.Load() || len(f.frames) == cap(f.frames) {
			continue // nobody reads, so no answer could be seen
		}
		timed, cancel := context.WithTimeout(ctx, f.pingWait)
		err := conn.Ping(timed)
		cancel()
		if err != nil && ctx.Err() == nil && !f.stalled.Load() {
			_ = conn.CloseNow() // read then says that it has ended
			return
		}
	}
}
