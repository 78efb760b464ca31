package storetest

import (
	"fmt"

	"pgregory.net/rapid"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// DrawHistory draws what a few people and labels go through in some sessions:
// marks, repeats and contradictions in the same millisecond, labels renamed,
// deleted and made again, hidden ids that turn out to be phones, numbers and
// clients that are said late or change. No two inputs have one id; every input
// is valid.
func DrawHistory(t *rapid.T, sessions ...string) []store.Input {
	// Either everything crowds into a few milliseconds or minutes, or it spreads over weeks.
	unit := rapid.SampledFrom([]int64{1, 20 * 1000, 7 * 60 * 60 * 1000}).Draw(t, "unit")
	at := rapid.Map(rapid.Int64Range(0, 40), func(n int64) int64 { return n * unit })
	var in []store.Input
	known := map[string]bool{}
	for range rapid.IntRange(1, 30).Draw(t, "inputs") {
		i := drawInput(t, Scene{rapid.SampledFrom(sessions).Draw(t, "session")}, at.Draw(t, "at"))
		id := ""
		switch {
		case i.Event != nil:
			id = i.Event.ID
		case i.Change != nil:
			id = i.Change.ID
		}
		if id == "" || !known[id] {
			in = append(in, i)
		}
		known[id] = true
	}
	return in
}

var (
	drawChat    = rapid.SampledFrom([]string{"6285678000111@c.us", "201000000000001@lid", "6285678000222@c.us", "201000000000002@lid", "201000000000002:7@lid"})
	drawHidden  = rapid.SampledFrom([]string{"201000000000001@lid", "201000000000002@lid"})
	drawPhone   = rapid.SampledFrom([]string{"6285678000111", "6285678000222", "6285678000333"})
	drawLabelID = rapid.SampledFrom([]string{"1", "2", "10"})
	drawName    = rapid.SampledFrom([]string{"Grade A", "Grade B", "grade a", "🔥", "🧊", "שלום", "Ⓐ"})
	drawColor   = rapid.SampledFrom([]int{label.NoColor, 0, 3, 25})
	drawNumber  = rapid.SampledFrom([]string{"", "", "6281234000001", "6281234000002"})
	drawClient  = rapid.SampledFrom([]string{"", "", "hansarang", "sari"})
)

func drawInput(t *rapid.T, s Scene, at int64) store.Input {
	chat, labelID := drawChat.Draw(t, "chat"), drawLabelID.Draw(t, "label")
	var in store.Input
	switch kind := rapid.IntRange(0, 21).Draw(t, "kind"); {
	case kind < 7:
		in = s.Put(chat, labelID, at)
	case kind < 11:
		in = s.Take(chat, labelID, at)
	case kind < 12:
		in = s.Found(chat, labelID, at)
	case kind < 14:
		in = s.Name(labelID, drawName.Draw(t, "name"), drawColor.Draw(t, "color"), at)
	case kind < 16:
		in = s.Delete(labelID, at)
	case kind < 18:
		return s.Pair(drawHidden.Draw(t, "hidden"), drawPhone.Draw(t, "phone"), at)
	case kind < 19:
		return drawMessage(t, s, chat, at)
	default:
		status := rapid.SampledFrom([]string{"WORKING", "SCAN_QR_CODE", "STARTING"}).Draw(t, "status")
		if in = s.Status(status, at); rapid.Bool().Draw(t, "NOWEB") {
			in = s.Said(status, at)
		}
	}
	if in.Event != nil && rapid.Bool().Draw(t, "carries the name") {
		in = Called(in, rapid.SampledFrom([]string{"Grade A", "Grade B", "🔥"}).Draw(t, "name"), rapid.SampledFrom([]int{label.NoColor, 3}).Draw(t, "color"))
	}
	if in.Event != nil && rapid.IntRange(0, 9).Draw(t, "imported") == 0 {
		in.Event.Source = label.FromImport
	}
	return From(in, drawNumber.Draw(t, "number"), drawClient.Draw(t, "client"))
}

func drawMessage(t *rapid.T, s Scene, chat string, at int64) store.Input {
	switch rapid.IntRange(0, 2).Draw(t, "message") {
	case 0:
		return s.In(chat, at)
	case 1:
		return s.Out(chat, at)
	}
	ad := rapid.SampledFrom([]string{"", "120210000000000001", "120210000000000002"}).Draw(t, "ad")
	return s.Ad(chat, lead.Referral{SourceType: "ad", SourceID: ad, Entry: "ctwa_ad"}, at)
}

// Shuffle is the history as a bad network delivers it: in any order, some of it
// twice, cut into batches anyhow.
func Shuffle(t *rapid.T, in []store.Input) [][]store.Input {
	all := append([]store.Input(nil), in...)
	if len(in) > 0 {
		all = append(all, rapid.SliceOfN(rapid.SampledFrom(in), 0, len(in)/2).Draw(t, "twice")...)
	}
	all = rapid.Permutation(all).Draw(t, "order")
	var batches [][]store.Input
	for len(all) > 0 {
		n := rapid.IntRange(1, min(len(all), rapid.SampledFrom([]int{1, 4, 60}).Draw(t, "at most"))).Draw(t, fmt.Sprintf("batch of %d", len(all)))
		batches, all = append(batches, all[:n]), all[n:]
	}
	return batches
}
