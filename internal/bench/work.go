package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/label"
	"tandai/internal/waha"
)

const (
	sessions = 8
	people   = 30_000
	labelIDs = 7
)

// body is a label event as GOWS sends it; every n is another.
func body(n int, at time.Time) []byte {
	verb := "added"
	if n%10 >= 6 {
		verb = "deleted"
	}
	r := rand.New(rand.NewPCG(uint64(n), 7))
	type me struct {
		ID       string `json:"id"`
		PushName string `json:"pushName"`
		LID      string `json:"lid"`
		JID      string `json:"jid"`
	}
	session := n % sessions
	doc := struct {
		ID        string          `json:"id"`
		Timestamp int64           `json:"timestamp"`
		Event     string          `json:"event"`
		Session   string          `json:"session"`
		Metadata  map[string]any  `json:"metadata"`
		Me        me              `json:"me"`
		Payload   map[string]any  `json:"payload"`
		Engine    string          `json:"engine"`
		Env       json.RawMessage `json:"environment"`
	}{
		ID: ulid(at.UnixMilli(), r), Timestamp: at.UnixMilli(), Event: "label.chat." + verb, Session: fmt.Sprintf("bench_cs%d", session),
		Metadata: map[string]any{"tandai.tenant": "bench"},
		Me:       me{fmt.Sprintf("62812345000%02d@c.us", session), "Bench", fmt.Sprintf("1900000000000%02d@lid", session), fmt.Sprintf("62812345000%02d:7@s.whatsapp.net", session)},
		Payload:  map[string]any{"labelId": fmt.Sprint(1 + r.IntN(labelIDs)), "label": nil, "chatId": fmt.Sprintf("62899900%05d@c.us", r.IntN(people))},
		Engine:   "GOWS",
		Env:      json.RawMessage(`{"version":"2026.9.2","engine":"GOWS","tier":"CORE","browser":null,"platform":"linux/x64","worker":{"id":null}}`),
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return text
}

func bodies(n int, from time.Time) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = body(i, from.Add(time.Duration(i)*time.Millisecond/4))
	}
	return all
}

func ulid(ms int64, r *rand.Rand) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	var out [26]byte
	for i := 9; i >= 0; i-- {
		out[i] = digits[ms&31]
		ms >>= 5
	}
	for i := 10; i < 26; i++ {
		out[i] = digits[r.IntN(32)]
	}
	return "evt_" + string(out[:])
}

// fillInbox puts bodies into an inbox, many at a time.
func fillInbox(ctx context.Context, path string, all [][]byte) (*inbox.Inbox, error) {
	in, err := inbox.Open(ctx, inbox.Config{Path: path})
	if err != nil {
		return nil, err
	}
	var next atomic.Int64
	var g errgroup.Group
	for range 256 {
		g.Go(func() error {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(all) {
					return nil
				}
				if _, err := in.Put(ctx, intake.ItemOf("", waha.Keep(all[i]), all[i])); err != nil {
					return err
				}
			}
		})
	}
	return in, g.Wait()
}

// eventRows are the rows label_events gets for the bodies, ready to insert.
func eventRows(all [][]byte) ([][]any, error) {
	rows := make([][]any, 0, len(all))
	for _, b := range all {
		kept := waha.Keep(b)
		d, err := waha.Decode(kept.Body)
		if err != nil {
			return nil, err
		}
		status := label.Removed
		if d.LabelChat.Added {
			status = label.Added
		}
		rows = append(rows, []any{label.EventID("", d.Session, d.Event, d.ID), d.Timestamp, d.Session, d.Me.ID, d.LabelChat.User, d.LabelChat.LabelID, "",
			string(status), d.Session, d.LabelChat.ChatID, "webhook", nil, 0, d.Timestamp, "", d.Me.ID})
	}
	return rows, nil
}

const rawColumns = "event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, source, not_before, start_unknown, received_at, said_client, said_cs"

// rawInsert writes rows into a table by multi-row INSERTs, batch rows to a
// transaction: the least that recording could cost.
func rawInsert(ctx context.Context, db *sql.DB, table string, rows [][]any, perStatement, batch int) (time.Duration, error) {
	tuple := "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	query := "INSERT INTO " + table + " (" + rawColumns + ") VALUES " + tuple
	for range perStatement - 1 {
		query += ", " + tuple
	}
	rows = rows[:len(rows)/batch*batch]
	started := time.Now()
	for len(rows) > 0 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		stmt, err := tx.PrepareContext(ctx, query)
		if err != nil {
			return 0, err
		}
		for range batch / perStatement {
			var args []any
			for _, r := range rows[:perStatement] {
				args = append(args, r...)
			}
			rows = rows[perStatement:]
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return 0, err
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return time.Since(started), nil
}

func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

func inboxPath(dir string) string { return filepath.Join(dir, "inbox.db") }
