package reconcile

import (
	"cmp"
	"slices"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// Look is what WAHA showed of one session in one read. A look with a part that
// could not be read is not compared.
type Look struct {
	Session string
	Engine  string // "" = not known, and then trusted least

	Labels   Moment              // when the labels themselves were read
	Listed   map[string]bool     // labels that WAHA lists
	Lists    map[string]List     // by label: the chats that carry it
	Unread   map[string]bool     // labels whose chats WAHA did not tell: nothing is concluded about them
	Chats    map[string]ChatLook // by chat: chats that were asked about one by one
	People   lead.Identities     // found out during the read and not recorded
	Confirm  int64               // how long after a pairing what is found was there before, ms
	Ignoring func(lead string) bool
}

// List is which chats carry a label.
type List struct {
	Moment
	Chats []string
}

// ChatLook is which labels are on a chat.
type ChatLook struct {
	Moment
	Labels []string
	Failed bool // WAHA gave no answer: it says nothing
}

// Difference is a label on a lead that WAHA shows otherwise than the log.
type Difference struct {
	store.LabelOn
	Moment
	Status label.Status // of the event that would make the log right
	ChatID string
	Base   store.Last // what the log's word rests on

	wasShown bool // by a list or a chat, and not concluded from silence
}

// Open is why a difference is not repaired.
type Open string

// Why differences stay open.
const (
	SeenOnce  Open = "seen once"         // noted; another read will tell
	Undecided Open = "WAHA does not say" // a list lacks it, and nothing confirms that it is gone
	Changed   Open = "changed while it was read"
	Unread    Open = "WAHA does not tell its chats" // of a whole label; there is no lead
)

// Comparison is what comparing a look with the log came to.
type Comparison struct {
	Differences []Difference
	Ask         []string // chats that must be asked about before it can be told
	Unsure      []Difference
	Agreed      int
}

// Compare compares. It is pure; shown.History need not be filled in yet, see
// Settle.
func Compare(shown store.Shown, look Look) Comparison {
	c := comparer{shown: shown, look: look, present: map[store.LabelOn]Difference{}, hidden: map[string][]string{}, ask: map[string]bool{}}
	for hidden := range shown.People {
		c.known(hidden)
	}
	for hidden := range look.People {
		if _, twice := shown.People[hidden]; !twice {
			c.known(hidden)
		}
	}
	c.sight()
	active := map[store.LabelOn]label.Span{}
	for _, s := range shown.Active {
		k := store.LabelOn{Lead: c.lead(s.Lead), LabelID: s.LabelID}
		if _, twice := active[k]; !twice && !c.ignored(k.Lead) {
			active[k] = s
		}
	}
	var out Comparison
	for k, s := range active {
		if _, there := c.present[k]; there {
			out.Agreed++
			continue
		}
		if c.look.Unread[k.LabelID] {
			continue
		}
		d := Difference{LabelOn: k, Status: label.Removed, ChatID: s.ChatID}
		switch c.absent(&d) {
		case yes:
			out.Differences = append(out.Differences, d)
		case unsure:
			out.Unsure = append(out.Unsure, d)
		}
	}
	for k, d := range c.present {
		if _, there := active[k]; !there {
			out.Differences = append(out.Differences, d)
		}
	}
	c.askNoted(active, &out)
	for chat := range c.ask {
		out.Ask = append(out.Ask, chat)
	}
	slices.Sort(out.Ask)
	slices.SortFunc(out.Differences, inOrder)
	slices.SortFunc(out.Unsure, inOrder)
	return out
}

func inOrder(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.LabelID, b.LabelID), cmp.Compare(a.Lead, b.Lead))
}

type comparer struct {
	shown   store.Shown
	look    Look
	present map[store.LabelOn]Difference
	hidden  map[string][]string // phone → hidden ids
	ask     map[string]bool
}

func (c *comparer) known(hidden string) {
	phone := c.lead(hidden)
	c.hidden[phone] = append(c.hidden[phone], hidden)
}

// lead is who somebody known by a phone or a hidden id is.
func (c *comparer) lead(l string) string {
	if phone, ok := c.shown.People[l]; ok {
		return phone
	}
	if phone, ok := c.look.People[l]; ok {
		return phone
	}
	return l
}

func (c *comparer) ignored(l string) bool { return c.look.Ignoring != nil && c.look.Ignoring(l) }

// sight collects what WAHA shows of people.
func (c *comparer) sight() {
	see := func(chat, labelID string, m Moment) {
		l := c.lead(lead.OfChat(chat))
		k := store.LabelOn{Lead: l, LabelID: labelID}
		if l == "" || labelID == "" || len(l) > 64 || len(chat) > 128 || len(labelID) > 64 || c.ignored(l) {
			return
		}
		if have, twice := c.present[k]; !twice || chat < have.ChatID && m.At <= have.At {
			c.present[k] = Difference{LabelOn: k, Moment: m, Status: label.Added, ChatID: chat, wasShown: true}
		}
	}
	for id, list := range c.look.Lists {
		for _, chat := range list.Chats {
			see(chat, id, list.Moment)
		}
	}
	for chat, look := range c.look.Chats {
		for _, id := range look.Labels {
			if l := c.lead(lead.OfChat(chat)); l != "" {
				if _, twice := c.present[store.LabelOn{Lead: l, LabelID: id}]; !twice {
					see(chat, id, look.Moment)
				}
			}
		}
	}
}

type answer int

const (
	notAsked answer = iota
	yes
	unsure
)

// whole reports whether the engine's list of chats with a label can be believed
// for what it lacks. NOWEB lists only chats that its store has (WAHA #1184); and
// no engine's list is believed that is empty, or of a label that is not listed
// (WAHA #2113, #1370, #1308).
func (c *comparer) whole(labelID string) bool {
	switch c.look.Engine {
	case "GOWS", "WEBJS", "WPP":
		return c.look.Listed[labelID] && len(c.look.Lists[labelID].Chats) > 0
	}
	return false
}

// absent judges whether WAHA says that the label is not there, and fills in when
// it said so.
func (c *comparer) absent(d *Difference) answer {
	if c.whole(d.LabelID) {
		d.Moment = c.look.Lists[d.LabelID].Moment
		return yes
	}
	verdict := yes
	for _, chat := range c.chatsOf(d.Lead, d.ChatID) {
		look, asked := c.look.Chats[chat]
		switch {
		case !asked:
			c.ask[chat] = true
			verdict = notAsked
		case look.Failed && verdict == yes:
			verdict = unsure
		case look.At > d.At:
			d.Moment = look.Moment
		}
	}
	if verdict == yes && !c.showsAnything() {
		return unsure
	}
	return verdict
}

// chatsOf are the ids under which WAHA may know somebody's chat: it looks labels
// up by exactly one of them (WAHA #1647).
func (c *comparer) chatsOf(l, chatID string) []string {
	chats := []string{chatID}
	if lead.IsHidden(l) {
		chats = append(chats, l)
	} else {
		chats = append(chats, l+"@c.us")
	}
	chats = append(chats, c.hidden[l]...)
	slices.Sort(chats)
	return slices.Compact(chats)
}

// showsAnything reports whether WAHA knows of labels at all: where it lists none,
// and no chat that was asked about has one, it has lost them (WAHA #2113).
func (c *comparer) showsAnything() bool { return len(c.look.Listed) > 0 || len(c.present) > 0 }

// askNoted asks about chats that were seen with a label before, where a list that
// may be incomplete does not show them now.
func (c *comparer) askNoted(active map[store.LabelOn]label.Span, out *Comparison) {
	for k, n := range c.shown.Noted {
		_, there := c.present[k]
		_, on := active[k]
		if there || on || n.Status != label.Added || c.whole(k.LabelID) || c.look.Unread[k.LabelID] {
			continue
		}
		switch look, asked := c.look.Chats[n.ChatID]; {
		case !asked:
			c.ask[n.ChatID] = true
		case look.Failed:
			out.Unsure = append(out.Unsure, Difference{LabelOn: k, Status: n.Status, ChatID: n.ChatID})
		}
	}
}

// Settle takes away the differences that cannot be told from a change under way,
// once the history is known: what was received after the question was asked, and
// says to be from then or later, is newer than the answer.
//
// What had been received by then was sent before, whatever time it bears: a phone's
// or a server's clock is ahead. The answer is newer, and its event is given the
// time right after that row's, so that it also comes after it in the log.
func (c *Comparison) Settle(history map[store.LabelOn]store.Last) (moving []Difference) {
	kept := c.Differences[:0]
	for _, d := range c.Differences {
		last := history[d.LabelOn]
		if last.At >= d.At && last.ReceivedAt > d.Raw {
			moving = append(moving, d)
			continue
		}
		d.Base = last
		if last.ReceivedAt > 0 {
			d.Base.ReceivedAt += d.At - d.Raw // by the clock that agreements are told in
		}
		d.At = max(d.At, last.At+1)
		kept = append(kept, d)
	}
	c.Differences = kept
	return moving
}
