package web

import (
	"cmp"
	"strings"

	"tandai/internal/report"
	"tandai/internal/store"
)

// noticesShown is up to how many open alarms have a notice each on the first page.
const noticesShown = 3

// alarmNotices are the open alarms as the first page has them: one each, or where
// there are many, one that names their sessions. The system page has the rest.
func alarmNotices(l locale, n report.Now) []noticeView {
	t := &l.Texts.System
	names := sessionNames(n.Sessions.Value)
	where := func(a store.Alarm) string {
		if a.Kind == store.AlarmWAHA {
			return maskText(strings.TrimSpace("WAHA " + a.Subject))
		}
		return maskText(cmp.Or(names[a.Subject], a.Subject))
	}
	if len(n.Open) > noticesShown {
		var list []string
		for _, a := range n.Open {
			list = append(list, where(a))
		}
		return []noticeView{{Kind: "bad", Title: l.plural(t.AlarmsTitle, int64(len(n.Open))), Text: strings.Join(list, ", ")}}
	}
	var all []noticeView
	for _, a := range n.Open {
		notice := noticeView{
			Kind: "bad", Title: where(a) + ": " + cmp.Or(t.AlarmKinds[string(a.Kind)], maskText(string(a.Kind))),
			Text: l.fill(l.Since, l.moment(cmp.Or(a.Since, a.RaisedAt), n.At)), Details: maskText(a.Detail.Error),
		}
		if a.Kind == store.AlarmSession {
			notice.Text += " · " + cmp.Or(l.Statuses[a.Detail.Status], maskText(a.Detail.Status))
		}
		all = append(all, notice)
	}
	return all
}
