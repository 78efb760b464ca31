package web

// SystemTexts is what the system page says beside what the first page says too.
type SystemTexts struct {
	Title string

	// The four figures.
	TileHeard, TileRepaired, TileHidden, TileSending string
	OfChanges, LastDays                              Plural
	NothingChanged, RestRepaired, AllHeard, Checking string
	SeenOnce                                         Plural
	NoDoubt, AllNamed, AllSent, StillAsked, NotAsked string
	GaveUp, DeadLetters                              Plural
	SwitchedOff                                      string

	// Why a card has nothing to show.
	NoRadar, NoTruth, NoPeople, NoOutbox string

	// Numbers.
	NumbersHead, NumbersCaption                      string
	NumbersTitle, NumbersSilent                      Plural
	LastEvent, Heard, ComparedAt, Hearing            string
	NeverHeard, NeverCompared, Polled, NothingToHear string
	NotJudged                                        string // never compared: nobody knows what its webhooks left out
	ShareOf                                          Plural
	HearingStates                                    map[string]string
	AlarmAfter                                       string

	// Alarms.
	AlarmsHead, AlarmsNone, AlarmsCaption, AlarmsPast string
	AlarmsTitle                                       Plural
	AlarmKinds                                        map[string]string
	AlarmLasted, AlarmSince, AlarmExpected            string
	AlarmRestarts, AlarmRecovered, AlarmFlaps         Plural
	AlarmCleared                                      map[string]string // why it is over

	// Repaired events and reads of WAHA.
	RepairedHead, RepairedNone, RepairedCaption string
	RepairedTitle                               Plural
	Between, Before, Nowhere                    string
	RunsHead, RunsNone, RunsCaption             string
	RunsTitle, RunOpen                          Plural
	RunRead, RunFound                           string
	RunSame, RunFailed                          string
	RunReasons                                  map[string]string
	Took                                        string

	// People.
	PeopleHead, PeopleNone, PeopleCaption string
	PeopleTitle                           Plural
	PeopleMore                            Plural
	HiddenID, SinceHead, Asked, NextAsk   string
	AskedTimes                            Plural
	GivenUp, AskedSoon, NotAnswered       string
	MovedTitle, DoubledTitle              Plural

	// Destinations.
	OutboxHead, OutboxNone, OutboxCaption          string
	OutboxTitle, OutboxShut                        Plural
	Destination, WaitingHead, DeadHead, LastFailed string
	BreakerClosed, BreakerOpen, Unconfigured       string
	TriedAgain                                     string

	// Feeds.
	FeedsHead, FeedsCaption           string
	FeedsTitle                        Plural
	FeedWebhook, FeedWebsocket        string
	FeedConnected, FeedGone, FeedOpen string
	FeedLast                          string
}
