package web

// Texts is every word the page says, in one language. Texts that take values
// are format strings; {0} stands where the script puts a time.
type Texts struct {
	Tag      string // BCP 47, also the value of ?lang= and of the cookie
	Language string // its own name

	// The page around everything.
	Title, Tagline, SkipToContent string
	Pages                         string // names the links to the pages, for who cannot see them
	Updated, NoAnswer, ZoneNote   string

	// What can be wrong.
	AsOf, NotKnown                 string
	AwayTitle, AwayKept, AwayNever string
	AwayToo                        string
	MigratingTitle, MigratingText  string
	InboxTitle, InboxText          string
	RefusingTitle, RefusingText    string
	WhatItSaid                     string

	// The four figures.
	TileActive, TileLog, TileWaiting, TileQuarantined       string
	Clients, DifferentNames, MadeSpans                      Plural
	LabelsLeftOut                                           Plural // WhatsApp's own lists, or as configured
	AllRecorded, Oldest, NobodyNeeded, NeedsPerson, Unknown string

	// The hour.
	ChartTitle, ChartQuiet, ChartCaption, ChartDesc string
	ChartBusy, MinuteTitle                          Plural
	ShowAsTable, Minute, Received                   string
	RunningMinute, NowLabel                         string

	// The database and the inbox.
	Database, StateUp, StateAway, StateMigrating   string
	Engine, Schema, SchemaStep, Since              string
	Inbox, InboxAccepts, InboxRefuses, InboxSilent string
	ReceivedInAll, LastReceived, OnDisk, Of        string

	// Lists. The first five head a list that could never be read.
	ActiveHead, RecentHead, SkippedHead, QuarantineHead, SessionsHead string
	ActiveTitle                                                       Plural
	ActiveNone, ActiveCaption, Label, Leads                           string
	MoreLabels, Won, Lost, Nameless                                   string
	RecentTitle                                                       Plural
	RecentNone, RecentCaption                                         string
	Added, Removed, Hidden                                            string
	SkippedTitle                                                      Plural
	SkippedNone, SkippedCaption, Reason, Number                       string
	QuarantineTitle                                                   Plural
	QuarantineNone, QuarantineCaption                                 string
	QuarantineMore                                                    Plural
	Time, Event, Session, WhatWasWrong                                string
	SessionsTitle                                                     Plural
	SessionsNone, SessionsCaption                                     string
	Client, CS, CSNumber, State, View                                 string
	StatusUnsaid                                                      string

	// Nothing has arrived yet.
	EmptyTitle, EmptyText                         string
	EmptyHook, EmptyHookNote, EmptyEvents         string
	EmptyTry, EmptyTrySigned, EmptyTryNote, NoKey string

	System SystemTexts // the page /system

	// Short units of time: seconds, minutes, hours, days.
	Second, MinuteUnit, Hour, Day string

	Reasons  map[string]string // why a delivery was skipped, by its code
	Sources  map[string]string // how an event became known, where not by webhook
	Statuses map[string]string // what WAHA says of a session

	// Answers other than the page, as plain text.
	RefusedPeer, RefusedProxy, RefusedHost, RefusedDo, NotFound string
}

// other is the language a reader of t can change to.
func other(t *Texts) *Texts {
	if t == &english {
		return &indonesian
	}
	return &english
}

// Plural is a text for one and for any other number; %s is the number.
type Plural struct{ One, Other string }

// textsFor returns the texts of a language tag, nil where it is not spoken.
func textsFor(tag string) *Texts {
	switch tag {
	case "id":
		return &indonesian
	case "en":
		return &english
	}
	return nil
}
