package store

import "context"

// Activity is what arrived of one session within one hour.
type Activity struct {
	Session string
	Hour    int64  // hours since the Unix epoch
	Events  int64  // deliveries but for session.status
	Minutes uint64 // bit m: something arrived in minute m of the hour
}

// HeardHour says in which minutes of an hour some Tandai could be reached and had
// recorded what came.
type HeardHour struct {
	Hour    int64
	Minutes uint64
}

// AlarmKind says what an alarm is about.
type AlarmKind string

// The kinds of alarms. Subject of the first two is a session, of the last a WAHA
// server by its configured name ("" for the one that has none).
const (
	AlarmDeaf    AlarmKind = "deaf"    // silent although WAHA says WORKING
	AlarmSession AlarmKind = "session" // not WORKING
	AlarmWAHA    AlarmKind = "waha"    // does not answer
)

// Alarm is one thing that needs a person, from when it was noticed until it was over.
type Alarm struct {
	ID          string // 32 hex digits
	Kind        AlarmKind
	Subject     string
	RaisedAt    int64 // Unix ms, as all times here
	ClearedAt   int64 // 0 = it is open
	Since       int64 // when what it is about began, as far as is known
	ChangedAt   int64
	Revision    int   // 1 when raised, one more with each change that people are told of
	Told        int   // the revision that was handed on for delivery last
	ToldAt      int64 // 0 = never
	Flaps       int   // how often it came back soon after it was cleared
	Restarts    int   // of the session through WAHA, for this alarm
	RestartedAt int64
	Detail      AlarmDetail
}

// AlarmDetail is what an alarm of its kind knows beside; zero values are unknown.
type AlarmDetail struct {
	News     string  `json:"news,omitempty"`             // what people were told of last, one of the News constants
	Status   string  `json:"status,omitempty"`           // what WAHA says of the session
	Expected float64 `json:"expected_minutes,omitempty"` // deaf: minutes with events that should have been in the silence
	Every    float64 `json:"once_in_months,omitempty"`   // deaf: such a silence comes by chance once in so many months
	Error    string  `json:"error,omitempty"`            // waha: what happened when it was asked
	Cleared  string  `json:"cleared,omitempty"`          // why it is over: one of the Cleared constants
	Restart  string  `json:"restart,omitempty"`          // what became of the last restart: "done", or why not
	// Recovered is how many labels the reconciliation after it repaired; nil = none was made.
	Recovered *int `json:"recovered,omitempty"`
}

// What people are told of.
const (
	NewsRaised    = "raised"
	NewsRestarted = "restarted"
	NewsRecovered = "recovered"
	NewsCleared   = "cleared"
)

// Why an alarm is over.
const (
	ClearedEvents   = "events"   // events arrive again
	ClearedWorking  = "working"  // WAHA says WORKING
	ClearedAnswers  = "answers"  // WAHA answers
	ClearedRemoved  = "removed"  // the session, or the server, is gone
	ClearedOther    = "other"    // another alarm says it better
	ClearedQuiet    = "quiet"    // the number has become so quiet that its silence says nothing
	ClearedDisabled = "disabled" // it is watched no more
)

// RadarStore is what the radar keeps in the database.
type RadarStore interface {
	// AddActivity adds counts and listened-to minutes of this server to those of
	// all, in one transaction. Minutes may be said again; events add up, also
	// where an error leaves open whether they were written.
	AddActivity(ctx context.Context, counts []Activity, heard []HeardHour) error
	// ActivitySince calls yield for each row from an hour on, by session and hour.
	ActivitySince(ctx context.Context, hour int64, yield func(Activity) error) error
	// HeardSince returns the listened-to minutes from an hour on.
	HeardSince(ctx context.Context, hour int64) ([]HeardHour, error)
	// PruneActivity removes what is before an hour and returns how many rows.
	PruneActivity(ctx context.Context, before int64) (int64, error)
	// TakeLease makes owner the holder of a name until a time, where nobody else
	// holds it at now, and tells whether it does.
	TakeLease(ctx context.Context, name, owner string, now, until int64) (bool, error)

	// RaiseAlarm writes a new open alarm; false where one of its kind and subject
	// is open already, which stays as it is.
	RaiseAlarm(ctx context.Context, a Alarm) (bool, error)
	// SaveAlarm writes what may change of an alarm: all but ID, Kind, Subject and
	// RaisedAt. It is written only where ChangedAt in the database is still was;
	// false where somebody else was faster, or where another of its kind and
	// subject is open now.
	SaveAlarm(ctx context.Context, a Alarm, was int64) (bool, error)
	AlarmReader
}

// AlarmReader is what pages read of alarms.
type AlarmReader interface {
	// OpenAlarms returns the open alarms, oldest first.
	OpenAlarms(ctx context.Context) ([]Alarm, error)
	// RecentAlarms returns the alarms raised or cleared since a time, newest first,
	// up to a limit, open ones among them.
	RecentAlarms(ctx context.Context, since int64, limit int) ([]Alarm, error)
}
