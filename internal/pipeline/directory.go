package pipeline

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"tandai/internal/store"
)

// Directory looks up what no event has told: the phone behind a hidden id, the
// name of a label. Answers are inputs like any others. A look-up never holds an
// event back: events are recorded first, and filled in when the answer comes.
type Directory interface {
	// Phone returns the phone behind hidden (digits + "@lid"); "" when it is not
	// known there either.
	Phone(ctx context.Context, session, hidden string) ([]store.Input, error)
	// Labels returns what is known of the labels of a session.
	Labels(ctx context.Context, session string) ([]store.Input, error)
}

// askAgain is the least time between two questions about the same thing.
const askAgain = 10 * time.Minute

// askedMax questions are remembered before those are forgotten that may be asked
// again anyway.
const askedMax = 10000

type question struct{ session, hidden string } // hidden "" = the session's labels

type lookup struct {
	mu    sync.Mutex
	asked map[string]time.Time
	queue chan question
}

// ask queues what the batch left unknown. A full queue forgets: the next event
// of the same person or label asks again.
func (p *Pipeline) ask(done store.Recorded) {
	if p.cfg.Directory == nil {
		return
	}
	p.lookup.mu.Lock()
	defer p.lookup.mu.Unlock()
	if len(p.lookup.asked) > askedMax {
		maps.DeleteFunc(p.lookup.asked, func(_ string, at time.Time) bool { return p.cfg.Now().Sub(at) >= askAgain })
	}
	for _, u := range done.Unknown {
		key := u.Session + "/" + u.Hidden
		if p.cfg.Now().Sub(p.lookup.asked[key]) < askAgain {
			continue
		}
		select {
		case p.lookup.queue <- question{u.Session, u.Hidden}:
			p.lookup.asked[key] = p.cfg.Now()
		default:
			return
		}
	}
}

// lookups answers the queue, one question after the other.
func (p *Pipeline) lookups(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case q := <-p.lookup.queue:
			if err := p.answer(ctx, q); err != nil && ctx.Err() == nil {
				p.cfg.Log.WarnContext(ctx, "look-up failed", "session", q.session, "labels", q.hidden == "", "err", err)
			}
		}
	}
}

func (p *Pipeline) answer(ctx context.Context, q question) error {
	var in []store.Input
	var err error
	if q.hidden == "" {
		in, err = p.cfg.Directory.Labels(ctx, q.session)
	} else {
		in, err = p.cfg.Directory.Phone(ctx, q.session, q.hidden)
	}
	if err != nil || len(in) == 0 {
		return err
	}
	done, err := p.cfg.Store.Record(ctx, in)
	if err == nil {
		p.cfg.Metrics.recorded(done)
	}
	if errors.Is(err, store.ErrRefused) {
		return err // what was found does not fit: the database is there
	}
	return p.judge(ctx, err)
}
