package reconcile

import (
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// Plan is what one complete read does to what is noted.
type Plan struct {
	Confirmed []store.Noted // seen in two reads: to be recorded
	Waiting   []store.Noted // noted before, and too early to tell
	New       []store.Noted // seen for the first time, or begun anew
	Forget    []store.Noted // confirmed, gone, or begun anew
}

// Decide holds a read's differences against what was noted before. A difference
// is confirmed when it was noted at least confirmAfter earlier by our clock, and
// nothing was recorded about it since. kept are keys nothing can be said about:
// their notes stay.
func Decide(shown store.Shown, look Look, differences []Difference, kept map[store.LabelOn]bool, confirmAfter time.Duration) Plan {
	var p Plan
	seen := map[store.LabelOn]bool{}
	for _, d := range differences {
		seen[d.LabelOn] = true
		old, noted := shown.Noted[d.LabelOn]
		switch {
		case !noted:
			p.New = append(p.New, note(shown, look, d, agreement(shown, look, d.LabelID)))
		case old.Status != d.Status || old.Base.At != d.Base.At || old.Base.ID != d.Base.ID || d.Raw < old.NotedAt:
			p.Forget = append(p.Forget, old)
			p.New = append(p.New, note(shown, look, d, old.NotBefore)) // reads since then did not agree
		case d.Raw-old.NotedAt < confirmAfter.Milliseconds():
			p.Waiting = append(p.Waiting, old)
		default:
			p.Confirmed = append(p.Confirmed, old)
			p.Forget = append(p.Forget, old)
		}
	}
	for k, old := range shown.Noted {
		if !seen[k] && !kept[k] {
			p.Forget = append(p.Forget, old)
		}
	}
	return p
}

// agreement is when the label's list last agreed with the log, Unix ms; 0 = never,
// or not since the phone was paired and its labels loaded.
func agreement(shown store.Shown, look Look, labelID string) int64 {
	at, ok := shown.AgreedAt[labelID]
	if !ok {
		at = shown.AgreedAt[""] // the label was not there, so nobody had it
	}
	if shown.PairedAt > 0 && at < shown.PairedAt+look.Confirm {
		return 0
	}
	return at
}

// note makes a note of a difference. agreed is when WAHA and the log last agreed
// on it in a read. Where the log has learnt since what its word rests on (a webhook
// that came late, an import), that read agreed on something else, and all that is
// known is that WAHA's last word is older than the change.
func note(shown store.Shown, look Look, d Difference, agreed int64) store.Noted {
	n := store.Noted{
		Session: shown.Session, Lead: d.Lead, LabelID: d.LabelID, As: d.LabelOn, Status: d.Status, ChatID: d.ChatID,
		FirstAt: d.At, NotedAt: d.Raw, Base: store.Last{At: d.Base.At, ID: d.Base.ID},
	}
	if d.Base.ReceivedAt <= agreed && agreed < d.At {
		n.NotBefore = agreed
	}
	if d.Base.At < d.At {
		n.NotBefore = max(n.NotBefore, d.Base.At)
	}
	n.StartUnknown = n.Status == label.Added && n.NotBefore == 0
	return n
}
