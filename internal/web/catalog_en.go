package web

var english = Texts{
	Tag: "en", Language: "English",

	System: englishSystem,

	Pages: "Pages",

	Title: "Now", Tagline: "every label, recorded", SkipToContent: "Skip to the figures",
	Updated: "Updated {0}", NoAnswer: "No answer since {0}", ZoneNote: "All times in %s",

	AsOf: "as of %s", NotKnown: "Not known: this could not be read yet.",
	AwayTitle:      "The database has been away since %s",
	AwayKept:       "Events are still accepted and wait in the inbox; none is lost. Labels, changes and sessions below are those of the last good read.",
	AwayNever:      "Events are still accepted and wait in the inbox; none is lost. Labels, changes and sessions appear here as soon as it answers.",
	AwayToo:        "Labels, changes and sessions cannot be read.",
	MigratingTitle: "The database is being brought up to date: step %s of %s",
	MigratingText:  "Events are accepted meanwhile and wait in the inbox.",
	InboxTitle:     "The inbox cannot be read",
	InboxText:      "What has arrived is not known. The log and “tandai doctor” say more.",
	RefusingTitle:  "No event can be accepted: the inbox cannot be written",
	RefusingText:   "WAHA is answered 503 and sends again, for as long as its retry settings say. Look at the disk; the log and “tandai doctor” say more.",
	WhatItSaid:     "what it said",

	TileActive: "Active labels", TileLog: "Events in the log", TileWaiting: "Waiting in the inbox", TileQuarantined: "In quarantine",
	Clients:        Plural{"at %s client", "at %s clients"},
	DifferentNames: Plural{"%s name", "%s different names"},
	LabelsLeftOut:  Plural{"%s label is left out: WhatsApp's own list, or as configured", "%s labels are left out: WhatsApp's own lists, or as configured"},
	MadeSpans:      Plural{"folded into %s span", "folded into %s spans"},
	AllRecorded:    "all recorded", Oldest: "the oldest for %s", NobodyNeeded: "nothing to look at", NeedsPerson: "someone should look", Unknown: "not known",

	ChartTitle:   "Events by the minute",
	ChartQuiet:   "No event in the last hour",
	ChartBusy:    Plural{"%s event in the last hour, at %[2]s", "%s events in the last hour, most at %[2]s (%[3]s)"},
	ChartCaption: "Webhooks put into the inbox, by the minute they arrived. The pale bar is the minute that is still running.",
	ChartDesc:    "Bars for sixty minutes, from %s to %s. The tallest is %s.",
	MinuteTitle:  Plural{"%[2]s · %[1]s event", "%[2]s · %[1]s events"},
	ShowAsTable:  "show as table", Minute: "Minute", Received: "Events", RunningMinute: "still running", NowLabel: "now",

	Database: "Database", StateUp: "up", StateAway: "away", StateMigrating: "migrating",
	Engine: "Engine", Schema: "Schema", SchemaStep: "step %s of %s", Since: "since %s",
	Inbox: "Inbox", InboxAccepts: "accepting", InboxRefuses: "refusing", InboxSilent: "no answer",
	ReceivedInAll: "Received in all", LastReceived: "Last received", OnDisk: "On disk", Of: "%s of %s",

	ActiveHead: "Active labels", RecentHead: "Last changes", SkippedHead: "Skipped", QuarantineHead: "Quarantine", SessionsHead: "Sessions",
	ActiveTitle: Plural{"%s label is active now", "%s labels are active now"},
	ActiveNone:  "No label is active", ActiveCaption: "Leads that carry each label, by client. A lead with two labels counts in both.",
	Label: "Label", Leads: "Leads", MoreLabels: "%s more", Won: "won", Lost: "lost", Nameless: "label %s, name not known yet",
	RecentTitle: Plural{"The last change", "The last %s changes"},
	RecentNone:  "No change yet", RecentCaption: "Newest first, by the time WAHA gave them.",
	Added: "added to", Removed: "removed from", Hidden: "phone not known yet",
	SkippedTitle: Plural{"%s event did not belong here", "%s events did not belong here"},
	SkippedNone:  "Nothing was skipped", SkippedCaption: "Skipped and counted by reason, since the beginning.",
	Reason: "Reason", Number: "Events",
	QuarantineTitle: Plural{"%s event could not be understood", "%s events could not be understood"},
	QuarantineNone:  "The quarantine is empty", QuarantineCaption: "Kept until dealt with. After a fix, “tandai replay --quarantined” runs them again.",
	QuarantineMore: Plural{"and %s older one", "and %s older ones"},
	Time:           "Time", Event: "Event", Session: "Session", WhatWasWrong: "What was wrong",
	SessionsTitle: Plural{"%s session", "%s sessions"},
	SessionsNone:  "No session yet", SessionsCaption: "One WAHA session is one WhatsApp number of one CS.",
	Client: "Client", CS: "CS", CSNumber: "Number", State: "State", View: "View", StatusUnsaid: "not said yet",

	EmptyTitle: "Nothing has arrived yet",
	EmptyText:  "Tandai is running and waits for the first label. Two ways to send it:",
	EmptyHook:  "Give WAHA this webhook address", EmptyHookNote: "It must be the address as WAHA sees this machine: from inside Docker, write host.docker.internal or this machine's name for %s, and set an HMAC key.",
	EmptyEvents: "With these events:",
	EmptyTry:    "Or send one yourself", EmptyTrySigned: "A key is set, so the body must be signed. Put the key in KEY first.",
	EmptyTryNote: "This page shows it within seconds.",
	NoKey:        "No HMAC key is set: whoever can reach the door can write to it.",

	Second: "s", MinuteUnit: "min", Hour: "h", Day: "d",

	Reasons: map[string]string{
		"group": "group chat", "broadcast": "broadcast or status", "newsletter": "channel", "other_chat": "not a personal chat",
		"ignored_number": "number on the ignore list", "unknown_event": "unknown kind of event", "unused_event": "event that is not used",
	},
	Sources: map[string]string{"snapshot": "recovered", "import": "imported", "label_deleted": "label deleted"},
	Statuses: map[string]string{
		"WORKING": "working", "STARTING": "starting", "SCAN_QR_CODE": "waits for its QR code", "FAILED": "failed", "STOPPED": "stopped",
		"PASSKEY_REQUIRED": "waits for a passkey", "PASSKEY_CONFIRMATION_REQUIRED": "waits for a passkey",
	},

	RefusedPeer:  "This page answers only on the machine it runs on, because it has no accounts yet. Your request came from %s.",
	RefusedProxy: "This page answers only on the machine it runs on, because it has no accounts yet. Your request came through a proxy (%s).",
	RefusedHost:  "This page answers only under the names of the machine it runs on. Your request asked for the host %s.",
	RefusedDo:    "Open http://127.0.0.1:%[1]s/ there, or make a tunnel from here with\n\n    ssh -L %[1]s:127.0.0.1:%[1]s SERVER\n\nand open http://127.0.0.1:%[1]s/ on your own machine.",
	NotFound:     "There is no such page. There are / and /system.",
}
