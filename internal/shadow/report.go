package shadow

import (
	"slices"
	"strings"
)

// Report is the comparison of a table with the log of its session.
type Report struct {
	Table      string         `json:"table"`
	Session    string         `json:"session"`
	Client     string         `json:"klien"`
	Zone       string         `json:"timezone"`
	MadeAt     int64          `json:"made_at"`         // Unix ms
	Since      int64          `json:"since,omitempty"` // Unix ms; 0 = from the beginning
	Until      int64          `json:"until,omitempty"` // exclusive; 0 = without end
	Count      `json:"total"` // of all days
	Days       []Day          `json:"days"` // in order, those without rows left out
	Columns    map[string]int `json:"different_columns"`
	Unreadable int            `json:"unreadable"` // rows of the table that could not be understood, of no day
	Reasons    map[string]int `json:"unreadable_reasons"`
	First      []Finding      `json:"findings"` // the first of each kind
}

// Day is one calendar day of the client.
type Day struct {
	Day string `json:"day"` // 2006-01-02
	Count
}

// Collector makes a report of days that come in any order.
type Collector struct {
	report Report
	show   int
	kept   map[string]int
}

// NewCollector starts a report with its head; of each kind of finding it keeps show.
func NewCollector(head Report, show int) *Collector {
	head.Days, head.First = []Day{}, []Finding{}
	head.Columns, head.Reasons = map[string]int{}, map[string]int{}
	return &Collector{report: head, show: show, kept: map[string]int{}}
}

// Day compares a day and keeps what came of it.
func (c *Collector) Day(day string, here, there []Row) {
	count, found := Compare(here, there)
	c.report.Count.Add(count)
	c.report.Days = append(c.report.Days, Day{day, count})
	for _, f := range found {
		for _, column := range f.Columns {
			c.report.Columns[column]++
		}
		if c.kept[f.Kind] < c.show {
			c.kept[f.Kind]++
			c.report.First = append(c.report.First, f)
		}
	}
}

// Unreadable counts a row of the table that could not be understood.
func (c *Collector) Unreadable(reason string) {
	c.report.Unreadable++
	c.report.Reasons[reason]++
}

// Report is what has been collected, its days in order.
func (c *Collector) Report() Report {
	slices.SortFunc(c.report.Days, func(a, b Day) int { return strings.Compare(a.Day, b.Day) })
	return c.report
}
