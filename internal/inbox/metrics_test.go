package inbox

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetrics(t *testing.T) {
	b := open(t, newPath(t), func(cfg *Config) { cfg.MaxBytes = 1 << 30 })
	reg := prometheus.NewRegistry()
	if err := reg.Register(b); err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		put(t, b, item(n))
	}
	settle(t, b, Done, "", 1)
	settle(t, b, Skipped, "group", 2)
	settle(t, b, Quarantined, "a long sentence", 3)
	hook(t, b, hooks{beforeCommit: func() error { return errTest }})
	b.Put(ctx, item(9))
	hook(t, b, hooks{})

	got := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += "/" + l.GetValue()
			}
			switch {
			case m.Counter != nil:
				got[name] = m.Counter.GetValue()
			case m.Gauge != nil:
				got[name] = m.Gauge.GetValue()
			default:
				got[name] = float64(m.Histogram.GetSampleCount())
			}
		}
	}
	for name, want := range map[string]float64{
		"tandai_inbox_bodies//waiting": 2, "tandai_inbox_bodies//done": 1, "tandai_inbox_bodies/group/skipped": 1,
		"tandai_inbox_bodies//quarantined": 1, "tandai_inbox_limit_bytes": 1 << 30, "tandai_inbox_pruned_bodies_total": 0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s = %v, want %v", name, v, want)
		}
	}
	if got["tandai_inbox_commits_total/failed"] < 1 || got["tandai_inbox_commits_total/committed"] < 8 ||
		got["tandai_inbox_commit_seconds"] != got["tandai_inbox_commits_total/committed"] || got["tandai_inbox_used_bytes"] <= 0 {
		t.Errorf("metrics: %v", got)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
	b.Close()
	if _, err := reg.Gather(); err != nil {
		t.Errorf("a closed inbox spoils the metrics: %v", err)
	}
}
