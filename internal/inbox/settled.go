package inbox

import "context"

// Received is the seq of the newest body, 0 before the first: what was received
// until now has a seq up to this.
func (b *Inbox) Received(ctx context.Context) (int64, error) {
	n, err := number(ctx, b.reader(), 0, `SELECT max(seq) FROM bodies`)
	return n, classify("read", err)
}

// Settled reports whether no body with a seq up to upTo waits any more, whoever
// dealt with it. It costs a look at what was settled since the file was opened.
func (b *Inbox) Settled(ctx context.Context, upTo int64) (bool, error) {
	fresh, err := firstFresh(ctx, b.reader(), b.low.Load())
	if err == nil && fresh > upTo {
		fresh, err = number(ctx, b.reader(), fresh, `SELECT seq FROM settled INDEXED BY settled_again
			WHERE state = 0 AND seq <= ? ORDER BY seq LIMIT 1`, upTo)
	}
	return fresh > upTo, classify("read", err)
}
