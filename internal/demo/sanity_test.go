package demo

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHistory_Seasons looks at when leads write for the first time.
func TestHistory_Seasons(t *testing.T) {
	a := newAgency(t, Config{Seed: 1, Leads: 8_000}) // enough for ratios to settle
	zones := map[string]*time.Location{}
	for _, b := range brands() {
		for _, s := range b.seats {
			zones[s.session] = b.zone
		}
	}
	staff := ignored(a)
	perDay := map[time.Time]int{}
	friday, thursday, night, total := 0, 0, 0, 0
	seen := map[string]bool{}
	for ev := range a.History {
		_, rest, incoming := bytes.Cut(ev.Body, []byte(`"payload":{"id":"false_`))
		if !incoming {
			continue
		}
		id, _, _ := bytes.Cut(rest, []byte("_"))
		chat := string(id)
		if who := ev.Session + chat; seen[who] || staff[strings.TrimSuffix(chat, "@c.us")] {
			continue
		} else {
			seen[who] = true
		}
		at := time.UnixMilli(ev.At).In(zones[ev.Session])
		perDay[midnight(at)]++
		total++
		if h := float64(at.Hour()) + float64(at.Minute())/60; prayers(h) {
			switch at.Weekday() {
			case time.Friday:
				friday++
			case time.Thursday:
				thursday++
			}
		}
		if at.Hour() < 5 {
			night++
		}
	}
	var sum, days [2]float64 // not payday, payday; weekday's own factor taken out
	var byDay, count [7]float64
	var half, halfDays [2]float64
	first := midnight(end.In(wib)).AddDate(0, 0, -90)
	for day, n := range perDay {
		i := 0
		if payday(day) {
			i = 1
		}
		if day.Sub(first) >= 90*24*time.Hour {
			continue // the last day is not over
		}
		w := byWeekday[day.Weekday()]
		sum[i] += float64(n) / w
		days[i]++
		byDay[day.Weekday()] += float64(n)
		count[day.Weekday()]++
		if !payday(day) {
			h := int(day.Sub(first) / (45 * 24 * time.Hour))
			half[h] += float64(n) / w
			halfDays[h]++
		}
	}
	between := func(what string, got, low, high float64) {
		t.Helper()
		if got < low || got > high {
			t.Errorf("%s: %.3f, want %v to %v", what, got, low, high)
		}
	}
	between("payday ÷ other days", (sum[1]/days[1])/(sum[0]/days[0]), 1.25, 1.45)
	between("Sunday ÷ Monday", (byDay[0]/count[0])/(byDay[1]/count[1]), 0.40, 0.56)
	between("Saturday ÷ Monday", (byDay[6]/count[6])/(byDay[1]/count[1]), 0.60, 0.80)
	between("Friday ÷ Thursday during prayers", float64(friday)/float64(thursday), 0.15, 0.40)
	between("share of the night", float64(night)/float64(total), 0.005, 0.03)
	between("second half ÷ first half", (half[1]/halfDays[1])/(half[0]/halfDays[0]), 1.01, 1.15)
	between("leads", float64(total), 7_500, 9_000)
}

// TestHistory_Quality looks at what becomes of the leads.
func TestHistory_Quality(t *testing.T) {
	a, all := history(t)
	people := pairsOf(all)
	staff := ignored(a)
	names := map[[2]string]string{}
	source := map[string]string{} // session + lead: ad title, "" organic
	firstSeen := map[string]int64{}
	firstGrade := map[string]string{}
	var waits []float64
	byGrade, won := map[string]int{}, map[string]int{}
	bySource := map[string][2]int{} // leads graded, graded A or B
	closed, hidden := 0, map[string]bool{}
	for _, b := range all {
		if b.Event == "label.upsert" {
			names[[2]string{b.Session, b.Payload.ID}] = b.Payload.Name
		}
		lead, personal := people.lead(b.Session, b.chat())
		who := b.Session + " " + lead
		if !personal || staff[lead] {
			continue
		}
		switch b.Event {
		case "message.any":
			if _, ok := firstSeen[who]; ok {
				continue
			}
			firstSeen[who] = b.Timestamp
			hidden[who] = strings.HasSuffix(b.chat(), "@lid")
			var m struct {
				ExtendedTextMessage struct {
					ContextInfo struct{ ExternalAdReply struct{ Title string } }
				}
			}
			if len(b.Payload.Data.Message) > 0 {
				if err := json.Unmarshal(b.Payload.Data.Message, &m); err != nil {
					t.Fatal(err)
				}
			}
			source[who] = m.ExtendedTextMessage.ContextInfo.ExternalAdReply.Title
		case "label.chat.added":
			name := names[[2]string{b.Session, b.Payload.LabelID}]
			if b.Payload.Label != nil {
				name = b.Payload.Label.Name
			}
			if name == "Closing" || name == "Lunas" {
				closed++
				won[firstGrade[who]]++
			}
			g, isGrade := strings.CutPrefix(strings.ToLower(name), "grade ")
			if _, ok := firstGrade[who]; ok || !isGrade {
				continue
			}
			firstGrade[who] = g
			byGrade[g]++
			waits = append(waits, float64(b.Timestamp-firstSeen[who])/float64(minute))
			s := bySource[source[who]]
			s[0]++
			if g <= "b" {
				s[1]++
			}
			bySource[source[who]] = s
		}
	}
	graded := float64(len(firstGrade))
	between := func(what string, got, low, high float64) {
		t.Helper()
		if got < low || got > high {
			t.Errorf("%s: %.3f, want %v to %v", what, got, low, high)
		}
	}
	between("leads", float64(len(firstSeen)), 2700, 3300)
	between("share ever graded", graded/float64(len(firstSeen)), 0.8, 0.97)
	between("first grade A", float64(byGrade["a"])/graded, 0.07, 0.20)
	between("first grade B", float64(byGrade["b"])/graded, 0.10, 0.25)
	between("first grade C", float64(byGrade["c"])/graded, 0.25, 0.42)
	between("first grade D", float64(byGrade["d"])/graded, 0.12, 0.28)
	between("first grade E", float64(byGrade["e"])/graded, 0.10, 0.28)
	between("closed", float64(closed)/graded, 0.10, 0.25)
	between("closed of first grade A", float64(won["a"])/float64(byGrade["a"]), 0.25, 0.65)
	between("closed of first grade E", float64(won["e"])/float64(byGrade["e"]), 0, 0.12)
	slices.Sort(waits)
	between("minutes to the first grade, median", waits[len(waits)/2], 60, 900)
	between("minutes to the first grade, one in twenty", waits[len(waits)/20], 5, 90)
	n := 0
	for _, h := range hidden {
		if h {
			n++
		}
	}
	between("share first seen by hidden id", float64(n)/float64(len(hidden)), 0.33, 0.47)
	between("share without an advertisement", float64(bySource[""][0])/graded, 0.30, 0.50) // organic, and opaque ones
	good := func(title string) float64 { return float64(bySource[title][1]) / float64(bySource[title][0]) }
	between("A or B of the better advertisement ÷ of the cheap one", good("Katalog Premium Hansarang")/good("Gamis Harian Diskon 50%"), 2, 8)
}
