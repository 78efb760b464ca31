package web

import (
	"cmp"
	"slices"

	"tandai/internal/report"
)

// chartView is the hour as bars. The drawing is stretched to the width of its
// card, so all writing stands beside it and keeps its size on a phone.
type chartView struct {
	sectionView
	Caption, Desc string
	Width, Height int // of the drawing's own coordinates
	Bars          []barView
	Lines         []int    // heights of the rules, drawing coordinates
	Scale         []string // what stands at the rules, from the top
	Hours         []string // what stands under the bars, at equal distances
	Table         []minuteView
}

type barView struct {
	Title           string
	X, Y, W, H      int
	SlotX, SlotW    int // all of the minute's width: easier to point at
	Running, Filled bool
}

type minuteView struct{ Minute, Count, Note string }

const (
	barSlot    = 12
	barWidth   = 9
	chartTall  = 160
	hourLabels = 4
)

func chart(l locale, n report.Now) chartView {
	q := n.Queue.Value
	busiest := slices.MaxFunc(q.Minutes[:], func(a, b report.Minute) int { return cmp.Compare(a.Count, b.Count) })
	title := l.ChartQuiet
	if busiest.Count > 0 {
		title = l.plural(l.ChartBusy, q.LastHour(), l.hour(busiest.At), l.num(busiest.Count))
	}
	v := chartView{
		sectionView: section(l, n, n.Queue, l.ChartTitle, title), Caption: l.ChartCaption, Width: report.Minutes * barSlot, Height: chartTall,
	}
	if !v.Known {
		return v
	}
	first, last := q.Minutes[0], q.Minutes[report.Minutes-1]
	v.Desc = l.fill(l.ChartDesc, l.hour(first.At), l.hour(last.At), l.num(busiest.Count))
	top := niceTop(busiest.Count)
	v.Scale = []string{l.num(top), l.num(top / 2), l.num(0)}
	v.Lines = []int{0, chartTall / 2, chartTall}
	for i := range hourLabels {
		v.Hours = append(v.Hours, l.hour(q.Minutes[i*report.Minutes/hourLabels].At))
	}
	for i, m := range q.Minutes {
		tall := int(m.Count * chartTall / top)
		if m.Count > 0 {
			tall = max(tall, 2) // one among thousands is still to be seen
		}
		running := i == report.Minutes-1
		v.Bars = append(v.Bars, barView{
			Title: l.plural(l.MinuteTitle, m.Count, l.hour(m.At)),
			X:     i*barSlot + (barSlot-barWidth)/2, Y: chartTall - tall, W: barWidth, H: tall, SlotX: i * barSlot, SlotW: barSlot,
			Running: running, Filled: m.Count > 0,
		})
		row := minuteView{Minute: l.hour(m.At), Count: l.num(m.Count)}
		if running {
			row.Note = l.RunningMinute
		}
		v.Table = append(v.Table, row)
	}
	slices.Reverse(v.Table)
	return v
}

// niceTop is the smallest of 2, 4, 6, 8, 10, 20, 40 … that is not below n, so
// that its half is a whole number too.
func niceTop(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, top := range []int64{2, 4, 6, 8, 10} {
			if top*unit >= n {
				return top * unit
			}
		}
	}
}
