package web

var englishSystem = SystemTexts{
	Title: "System",

	TileHeard: "Heard in time", TileRepaired: "Recovered from WAHA", TileHidden: "Phones not known", TileSending: "Waiting to be sent",
	OfChanges: Plural{"of %s change", "of %s changes"}, LastDays: Plural{"in the last day", "in the last %s days"},
	NothingChanged: "nothing changed in %s days", RestRepaired: "the rest came late or was recovered", AllHeard: "every change came by webhook",
	SeenOnce: Plural{"%s difference waits for a second look", "%s differences wait for a second look"},
	NoDoubt:  "nothing waits for a second look", StillAsked: "WAHA is asked again", NotAsked: "WAHA is not asked", AllNamed: "every lead has its phone", AllSent: "all sent",
	GaveUp: Plural{"WAHA did not know %s in 30 days", "WAHA did not know %s in 30 days"}, DeadLetters: Plural{"%s dead letter", "%s dead letters"},
	SwitchedOff: "switched off",

	NoRadar:  "The radar is switched off (radar.enabled): nobody notices when a number goes silent.",
	NoTruth:  "Labels are not compared with WAHA: that needs waha.url, and reconcile.enabled. What a lost webhook took with it is not known.",
	NoPeople: "Hidden ids are not looked up: that needs waha.url. Their phones become known from messages alone.",
	NoOutbox: "Nothing is passed on: relay.destinations names nobody.",

	NumbersHead: "Numbers", NumbersCaption: "How well each number is heard. Heard is the share of its changes in the last %s days that came by webhook in time; the rest came late or had to be recovered from WAHA.",
	NumbersTitle: Plural{"%s number is listened to", "%s numbers are listened to"}, NumbersSilent: Plural{"%s of %[2]s numbers needs a person", "%s of %[2]s numbers need a person"},
	LastEvent: "Last event", Heard: "Heard", ComparedAt: "Compared with WAHA", Hearing: "Radar",
	NotJudged: "not known: never compared", Checking: "differences are being looked into",
	NeverHeard: "none yet", NeverCompared: "not yet", Polled: "polled: this engine sends no label events", NothingToHear: "no change",
	ShareOf: Plural{"of %s", "of %s"},
	HearingStates: map[string]string{
		"learning": "still learning", "hears": "hears", "quiet": "quiet", "deaf": "silent",
	},
	AlarmAfter: "alarm if silent until %s",

	AlarmsHead: "Alarms", AlarmsNone: "No alarm is open", AlarmsCaption: "A silence is an alarm when it is too improbable for this number at this hour of the week.", AlarmsPast: "over",
	AlarmsTitle: Plural{"%s alarm is open", "%s alarms are open"},
	AlarmKinds: map[string]string{
		"deaf": "silent, though WAHA says it works", "session": "does not work", "waha": "does not answer",
	},
	AlarmLasted: "lasted %s", AlarmSince: "for %s", AlarmExpected: "%s minutes with events were to be expected",
	AlarmRestarts: Plural{"restarted once", "restarted %s times"}, AlarmRecovered: Plural{"recovered %s label", "recovered %s labels"},
	AlarmFlaps: Plural{"came back once", "came back %s times"},
	AlarmCleared: map[string]string{
		"events": "events arrive again", "working": "works again", "answers": "answers again", "removed": "is gone", "other": "another alarm took over",
		"quiet": "has become too quiet to judge", "disabled": "watched no more",
	},

	RepairedHead: "Recovered", RepairedNone: "Nothing had to be recovered", RepairedCaption: "Changes that no webhook told of, found by comparing with WAHA twice. They happened between the two times.",
	RepairedTitle: Plural{"%s change was recovered", "%s changes were recovered"},
	Between:       "between %s and %s", Before: "before %s", Nowhere: "–",
	RunsHead: "Comparisons with WAHA", RunsNone: "Not compared yet", RunsCaption: "A difference is only noted when it is seen once, and becomes an event when a second read agrees.",
	RunOpen:   Plural{"%s to be seen again", "%s to be seen again"},
	RunsTitle: Plural{"Compared with WAHA at %[2]s", "Last compared with WAHA at %[2]s"},
	RunRead:   "Labels read", RunFound: "Found",
	RunSame: "agreed", RunFailed: "failed",
	RunReasons: map[string]string{
		"start": "start", "working": "session works again", "deaf": "after a silence", "gap": "after a gap", "ambiguous": "unclear order", "confirm": "second look", "again": "after an incomplete read", "daily": "daily", "poll": "poll",
		"command": "by hand",
	},
	Took: "took %s",

	PeopleHead: "People", PeopleNone: "Every lead has its phone", PeopleCaption: "WhatsApp hides some phones behind an id. WAHA is asked for them with growing pauses, for 30 days.",
	PeopleTitle: Plural{"%s lead is known by a hidden id alone", "%s leads are known by hidden ids alone"},
	PeopleMore:  Plural{"and %s more", "and %s more"},
	HiddenID:    "Hidden id", SinceHead: "Since", Asked: "Asked", NextAsk: "Asked again",
	AskedTimes:  Plural{"once", "%s times"},
	NotAnswered: "cannot be asked since %s",
	GivenUp:     "no more", AskedSoon: "soon",
	MovedTitle:   Plural{"%s hidden id has changed its phone", "%s hidden ids have changed their phones"},
	DoubledTitle: Plural{"%s phone has several hidden ids", "%s phones have several hidden ids"},

	OutboxHead: "Destinations", OutboxNone: "Nothing is passed on", OutboxCaption: "Label and session events, passed on as WAHA sent them. Dead letters were tried for over a day; “tandai outbox redeliver” sends them again.",
	OutboxTitle: Plural{"Events are passed on to %s destination", "Events are passed on to %s destinations"}, OutboxShut: Plural{"%s of %[2]s destinations does not take what it is sent", "%s of %[2]s destinations do not take what they are sent"},
	Destination: "Destination", WaitingHead: "Waiting, oldest", DeadHead: "Dead letters", LastFailed: "Last error",
	BreakerClosed: "sending", BreakerOpen: "held back", Unconfigured: "not configured any more",
	TriedAgain: "tried again at %s",

	FeedsHead: "Ways in", FeedsCaption: "How WAHA's events come here.",
	FeedsTitle:  Plural{"Events come from %s WAHA server", "Events come from %s WAHA servers"},
	FeedWebhook: "WAHA sends webhooks", FeedWebsocket: "Tandai reads WAHA’s websocket",
	FeedConnected: "connected", FeedGone: "not connected", FeedOpen: "door open",
	FeedLast: "last event at %s",
}
