package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestHistory_EveryKindOccurs counts in the default history what a receiver must
// be able to deal with, and what makes it believable.
func TestHistory_EveryKindOccurs(t *testing.T) {
	a, all := history(t)
	people := pairsOf(all)
	staff := ignored(a)
	n := map[string]int{}
	names := map[[2]string]string{}
	deleted := map[[2]string]bool{}
	type person struct{ session, lead string }
	forms := map[person]map[string]bool{}
	type mark struct {
		at    int64
		grade string
		on    bool
	}
	grades := map[person][]mark{}
	for _, b := range all {
		label := [2]string{b.Session, b.Payload.ID}
		if b.Me == nil {
			n["me null"]++
		}
		if b.Engine == "" {
			n["top-level engine missing"]++
		}
		switch {
		case b.Metadata == nil:
			n["metadata absent"]++
		case len(b.Metadata) == 0:
			n["metadata empty"]++
		default:
			n["metadata "+b.Metadata["klien"]]++
		}
		switch b.Event {
		case "session.status":
			n["status "+b.Payload.Status]++
		case "label.upsert":
			if old, ok := names[label]; ok && old != b.Payload.Name {
				n["label renamed"]++
			}
			if deleted[label] {
				n["label id used again"]++
			}
			if strings.ContainsAny(b.Payload.Name, "🔥💎") {
				n["emoji name"]++
			}
			names[label] = b.Payload.Name
		case "label.deleted":
			deleted[label] = true
			n["label deleted"]++
		case "message.any":
			n["message of "+b.Environment.Engine]++
			if b.Payload.FromMe {
				n["message from the CS"]++
			}
			switch m := b.Payload.Data.Message; {
			case bytes.Contains(m, []byte(`"externalAdReply"`)):
				n["ad"]++
			case bytes.Contains(m, []byte(`"ctwa_ad"`)):
				n["ad without id"]++
			}
			if d := b.Payload.Data; strings.Contains(d.Info.SenderAlt+d.Key.RemoteJidAlt, ":") {
				n["other id with device"]++
			}
		case "label.chat.added", "label.chat.deleted":
			lead, personal := people.lead(b.Session, b.chat())
			_, domain, _ := strings.Cut(b.chat(), "@")
			n["chat "+domain]++
			if !personal {
				continue
			}
			if staff[lead] {
				n["staff"]++
				continue
			}
			if b.Payload.Label != nil {
				names[[2]string{b.Session, b.Payload.LabelID}] = b.Payload.Label.Name
				n["label object of "+b.Environment.Engine]++
			}
			name, ok := names[[2]string{b.Session, b.Payload.LabelID}]
			if !ok {
				n["name unknown as yet"]++
			}
			on := b.Event == "label.chat.added"
			n[map[bool]string{true: "on ", false: "off "}[on]+name]++
			p := person{b.Session, lead}
			if forms[p] == nil {
				forms[p] = map[string]bool{}
			}
			forms[p][domain] = true
			if strings.HasPrefix(strings.ToLower(name), "grade ") {
				grades[p] = append(grades[p], mark{b.Timestamp, strings.ToUpper(name[6:]), on})
			}
		}
	}
	for p, f := range forms {
		switch {
		case f["lid"] && f["c.us"]:
			n["one lead by both ids"]++
		case f["lid"] && strings.HasSuffix(p.lead, "@lid"):
			n["hidden for good"]++
		case f["lid"]:
			n["hidden, number known"]++
		default:
			n["by number"]++
		}
	}
	for _, marks := range grades {
		var given, on []string
		for i, m := range marks {
			if !m.on {
				on = slices.DeleteFunc(on, func(g string) bool { return g == m.grade })
				near := slices.ContainsFunc(marks, func(o mark) bool { return o.on && o.grade != m.grade && o.at-m.at <= 15_000 && o.at >= m.at })
				if len(on) == 0 && !near {
					n["removed without replacement"]++
				}
				continue
			}
			on = append(on, m.grade)
			if len(on) > 1 && len(marks) > i+1 && marks[i+1].at-m.at > 3_600_000 {
				n["old grade forgotten"]++
			}
			for _, o := range marks {
				if o.on || o.grade == m.grade {
					continue
				}
				switch d := o.at - m.at; {
				case d == 0:
					n["moved in one millisecond"]++
				case d > 0 && d < 30_000:
					n["moved, the old one off seconds later"]++
				case d < 0 && d > -15_000:
					n["moved, the old one off seconds before"]++
				}
			}
			if k := len(given); k > 0 {
				if m.grade < given[k-1] {
					n["up to "+m.grade]++
				} else {
					n["down to "+m.grade]++
				}
				if k > 1 && given[k-2] == m.grade {
					n["change of mind"]++
				}
			}
			given = append(given, m.grade)
		}
	}

	for kind, least := range map[string]int{
		"me null": 1, "top-level engine missing": 500, "metadata absent": 500, "metadata empty": 500, "metadata hansarang": 500,
		"status STARTING": 50, "status WORKING": 50,
		"label renamed": 1, "label deleted": 1, "label id used again": 1, "emoji name": 2,
		"message of GOWS": 1000, "message of NOWEB": 500, "message of WPP": 100, "message from the CS": 1000,
		"ad": 500, "ad without id": 50, "other id with device": 20,
		"chat g.us": 5, "chat broadcast": 1, "chat newsletter": 1, "staff": 20,
		"label object of NOWEB": 200, "label object of WPP": 50, "name unknown as yet": 5,
		"one lead by both ids": 20, "hidden for good": 50, "hidden, number known": 300, "by number": 1000,
		"on Closing": 100, "off Closing": 3, "on Batal": 50, "on Follow up": 100, "off Follow up": 100, "on Reseller": 5, "on Dropshipper": 1, "on Lunas": 10,
		"removed without replacement": 20, "old grade forgotten": 20, "change of mind": 20,
		"moved in one millisecond": 300, "moved, the old one off seconds later": 50, "moved, the old one off seconds before": 30,
		"up to A": 50, "up to B": 50, "up to C": 20, "up to D": 5, "down to B": 20, "down to C": 50, "down to D": 50, "down to E": 50,
	} {
		if n[kind] < least {
			t.Errorf("%q occurs %d times, want %d at least", kind, n[kind], least)
		}
	}
	if t.Failed() {
		t.Log(n)
	}
}
