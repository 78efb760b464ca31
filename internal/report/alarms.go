package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandai/internal/store"
)

// AlarmStore is what the report of alarms reads. store.AlarmReader satisfies it.
type AlarmStore interface {
	OpenAlarms(ctx context.Context) ([]store.Alarm, error)
	RecentAlarms(ctx context.Context, since int64, limit int) ([]store.Alarm, error)
}

// Alarms are what the radar found.
type Alarms struct {
	Open    []store.Alarm // newest first
	Past    []store.Alarm // over within AlarmDays, newest first, at most AlarmsShown
	Hearing []Hearing     // by session; how numbers are judged at this moment
}

// How far back, and how many, alarms that are over are shown.
const (
	AlarmDays   = 30
	AlarmsShown = 30
)

// Hearing is how the radar judges one number.
type Hearing struct {
	Session string
	State   HearingState
	LastAt  int64 // the newest event, Unix ms; 0 = none known
	AlarmAt int64 // from when on silence would be an alarm, Unix ms; 0 = not known
}

// HearingState says what a number's silence means.
type HearingState string

// The states of a number's hearing.
const (
	Learning HearingState = "learning" // too little is known of it yet
	Hears    HearingState = "hears"
	TooQuiet HearingState = "quiet" // its traffic is so thin that silence says nothing
	Deaf     HearingState = "deaf"
)

func (r *Reports) readAlarms(ctx context.Context) (Alarms, error) {
	db := r.cfg.Wings.Alarms
	open, err := db.OpenAlarms(ctx)
	if err != nil {
		return Alarms{}, fmt.Errorf("alarms: %w", err)
	}
	a := Alarms{Open: slices.Clone(open)}
	slices.Reverse(a.Open)
	recent, err := db.RecentAlarms(ctx, r.cfg.Now().Add(-AlarmDays*24*time.Hour).UnixMilli(), AlarmsShown+len(open))
	if err != nil {
		return Alarms{}, fmt.Errorf("alarms: %w", err)
	}
	for _, alarm := range recent {
		if alarm.ClearedAt != 0 && len(a.Past) < AlarmsShown {
			a.Past = append(a.Past, alarm)
		}
	}
	return a, nil
}
