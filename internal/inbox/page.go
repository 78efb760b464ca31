package inbox

import (
	"context"
	"database/sql"
)

// pageMaxBytes bounds the bodies one call hands out; one is handed out however
// large it is.
const pageMaxBytes = 16 << 20

// The columns of a Delivery, in the order collect reads them. Bodies come last,
// in the table too: what does not need them does not read them.
const (
	columns = `SELECT b.seq, b.key, b.server, b.session, b.event, b.at, b.received_at, b.headers,
		coalesce(s.state, 0), coalesce(s.reason, ''), coalesce(s.at, 0), `
	wholeBody = `b.body`
	shortBody = `substr(b.body, 1, 4096)`
	noBody    = `x''`

	fromBodies      = ` FROM bodies b LEFT JOIN settled s ON s.seq = b.seq `
	fromQuarantined = ` FROM settled s INDEXED BY settled_quarantined JOIN bodies b ON b.seq = s.seq `
)

// page gathers rows up to a number and to pageMaxBytes.
type page struct {
	limit int
	rows  []Delivery
	bytes int
	last  int64 // the seq of the last row looked at, kept or not
}

func (p *page) full() bool {
	return len(p.rows) >= p.limit || p.bytes >= pageMaxBytes && len(p.rows) > 0
}

// collect runs query, whose columns are those above, and adds the rows keep
// accepts (nil: all) until p is full.
func (p *page) collect(ctx context.Context, q querier, keep func(*Delivery) bool, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for !p.full() && rows.Next() {
		var d Delivery
		var key sql.RawBytes
		if err := rows.Scan(&d.Seq, &key, &d.Server, &d.Session, &d.Event, &d.At, &d.ReceivedAt, &d.Headers,
			&d.State, &d.Reason, &d.SettledAt, &d.Body); err != nil {
			return err
		}
		copy(d.Key[:], key)
		p.last = d.Seq
		if keep == nil || keep(&d) {
			p.rows = append(p.rows, d)
			p.bytes += len(d.Body) + len(d.Headers)
		}
	}
	return rows.Err()
}
