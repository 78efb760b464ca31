package app

import (
	"testing"
	"time"

	"tandai/internal/store"
)

func TestLastServer(t *testing.T) {
	type answer struct {
		after time.Duration // since the one before
		name  string
		up    time.Duration
		want  bool
	}
	tests := map[string][]answer{
		"nothing happens": {{0, "a:1", time.Hour, false}, {2 * time.Second, "a:1", time.Hour + 2*time.Second, false}},
		"seconds are rounded, and one answer was late": {{0, "a:1", 100 * time.Second, false}, {4 * time.Second, "a:1", 103 * time.Second, false}},
		"started anew": {{0, "a:1", time.Hour, false}, {2 * time.Second, "a:1", 0, true}, {2 * time.Second, "a:1", 2 * time.Second, false}},
		"started anew while nobody asked, and up for longer than before": {{0, "a:1", 10 * time.Second, false}, {time.Minute, "a:1", 30 * time.Second, true}},
		"another server": {{0, "a:1", time.Hour, false}, {2 * time.Second, "b:1", time.Hour, true}},
		"servers that take turns are told of once a minute": {
			{0, "a:1", time.Hour, false}, {2 * time.Second, "b:1", time.Hour, true}, {2 * time.Second, "a:1", time.Hour, false},
			{30 * time.Second, "b:1", time.Hour, false}, {30 * time.Second, "a:1", time.Hour, true},
		},
		"another one within the minute is told of when it is over": {
			{0, "a:1", time.Hour, false}, {2 * time.Second, "a:1", 0, true}, {20 * time.Second, "a:1", 0, false}, {50 * time.Second, "a:1", 50 * time.Second, true},
		},
		"an engine that has no server": {{0, "", 0, false}, {2 * time.Second, "", 0, false}},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) {
			var last lastServer
			now := time.UnixMilli(1_800_000_000_000)
			for i, a := range answers {
				now = now.Add(a.after)
				if got := last.another(store.Server{Name: a.name, Up: a.up}, now, now); got != a.want {
					t.Errorf("answer %d: another = %v, want %v", i+1, got, a.want)
				}
			}
		})
	}
}
