package feed

import (
	"context"
	"errors"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/waha"
)

// keep has frames made durable until there are no more.
func (f *Feed) keep(ctx context.Context) {
	for body := range f.frames {
		f.keepOne(ctx, body)
		f.hold(-len(body))
	}
}

// keepOne tries until the frame is durable, until the inbox says that it never
// will be, or until the feed has to stop.
func (f *Feed) keepOne(ctx context.Context, body []byte) {
	kept := waha.Keep(body)
	item := intake.ItemOf(f.cfg.Server, kept, body)
	for wait := f.retryMin; ; wait = min(2*wait, f.retryMax) {
		// What has been read is put even where the feed is told to stop meanwhile.
		known, err := f.put(ctx, item)
		switch {
		case err == nil && known:
			f.count("known")
			return
		case err == nil && kept.Problem != "":
			f.count("quarantined")
			return
		case err == nil:
			f.count("stored")
			return
		case errors.Is(err, inbox.ErrRefused):
			f.lost(ctx, "refused", err)
			return
		case ctx.Err() != nil:
			f.lost(ctx, "stopped", err)
			return
		}
		select {
		case <-ctx.Done(): // and once more
		case <-time.After(wait):
		}
	}
}

func (f *Feed) put(ctx context.Context, item inbox.Item) (bool, error) {
	if ctx.Err() == nil {
		return f.cfg.Inbox.Put(context.WithoutCancel(ctx), item)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.grace)
	defer cancel()
	return f.cfg.Inbox.Put(last, item)
}

func (f *Feed) count(result string) { f.metrics.frames.WithLabelValues(f.cfg.Server, result).Inc() }

// lost says that a frame was not kept: what it told has to be read from WAHA.
func (f *Feed) lost(ctx context.Context, result string, err error) {
	f.count(result)
	f.log.WarnContext(ctx, "frame of WAHA's websocket was not kept", "server", f.cfg.Server, "result", result, "err", err)
	f.gaps.happened(GapFrame)
}
