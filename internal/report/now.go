package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tandai/internal/store"
)

// RecentChanges is how many changes Now shows.
const RecentChanges = 50

// recentRead is how many are read for them: some are of labels that are left out.
const recentRead = 4 * RecentChanges

// Now is what is going on at this moment.
type Now struct {
	At        int64 // when the answer was given, Unix ms
	Database  Database
	Accepting Part[struct{}] // whether events can be accepted; Err = why not
	Queue     Part[Queue]
	Active    Part[[]ClientLabels] // sorted by client
	Recent    Part[[]Change]       // newest first, at most RecentChanges
	// RecentLeftOut is how many changes that are newer than the last of Recent are
	// about labels that reports are not about.
	RecentLeftOut int
	Quarantine    Part[[]Held] // newest first
	Sessions      Part[[]store.SessionInfo]
	Totals        Part[store.Totals]
	Open          []store.Alarm // alarms that are open, newest first, as far as is known
}

// Empty reports whether nothing has ever arrived, as far as is known: a
// database that cannot be asked is not an empty one.
func (n Now) Empty() bool {
	return n.Totals.Known() && n.Totals.Value.Events == 0 && n.Queue.Known() && n.Queue.Value.Received == 0
}

// ClientLabels is what the leads of one client carry, in the order of its
// scale: grades from the best, won, lost, then the rest by size.
type ClientLabels struct {
	Client string
	Active int // sum over Labels; a lead with two labels counts twice
	Labels []LabelCount
	// LeftOut is what reports are not about: WhatsApp's own lists, and what the
	// client's configuration says. It is in neither Active nor Labels.
	LeftOut LeftOut
}

// LeftOut counts labels, and how often they are on a lead.
type LeftOut struct{ Labels, Active int }

// LabelCount is how many leads carry a label now.
type LabelCount struct {
	Name  string
	Mark  Mark
	Leads int
}

// Change is one row of the log, with what people call its number.
type Change struct {
	store.LogRow
	CSName string // "CS 1"; "" where the configuration does not say
	Mark   Mark
}

// Now collects what is going on. It never fails: what cannot be read says so
// itself. The answer shares its slices with other askers and must not be
// changed.
func (r *Reports) Now(ctx context.Context) Now {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Patience)
	defer cancel()
	own := []<-chan struct{}{refresh(r, &r.health, r.askHealth), refresh(r, &r.queue, r.readQueue), refresh(r, &r.held, r.readHeld)}
	wait(ctx, refresh(r, &r.database, r.askDatabase))
	if r.readable() {
		var alarms <-chan struct{}
		if r.cfg.Wings.Alarms != nil {
			alarms = refresh(r, &r.wings.alarms, r.readAlarms)
		}
		wait(ctx, alarms,
			refresh(r, &r.recent, func(ctx context.Context) ([]store.LogRow, error) { return r.cfg.Store.Recent(ctx, recentRead) }),
			refresh(r, &r.active, r.cfg.Store.Active),
			refresh(r, &r.sessions, r.cfg.Store.SessionList),
			refresh(r, &r.totals, r.cfg.Store.Totals),
		)
	}
	wait(ctx, own...)

	r.mu.Lock()
	defer r.mu.Unlock()
	now := Now{
		At:         r.cfg.Now().UnixMilli(),
		Database:   r.databaseNow(),
		Accepting:  r.health.Part,
		Queue:      r.queue.Part,
		Active:     Part[[]ClientLabels]{Value: r.byClient(r.active.Value), At: r.active.At, Err: r.active.Err},
		Quarantine: r.held.Part,
		Sessions:   r.sessions.Part,
		Totals:     r.totals.Part,
		Open:       r.wings.alarms.Value.Open,
	}
	now.Recent = Part[[]Change]{At: r.recent.At, Err: r.recent.Err}
	now.Recent.Value, now.RecentLeftOut = r.shown(r.changes(r.recent.Value), RecentChanges)
	if err := now.Database.unreadable(); err != nil {
		now.Active.Err, now.Recent.Err, now.Sessions.Err, now.Totals.Err = err, err, err, err
	}
	return now
}

// readable reports whether there is a point in asking the database for more
// than whether it is there. Where it is not, what comes next is read as soon as
// it is back.
func (r *Reports) readable() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.databaseNow().State == Up {
		return true
	}
	r.recent.next, r.active.next, r.sessions.next, r.totals.next = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return false
}

func (r *Reports) byClient(counts []store.ActiveCount) []ClientLabels {
	at := map[string]int{}
	var clients []ClientLabels
	for _, c := range counts {
		i, ok := at[c.Client]
		if !ok {
			i = len(clients)
			at[c.Client] = i
			clients = append(clients, ClientLabels{Client: c.Client})
		}
		mark := r.cfg.Scale(c.Client).Mark(c.LabelName)
		if !r.cfg.Choice(c.Client).Shows(c.LabelName, mark.Kind != Other) {
			clients[i].LeftOut.Labels++
			clients[i].LeftOut.Active += c.Leads
			continue
		}
		clients[i].Active += c.Leads
		clients[i].Labels = append(clients[i].Labels, LabelCount{Name: c.LabelName, Mark: mark, Leads: c.Leads})
	}
	slices.SortFunc(clients, func(a, b ClientLabels) int { return cmp.Compare(a.Client, b.Client) })
	for _, c := range clients {
		slices.SortFunc(c.Labels, func(a, b LabelCount) int {
			return cmp.Or(cmp.Compare(a.Mark.order(), b.Mark.order()), cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Name, b.Name))
		})
	}
	return clients
}

// shown are the first of the changes that reports are about, and how many before
// the last of them are left out.
func (r *Reports) shown(changes []Change, most int) (shown []Change, leftOut int) {
	shown = changes[:0]
	for _, c := range changes {
		switch {
		case len(shown) == most:
			return shown, leftOut
		case r.cfg.Choice(c.Client).Shows(c.LabelName, c.Mark.Kind != Other):
			shown = append(shown, c)
		default:
			leftOut++
		}
	}
	return shown, leftOut
}

func (r *Reports) changes(rows []store.LogRow) []Change {
	names := map[string]string{}
	for _, s := range r.sessions.Value {
		names[s.Session] = s.CSName
	}
	changes := make([]Change, 0, len(rows))
	for _, row := range rows {
		mark := r.cfg.Scale(row.Client).Mark(row.LabelName)
		changes = append(changes, Change{LogRow: row, CSName: names[row.Session], Mark: mark})
	}
	return changes
}
