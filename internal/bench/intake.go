package bench

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/waha"
)

const hmacKey = "bench-key"

// intakeGroup: durable acknowledgements over loopback HTTP against a handler that
// only reads, and against raw inserts into the same file.
func intakeGroup(ctx context.Context, _ Options, dir string) ([]Result, error) {
	const many, few = 60_000, 1_500
	from := time.Now().Add(-time.Hour)
	all := bodies(many+few, from)
	signatures := make([]string, len(all))
	for i, b := range all {
		signatures[i] = waha.Sign([]byte(hmacKey), b)
	}
	send := func(h http.Handler, first, n, connections int) (time.Duration, error) {
		return post(ctx, h, all[first:first+n], signatures[first:first+n], connections)
	}
	readOnly := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusOK)
	})
	in, err := inbox.Open(ctx, inbox.Config{Path: inboxPath(dir)})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	door, err := intake.New(intake.Config{Servers: []intake.Server{{Keys: waha.Keys{[]byte(hmacKey)}}}, Inbox: in})
	if err != nil {
		return nil, err
	}
	// The two take turns, so that a machine that slows down slows both.
	const turns = 4
	var took, readTook time.Duration
	for i := range turns {
		n := many / turns
		d, err := send(readOnly, i*n, n, 64)
		if err != nil {
			return nil, err
		}
		readTook += d
		if d, err = send(door, i*n, n, 64); err != nil {
			return nil, err
		}
		took += d
	}
	oneTook, err := send(door, many, few, 1)
	if err != nil {
		return nil, err
	}
	grouped, err := rawInbox(ctx, dir, "grouped.db", all[:many], 64)
	if err != nil {
		return nil, err
	}
	single, err := rawInbox(ctx, dir, "single.db", all[many:], 1)
	if err != nil {
		return nil, err
	}
	acks, reads, raw := perSecond(many, took), perSecond(many, readTook), perSecond(many, grouped)
	one, rawOne := perSecond(few, oneTook), perSecond(few, single)
	return []Result{
		{What: "acknowledged at 64 connections ÷ a handler that only reads", Ratio: acks / reads, Bar: 0.45, Value: fmt.Sprintf("%.0f/s ÷ %.0f/s", acks, reads)},
		{What: "acknowledged at 64 connections ÷ raw inserts, 64 to a commit", Ratio: acks / raw, Bar: 0.35, Value: fmt.Sprintf("%.0f/s ÷ %.0f/s", acks, raw)},
		{What: "acknowledged at 1 connection ÷ raw inserts, 1 to a commit", Ratio: one / rawOne, Bar: 0.4, Value: fmt.Sprintf("%.0f/s ÷ %.0f/s", one, rawOne)},
		{What: "acknowledged ÷ 1,000/s of a good general stream processor", Ratio: acks / 1000, Bar: 8, Value: fmt.Sprintf("%.0f/s", acks)},
	}, nil
}

// post sends all bodies over so many connections and waits for every answer.
func post(ctx context.Context, h http.Handler, all [][]byte, signatures []string, connections int) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	url := "http://" + l.Addr().String() + "/webhooks/waha"
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	started := time.Now()
	for range connections {
		g.Go(func() error {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(all) {
					return nil
				}
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(all[i]))
				if err != nil {
					return err
				}
				req.Header = http.Header{"Content-Type": {"application/json"}, waha.HeaderHmac: {signatures[i]}, waha.HeaderHmacAlgorithm: {"sha512"}}
				res, err := client.Do(req)
				if err != nil {
					return err
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if res.StatusCode != http.StatusOK {
					return fmt.Errorf("answered %s", res.Status)
				}
			}
		})
	}
	err = g.Wait()
	return time.Since(started), err
}

// rawInbox inserts the same rows, by a prepared statement and so many to a
// commit, into a file made by the inbox itself: same tables, indexes and pragmas.
func rawInbox(ctx context.Context, dir, name string, all [][]byte, perCommit int) (time.Duration, error) {
	path := filepath.Join(dir, name)
	in, err := inbox.Open(ctx, inbox.Config{Path: path})
	if err != nil {
		return 0, err
	}
	if err := in.Close(); err != nil {
		return 0, err
	}
	items := make([]inbox.Item, len(all))
	for i, b := range all {
		items[i] = intake.ItemOf("", waha.Keep(b), b)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer os.Remove(path)
	defer db.Close()
	db.SetMaxOpenConns(1)
	insert, err := db.PrepareContext(ctx, "INSERT INTO bodies (near, key, received_at, at, server, session, event, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	started := time.Now()
	for len(items) > 0 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		stmt := tx.StmtContext(ctx, insert)
		for _, it := range items[:min(perCommit, len(items))] {
			if _, err := stmt.ExecContext(ctx, it.Near, it.Key[:], it.At, it.At, it.Server, it.Session, it.Event, it.Body); err != nil {
				return 0, err
			}
		}
		items = items[min(perCommit, len(items)):]
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return time.Since(started), nil
}
