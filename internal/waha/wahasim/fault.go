package wahasim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Fault names one way a real WAHA is known to misbehave. Numbers are issues of
// the WAHA project.
type Fault string

// What becomes of events on their way.
const (
	// Lost: webhooks never arrive, as when the retries end (30 s by default) before
	// the receiver is back (#2255, #98). Share of them; sockets still get them.
	Lost Fault = "lost"

	// Doubled: a webhook arrives twice, as when the answer to the first was lost
	// (#627, #1564). Share of them.
	Doubled Fault = "doubled"

	// Reordered: webhooks of one Emit overtake each other, by up to 34 places, as
	// was seen on a real server. Share of them.
	Reordered Fault = "reordered"

	// DoubleHook: the global webhook and the session's have the same URL, so every
	// event is posted twice, with the same id (#1384).
	DoubleHook Fault = "double-hook"

	// Deaf: the session says WORKING and sends nothing, on no channel. After a
	// restart all that happened comes at once, with the time of the restart (#2151,
	// #1717, #925). REST still reads right: with Stale, it does not.
	Deaf Fault = "deaf"

	// Phantom: beside an event about a chat comes another, about a label that is
	// not on it: put on or taken off, though nobody did (#1875). GOWS. Share of them.
	Phantom Fault = "phantom"
)

// What the phone's side and the process do.
const (
	// IgnoresPhone: what is done on the phone is neither sent nor shown; only what
	// was done through REST is (#1361). NOWEB.
	IgnoresPhone Fault = "ignores-phone"

	// ForgetsHooks: a session that starts anew has lost its webhooks (#1136). Core
	// before 2026.6.1.
	ForgetsHooks Fault = "forgets-hooks"

	// StartingLoop: the session never gets past STARTING and says so every 2 s (or
	// Delay), as NOWEB does without network. Observed on a real server.
	StartingLoop Fault = "starting-loop"

	// PairingStorm: the session is paired anew, now, and NOWEB sends its whole
	// history of labels as if it were new (#1826).
	PairingStorm Fault = "pairing-storm"

	// ProcessRestart: the process ends and starts, now: startTimestamp changes,
	// pending retries are lost. WAHA keeps them in memory only.
	ProcessRestart Fault = "process-restart"

	// TwoLIDs: WAHA has two hidden ids for one person. Every other thing that
	// happens in a chat by hidden id comes under the second one, which it can tell
	// no number for (#2178). Share of the people.
	TwoLIDs Fault = "two-lids"
)

// What REST answers.
const (
	// Stale: labels, and who has them, are shown as they were when this began (#1577). NOWEB.
	Stale Fault = "stale"

	// LiesOnce: one round of reading, from one GET /labels to the next, shows a
	// share of the labels (half) on the wrong chats (#1577, #1699). Times = so many rounds.
	LiesOnce Fault = "lies-once"

	// StoreOff: NOWEB runs without its store, as it does when its configuration
	// says so (noweb.store.enabled: false): labels, chats, contacts and lids are 400,
	// and events about chats are swallowed. Source: WAHA, NowebInMemoryStore.ts.
	StoreOff Fault = "store-off"

	// NoLabels: GET /labels is [], though there are some (#2113). NOWEB.
	NoLabels Fault = "no-labels"

	// ChatWithoutLabels: the labels of a chat are [], though it has some (#1370, #1308).
	ChatWithoutLabels Fault = "chat-without-labels"

	// LabelWithoutChats: the chats with a label are [], though there are some (#1184). NOWEB.
	LabelWithoutChats Fault = "label-without-chats"

	// ChatsMissing: a share of the chats is not in NOWEB's store, and so in no list
	// of the chats with a label; the chat itself, when asked for, has its labels (#1184).
	ChatsMissing Fault = "chats-missing"

	// LidsNull: WAHA does not know whose a share of the hidden ids is: pn is null (#1712).
	LidsNull Fault = "lids-null"

	// NoAppStateKeys: labels cannot be created, changed or deleted: 500 "no app
	// state keys found" (#1626). GOWS.
	NoAppStateKeys Fault = "no-app-state-keys"

	// NoActivity: timestamps.activity of sessions is empty (#2073).
	NoActivity Fault = "no-activity"

	// Unauthorized: no key is right any more: 401.
	Unauthorized Fault = "unauthorized"

	// Failing: calls fail with 500, in the shape of AllExceptionsFilter. Share of them.
	Failing Fault = "failing"

	// Slow: answers take Delay longer. Share of them.
	Slow Fault = "slow"
)

// AllFaults are all names, in the order above.
func AllFaults() []Fault {
	return []Fault{Lost, Doubled, Reordered, DoubleHook, Deaf, Phantom,
		IgnoresPhone, ForgetsHooks, StartingLoop, PairingStorm, ProcessRestart, TwoLIDs,
		Stale, LiesOnce, StoreOff, NoLabels, ChatWithoutLabels, LabelWithoutChats, ChatsMissing, LidsNull, NoAppStateKeys, NoActivity,
		Unauthorized, Failing, Slow}
}

// Trouble switches a fault on.
type Trouble struct {
	Fault   Fault
	Session string        // "" = every session
	Share   float64       // of what it can hit, where the fault says so; 0 = all
	Times   int           // so often, then it is over, for faults of calls; 0 = until Mend
	Delay   time.Duration // Slow, StartingLoop
}

type trouble struct{ Trouble }

// Break switches a fault on. The same fault may be on for several sessions.
func (n *Node) Break(t Trouble) error {
	if !slices.Contains(AllFaults(), t.Fault) {
		return fmt.Errorf("there is no fault %q", t.Fault)
	}
	if t.Share < 0 || t.Share > 1 {
		return fmt.Errorf("fault %s: a share of %v", t.Fault, t.Share)
	}
	phones := n.srv.allPhones()
	if t.Session != "" {
		p := n.srv.Phone(t.Session)
		if p == nil {
			return fmt.Errorf("fault %s: there is no session %q", t.Fault, t.Session)
		}
		phones = []*Phone{p}
	}
	switch t.Fault {
	case ProcessRestart:
		n.RestartProcess()
		return nil
	case PairingStorm:
		for _, p := range phones {
			n.Pair(p.Session())
		}
		return nil
	}
	n.mu.Lock()
	n.troubles = append(n.troubles, &trouble{t})
	var loops []*session
	for _, p := range phones {
		s := n.session(p.Session())
		switch t.Fault {
		case Deaf:
			s.deaf = true
		case Stale, IgnoresPhone:
			s.frozen = n.truth(s).clone()
		case TwoLIDs:
			p.setTwoLIDs(n.cfg.Seed, whole(t.Share))
		case StartingLoop:
			s.looping, s.away = true, true
			loops = append(loops, s)
		}
	}
	n.mu.Unlock()
	for _, s := range loops {
		n.loop(s, cmp.Or(t.Delay, 2*time.Second))
	}
	return nil
}

// Mend switches a fault off, everywhere. Deaf sessions hear again, with all that
// waited; those that looped are WORKING.
func (n *Node) Mend(f Fault) {
	n.mu.Lock()
	n.mend(f, "")
	var back, looped []*session
	for _, p := range n.srv.allPhones() {
		s := n.session(p.Session())
		switch f {
		case Deaf:
			if s.deaf {
				s.deaf = false
				back = append(back, s)
			}
		case Stale, IgnoresPhone:
			s.frozen = nil
		case LiesOnce:
			s.lie, s.lying = nil, 0
		case TwoLIDs:
			p.setTwoLIDs(0, 0)
		case StartingLoop:
			if s.looping {
				s.looping = false
				looped = append(looped, s)
			}
		}
	}
	n.mu.Unlock()
	for _, s := range looped {
		n.works(s)
	}
	for _, s := range back {
		n.flush(s)
	}
}

// mend forgets troubles of a session, or all of a fault; n.mu is held.
func (n *Node) mend(f Fault, session string) {
	n.troubles = slices.DeleteFunc(n.troubles, func(t *trouble) bool {
		return t.Fault == f && (session == "" || t.Session == session)
	})
}

// find gives the trouble that is on for a session, nil for none; n.mu is held.
func (n *Node) find(f Fault, session string) *trouble {
	for _, t := range n.troubles {
		if t.Fault == f && (t.Session == "" || session == "" || t.Session == session) {
			return t
		}
	}
	return nil
}

func (n *Node) drop(t *trouble) {
	n.troubles = slices.DeleteFunc(n.troubles, func(u *trouble) bool { return u == t })
}

// broken says that a fault without chance is on; n.mu is held.
func (n *Node) broken(f Fault, session string) bool { return n.find(f, session) != nil }

// hit says that a fault strikes now, and counts it; n.mu is held.
func (n *Node) hit(f Fault, session string) bool {
	t := n.find(f, session)
	if t == nil || t.Share > 0 && t.Share < 1 && n.rand.Float64() >= t.Share {
		return false
	}
	if t.Times > 0 {
		if t.Times--; t.Times == 0 {
			n.drop(t)
		}
	}
	return true
}

// strikes says that a fault strikes this thing, always the same things; n.mu is held.
func (n *Node) strikes(f Fault, session, thing string) bool {
	t := n.find(f, session)
	return t != nil && fraction(n.cfg.Seed, string(f), session, thing) < whole(t.Share)
}

func whole(share float64) float64 {
	if share == 0 {
		return 1
	}
	return share
}
