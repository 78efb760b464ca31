package pipeline

import (
	"context"
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
	_, err = p.cfg.Store.Record(ctx, in)
	return p.judge(ctx, err)
}
