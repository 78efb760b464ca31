package pipeline

import (
	"time"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// Reasons for skipping, as they are counted and shown.
const (
	SkipGroup      = "group"
	SkipBroadcast  = "broadcast"
	SkipNewsletter = "newsletter"
	SkipOtherChat  = "other_chat"
	SkipIgnored    = "ignored_number"
	SkipUnknown    = "unknown_event"
	SkipUnused     = "unused_event"
)

// readItem decodes, filters and maps one delivery. It asks nobody and changes
// nothing: the same delivery always gives the same item, but for the clock that
// tells the far future.
func (p *Pipeline) readItem(d inbox.Delivery) item {
	it := item{delivery: d, state: inbox.Done}
	if use := waha.UseOf(d.Event); use != waha.EventUsed && d.Event != "" {
		it.skip(SkipUnused)
		if use == waha.EventUnknown {
			it.skip(SkipUnknown)
		}
		return it
	}
	said, err := waha.Decode(d.Body)
	if err != nil {
		it.quarantine(err.Error())
		return it
	}
	if said.TimestampProblem != "" {
		it.quarantine("timestamp " + said.TimestampProblem)
		return it
	}
	// A clock of ours that was set back must not make the present the future.
	now := p.cfg.Now()
	if received := time.UnixMilli(d.ReceivedAt); received.After(now) {
		now = received
	}
	if err := waha.CheckTimestamp(said.Timestamp, now); err != nil {
		it.quarantine(err.Error())
		return it
	}
	in := &store.Input{Session: d.SessionName(), At: said.Timestamp, Number: said.Me.ID, Client: said.Klien}
	it.input = in
	id := label.Key(d.Key).ID()
	switch {
	case said.LabelChat != nil:
		if skip := skipChat(said.LabelChat.Kind); skip != "" {
			it.skip(skip)
			return it
		}
		in.Event = eventOf(id, d, said)
		in.Sighting = sightingOf(said.LabelChat)
	case said.LabelEdit != nil:
		e := said.LabelEdit
		in.Change = &store.LabelChange{ID: id, LabelID: e.ID, Deleted: e.Deleted, At: said.Timestamp,
			Name: e.Name, Color: colorOf(e.Color), ReceivedAt: d.ReceivedAt}
	case said.Status != nil:
		in.Status, in.Engine, in.Statuses = said.Status.Status, said.Engine, statusesOf(said)
	case said.Message != nil:
		p.mapMessage(&it, said.Message, now)
	default:
		it.skip(SkipUnused)
	}
	return it
}

func skipChat(kind waha.ChatKind) string {
	switch kind {
	case waha.ChatPhone, waha.ChatHidden:
		return ""
	case waha.ChatGroup:
		return SkipGroup
	case waha.ChatBroadcast:
		return SkipBroadcast
	case waha.ChatNewsletter:
		return SkipNewsletter
	}
	return SkipOtherChat
}

// eventOf maps as the original system's table of fields says.
func eventOf(id string, d inbox.Delivery, said waha.Delivery) *label.Event {
	status := label.Removed
	if said.LabelChat.Added {
		status = label.Added
	}
	return &label.Event{
		ID: id, Session: d.SessionName(), ChatID: said.LabelChat.ChatID, LabelID: said.LabelChat.LabelID, Status: status,
		At: said.Timestamp, Source: label.FromWebhook, ReceivedAt: d.ReceivedAt, SaidClient: said.Klien, SaidCS: said.Me.ID,
	}
}

func sightingOf(c *waha.LabelChat) *store.LabelSighting {
	if c.Label == nil || c.Label.Name == "" {
		return nil
	}
	return &store.LabelSighting{LabelID: c.LabelID, Name: c.Label.Name, Color: colorOf(c.Label.Color)}
}

// statusesOf are the steps a session.status tells of. What it says the session is
// now is among them, with the time it has been so: a status may be said again much
// later. Where that time is missing it is the envelope's; a step that claims to be
// later than its envelope is left out.
func statusesOf(said waha.Delivery) []store.StatusAt {
	var all []store.StatusAt
	now := false
	for _, s := range said.Status.Statuses {
		if s.At <= 0 || s.At > said.Timestamp+1000 {
			continue
		}
		now = now || s.Status == said.Status.Status
		all = append(all, store.StatusAt{Status: s.Status, At: s.At})
	}
	if !now {
		all = append(all, store.StatusAt{Status: said.Status.Status, At: said.Timestamp})
	}
	return all
}

func colorOf(c *int) int {
	if c == nil {
		return label.NoColor
	}
	return *c
}

// mapMessage leaves of a message its times, its direction, the pair of ids it
// carries, and the advertisement it came from.
func (p *Pipeline) mapMessage(it *item, m *waha.Message, now time.Time) {
	if skip := skipChat(m.Kind); skip != "" {
		it.skip(skip)
		return
	}
	if err := waha.CheckTimestamp(m.At, now); err != nil {
		it.quarantine("payload." + err.Error())
		return
	}
	in := it.input
	c := &lead.Contact{Session: in.Session, ChatID: m.ChatID}
	if m.FromMe {
		c.FirstOutAt, c.LastOutAt = m.At, m.At
	} else {
		c.FirstInAt, c.LastInAt = m.At, m.At
	}
	if r := m.Referral; r != nil {
		c.ReferralAt = m.At
		c.Referral = lead.Referral{
			SourceType: r.SourceType, SourceID: r.SourceID, SourceURL: r.SourceURL, SourceApp: r.SourceApp, ClickID: r.CtwaClid,
			Title: r.Title, Entry: r.EntryPointSource, EntryApp: r.EntryPointApp, ConversionSource: r.ConversionSource,
			Ref: r.Ref, UTM: r.UTM, MediaType: r.MediaType, ExternalSource: r.EntryPointExternalSource,
			ExternalMedium: r.EntryPointExternalMedium, UTMSource: r.UTMSource, UTMCampaign: r.UTMCampaign, CampaignID: r.CampaignID,
		}
	}
	in.Contact = c
	if m.LID != "" && m.Phone != "" {
		in.Pair = &lead.Pair{Hidden: lead.Hidden(m.LID), Phone: m.Phone, FirstAt: in.At, LastAt: in.At}
	}
}
