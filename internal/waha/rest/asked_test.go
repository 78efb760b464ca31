package rest

import "testing"

func TestAsked_ByWAHA(t *testing.T) {
	for _, tc := range []struct {
		name  string
		asked Asked
		took  int64
		want  int64
	}{
		{"no date", Asked{At: 1000500}, 0, 1000500},
		{"a second off", Asked{At: 1000500, Date: 1001000}, 0, 1000500},
		{"two seconds off", Asked{At: 1000000, Date: 1002000}, 0, 1000000},
		{"an hour ahead", Asked{At: 1000500, Date: 4600000}, 20, 4600000},
		{"an hour behind", Asked{At: 4600500, Date: 1000000}, 20, 1000000},
		{"cut to the second, it is not behind", Asked{At: 1002999, Date: 1000000}, 0, 1002999},
		{"a slow answer is no clock that is ahead", Asked{At: 1000000, Date: 1030000}, 30000, 1000000},
		{"an hour ahead, and slow", Asked{At: 1000000, Date: 4630000}, 30000, 4600000},
		{"our clock was set back meanwhile", Asked{At: 1000000, Date: 1001000}, -60000, 1000000},
	} {
		if got := tc.asked.ByWAHA(tc.asked.At + tc.took); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}
