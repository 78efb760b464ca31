package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// Want computes what Dump must give after these inputs, in any order and any
// number of batches, under these settings: the rules of the design, written
// plainly over everything at once. Of inputs with one event id the last counts.
func Want(settings store.Settings, in []store.Input) Rows {
	all := Rows{}
	bySession := map[string][]store.Input{}
	for _, i := range in {
		bySession[i.Session] = append(bySession[i.Session], i)
	}
	for name, inputs := range bySession {
		newModel(settings, name, inputs).rows(all)
	}
	for table := range all {
		slices.Sort(all[table])
	}
	return all
}

// model is all that was said of one session.
type model struct {
	session string
	client  string // configured, or ""
	zone    *time.Location
	events  map[string]label.Event
	changes map[string]store.LabelChange
	clients points
	numbers points
	pairs   map[[2]string]lead.Pair
	chats   map[string]lead.Contact
	sights  map[sight][2]int64 // first and last

	scans, workings []int64 // of a NOWEB session
}

type sight struct {
	labelID, name string
	color         int
}

func newModel(settings store.Settings, session string, in []store.Input) *model {
	m := &model{
		session: session, events: map[string]label.Event{}, changes: map[string]store.LabelChange{}, clients: points{}, numbers: points{},
		pairs: map[[2]string]lead.Pair{}, chats: map[string]lead.Contact{}, sights: map[sight][2]int64{},
	}
	zone := settings.Zone
	for _, s := range settings.Sessions {
		if s.Session == session {
			m.client, zone = s.Client, cmp.Or(s.Zone, zone)
		}
	}
	var err error
	if m.zone, err = time.LoadLocation(zone); err != nil {
		panic(err)
	}
	for _, i := range in {
		m.learn(i)
	}
	return m
}

func (m *model) learn(i store.Input) {
	m.clients.see(i.Client, i.At)
	m.numbers.see(i.Number, i.At)
	for _, s := range i.Statuses {
		switch {
		case i.Engine != store.EngineNOWEB:
		case s.Status == "WORKING":
			m.workings = append(m.workings, s.At)
		case s.Status == "SCAN_QR_CODE":
			m.scans = append(m.scans, s.At)
		}
	}
	if i.Event != nil {
		m.events[i.Event.ID] = *i.Event
	}
	if i.Change != nil {
		m.changes[i.Change.ID] = *i.Change
	}
	if s := i.Sighting; s != nil && s.Name != "" {
		k := sight{s.LabelID, s.Name, s.Color}
		have, ok := m.sights[k]
		if !ok {
			have = [2]int64{i.SightedAt(), i.SightedAt()}
		}
		m.sights[k] = [2]int64{min(have[0], i.SightedAt()), max(have[1], i.SightedAt())}
	}
	if p := i.Pair; p != nil {
		k := [2]string{p.Hidden, p.Phone}
		if have, ok := m.pairs[k]; ok {
			m.pairs[k] = have.Merge(*p)
		} else {
			m.pairs[k] = *p
		}
	}
	if c := i.Contact; c != nil {
		have, ok := m.chats[c.ChatID]
		if !ok {
			have = lead.Contact{Session: m.session, ChatID: c.ChatID}
		}
		m.chats[c.ChatID] = have.Merge(*c)
	}
}

func (m *model) rows(all Rows) {
	add := func(table string, cells ...any) {
		text := make([]string, len(cells))
		for i, c := range cells {
			text[i] = fmt.Sprint(c)
		}
		all[table] = append(all[table], strings.Join(append([]string{m.session}, text...), " | "))
	}
	ids, versions := m.identities(), m.versions()
	log, spans := m.fold(ids, versions)
	for _, e := range log {
		add("label_events", e.At, e.ID, e.Client, e.CS, e.Lead, e.LabelID, e.LabelName, e.Status, e.ChatID, e.Source, null(e.NotBefore), bit(e.StartUnknown), e.ReceivedAt)
	}
	for _, s := range spans {
		add("label_spans", s.Lead, s.LabelID, s.StartedAt, null(s.EndedAt), bit(s.StartUnknown), bit(s.Ambiguous), s.ChatID, s.Client, s.CS)
		if !s.Active() {
			continue
		}
		name := ""
		if v := versions[s.LabelID]; len(v) > 0 && v[len(v)-1].To == 0 {
			name = v[len(v)-1].Name
		}
		add("active_labels", s.Client, s.CS, s.Lead, s.LabelID, name, s.StartedAt)
	}
	for id, vs := range versions {
		for _, v := range vs {
			add("labels", id, v.From, null(v.To), v.Name, v.Color)
		}
	}
	m.days(spans, add)
	for _, p := range m.pairs {
		add("identities", p.Hidden, p.Phone, p.FirstAt, p.LastAt)
	}
	for _, c := range m.chats {
		r := c.Referral
		add("chats", c.ChatID, ids.Of(c.ChatID), null(c.FirstInAt), null(c.LastInAt), null(c.FirstOutAt), null(c.LastOutAt), null(c.ReferralAt),
			r.SourceType, r.SourceID, r.SourceURL, r.SourceApp, r.ClickID, r.Title, r.Entry, r.EntryApp, r.ConversionSource, r.Ref, r.UTM,
			r.MediaType, r.ExternalSource, r.ExternalMedium, r.UTMSource, r.UTMCampaign, r.CampaignID)
	}
	m.owners(add)
}

func (m *model) identities() lead.Identities {
	var claims []lead.Pair
	for _, p := range m.pairs {
		claims = append(claims, p)
	}
	return lead.Resolve(claims)
}

// versions: a name seen in passing counts when it was seen first and last.
func (m *model) versions() map[string][]label.Version {
	seen := map[string][]label.Observation{}
	for _, c := range m.changes {
		seen[c.LabelID] = append(seen[c.LabelID], label.Observation{ID: c.ID, At: c.At, Deleted: c.Deleted, Name: c.Name, Color: c.Color})
	}
	for s, at := range m.sights {
		seen[s.labelID] = append(seen[s.labelID], label.Observation{At: at[0], Name: s.name, Color: s.color}, label.Observation{At: at[1], Name: s.name, Color: s.color})
	}
	all := map[string][]label.Version{}
	for id, observations := range seen {
		all[id] = label.Versions(observations)
	}
	return all
}

// fold fills in the events' other columns and folds lead by lead.
func (m *model) fold(ids lead.Identities, versions map[string][]label.Version) (log []label.Event, spans []label.Span) {
	byLead := map[string][]label.Event{}
	for _, e := range m.events {
		e.Client = cmp.Or(m.client, e.SaidClient, m.session)
		if e.Source == label.FromImport {
			e.Client = cmp.Or(e.SaidClient, m.client, m.session)
		}
		e.CS = cmp.Or(e.SaidCS, m.numbers.at(e.At))
		e.Lead = ids.Of(e.ChatID)
		if e.Source == label.FromWebhook {
			e.StartUnknown = e.Status == label.Added && m.comesWithPairing(e.At)
		}
		byLead[e.Lead] = append(byLead[e.Lead], e)
		log = append(log, e)
	}
	var deletions []label.Deletion
	for _, c := range m.changes {
		if c.Deleted {
			deletions = append(deletions, label.Deletion{ID: c.ID, Session: m.session, LabelID: c.LabelID, At: c.At, ReceivedAt: c.ReceivedAt})
		}
	}
	for _, events := range byLead {
		s, derived := label.Fold(events, deletions)
		spans, log = append(spans, s...), append(log, derived...)
	}
	for i, e := range log {
		log[i].LabelName = label.NameAt(versions[e.LabelID], e.Status, e.At)
	}
	return log, spans
}

// comesWithPairing: the session worked for the first time after a code was shown.
func (m *model) comesWithPairing(at int64) bool {
	for _, paired := range label.Pairings(m.scans, m.workings) {
		if label.InBurst(paired, at) {
			return true
		}
	}
	return false
}

func (m *model) days(spans []label.Span, add func(string, ...any)) {
	byLabel := map[string]map[string]label.DayChange{}
	for _, s := range spans {
		if byLabel[s.LabelID] == nil {
			byLabel[s.LabelID] = map[string]label.DayChange{}
		}
		label.CountDays(byLabel[s.LabelID], s, m.zone, +1)
	}
	for id, changes := range byLabel {
		var days []string
		for d := range changes {
			days = append(days, d)
		}
		slices.Sort(days)
		active := 0
		for _, d := range days {
			c := changes[d]
			active += c.Net()
			add("label_daily", id, d, c.Added, c.Found, c.Removed, active)
		}
	}
}

// owners are the times during which client and number stayed the same.
func (m *model) owners(add func(string, ...any)) {
	starts := []int64{0}
	for _, p := range []points{m.clients, m.numbers} {
		for _, seen := range p {
			starts = append(starts, seen[0], seen[1])
		}
	}
	slices.Sort(starts)
	type owner struct {
		from           int64
		client, number string
	}
	var all []owner
	for _, at := range slices.Compact(starts) {
		o := owner{at, cmp.Or(m.client, m.clients.at(at), m.session), m.numbers.at(at)}
		if n := len(all); n == 0 || all[n-1].client != o.client || all[n-1].number != o.number {
			all = append(all, o)
		}
	}
	for i, o := range all {
		to := int64(0)
		if i < len(all)-1 {
			to = all[i+1].from
		}
		add("sessions", o.from, null(to), o.client, o.number)
	}
}

// points are values a session was seen with, and when first and last.
type points map[string][2]int64

func (p points) see(value string, at int64) {
	if value == "" {
		return
	}
	have, ok := p[value]
	if !ok {
		have = [2]int64{at, at}
	}
	p[value] = [2]int64{min(have[0], at), max(have[1], at)}
}

// at is the value seen last at or before t, else the one seen first of all: what
// came before anybody said it belongs to it. In one millisecond the greater
// value counts as the later.
func (p points) at(t int64) string {
	var last, first string
	lastAt, firstAt := int64(-1), int64(-1)
	for value, seen := range p {
		for _, at := range seen {
			if at <= t && (at > lastAt || (at == lastAt && value > last)) {
				last, lastAt = value, at
			}
			if firstAt == -1 || at < firstAt || (at == firstAt && value < first) {
				first, firstAt = value, at
			}
		}
	}
	if lastAt >= 0 {
		return last
	}
	return first
}

func null(v int64) any {
	if v == 0 {
		return "NULL"
	}
	return v
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
