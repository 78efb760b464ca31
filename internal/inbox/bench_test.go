package inbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// benchBody is of the size of a NOWEB label event.
var benchBody = []byte(`{"id":"evt_01m832574sx9yj2gr3rewpm6jp","timestamp":1795399261337,"event":"label.chat.added",` +
	`"session":"hansarang_cs1","payload":{"note":"` + strings.Repeat("x", 480) + `"}}`)

func benchItem(n int64) Item {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return Item{Key: sha256.Sum256(b[:]), Near: 1795399261337 + n/8, At: 1795399261337,
		Session: "hansarang_cs1", Event: "label.chat.added", Body: benchBody}
}

func BenchmarkPut(b *testing.B) {
	for _, callers := range []int{1, 4, 64, 512} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			box, err := Open(context.Background(), Config{Path: filepath.Join(b.TempDir(), "inbox.db"), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			defer box.Close()
			b.ReportAllocs()
			b.ResetTimer()
			var n, worst atomic.Int64
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						started := time.Now()
						if _, err := box.Put(context.Background(), benchItem(i)); err != nil {
							b.Error(err)
							return
						}
						if took := int64(time.Since(started)); took > worst.Load() {
							worst.Store(took)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
			b.ReportMetric(float64(worst.Load())/1e6, "worst_ms")
		})
	}
}

// BenchmarkRaw inserts the same bodies into an identical file with nothing in
// between: what Put is measured against.
func BenchmarkRaw(b *testing.B) {
	for _, rows := range []int{1, 64} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			db, conn, err := openWriter(bg, filepath.Join(b.TempDir(), "inbox.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			defer conn.Close()
			var st statements
			if err := st.prepare(bg, conn); err != nil {
				b.Fatal(err)
			}
			defer st.close()
			b.ReportAllocs()
			b.ResetTimer()
			exec := func(s *sql.Stmt, args ...any) {
				if _, err := s.ExecContext(bg, args...); err != nil {
					b.Fatal(err)
				}
			}
			for i := 0; i < b.N; i += rows {
				exec(st.begin)
				for j := range rows {
					it := benchItem(int64(i + j))
					exec(st.insert, it.Near, it.Key[:], int64(i), it.At, it.Server, it.Session, it.Event, it.Body)
				}
				exec(st.commit)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}

func BenchmarkSettle(b *testing.B) {
	box, err := Open(context.Background(), Config{Path: filepath.Join(b.TempDir(), "inbox.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer box.Close()
	const rows = 100_000
	var wg sync.WaitGroup
	for k := range 256 {
		wg.Go(func() {
			for i := k; i < rows; i += 256 {
				box.Put(context.Background(), benchItem(int64(i)))
			}
		})
	}
	wg.Wait()
	for _, batch := range []int{50, 500} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			n := 0
			for b.Loop() {
				list, err := box.Claim(context.Background(), batch)
				if err != nil {
					b.Fatal(err)
				}
				if len(list) == 0 {
					b.StopTimer()
					if _, err := box.Requeue(context.Background(), Filter{}); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				out := make([]Outcome, len(list))
				for i := range list {
					out[i] = Outcome{Seq: list[i].Seq, State: Done}
				}
				if err := box.Settle(context.Background(), out); err != nil {
					b.Fatal(err)
				}
				n += len(list)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "settles/s")
		})
	}
}
