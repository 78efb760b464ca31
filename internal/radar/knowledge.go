package radar

import (
	"context"

	"tandai/internal/store"
)

// knowledge is what was counted, as it stands in the database.
type knowledge struct {
	active map[string]Hours
	heard  Hours
	models map[string]*Model
	readAt int64 // 0 = never
	allAt  int64 // when all of it was read
}

// Late recordings and other servers' counts reach back a little; further back only
// what is read when models are made.
const (
	recentHours  = 26
	relearnEvery = 6 * hourMs
)

// read brings knowledge up to date.
func (k *knowledge) read(ctx context.Context, s Store, now int64) error {
	from := now/hourMs - recentHours
	all := k.readAt == 0 || now-k.allAt >= relearnEvery || now < k.allAt
	if all {
		from = (now - window.Milliseconds()) / hourMs
	}
	if all {
		k.active, k.heard = map[string]Hours{}, Hours{}
		if k.models == nil {
			k.models = map[string]*Model{}
		}
	}
	if err := s.ActivitySince(ctx, from, func(a store.Activity) error {
		h := k.active[a.Session]
		if h == nil {
			h = Hours{}
			k.active[a.Session] = h
		}
		h[a.Hour] |= a.Minutes
		return nil
	}); err != nil {
		k.readAt = 0 // what was begun is not whole
		return err
	}
	heard, err := s.HeardSince(ctx, from)
	if err != nil {
		k.readAt = 0
		return err
	}
	for _, h := range heard {
		k.heard[h.Hour] |= h.Minutes
	}
	k.readAt = now
	if all {
		k.allAt = now
	}
	return nil
}

// heardFor is what was listened to, without the stretches given, each [from, to) in
// Unix ms.
func (k *knowledge) heardFor(without [][2]int64) Hours {
	if len(without) == 0 {
		return k.heard
	}
	h := make(Hours, len(k.heard))
	for hour, bits := range k.heard {
		h[hour] = bits
	}
	for _, w := range without {
		gone := Hours{}
		gone.MarkRange(w[0]/minuteMs*minuteMs, w[1]+minuteMs)
		for hour, bits := range gone {
			if left := h[hour] &^ bits; left == 0 {
				delete(h, hour)
			} else {
				h[hour] = left
			}
		}
	}
	return h
}
