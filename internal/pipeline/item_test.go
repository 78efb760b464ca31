package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandai/internal/inbox"
)

// delivery is what the inbox hands out of a body received at a time.
func delivery(body []byte, receivedAt time.Time) inbox.Delivery {
	it := itemOf(body)
	d := inbox.Delivery{Seq: 1, Key: it.Key, Server: it.Server, Session: it.Session, Event: it.Event, At: it.At, Body: it.Body, ReceivedAt: receivedAt.UnixMilli()}
	if it.Quarantine != "" {
		d.State, d.Reason = inbox.Quarantined, it.Quarantine
	}
	return d
}

// ends is how an item leaves: "done", "skipped: group", "quarantined: …".
func (i item) ends() string {
	if i.reason == "" {
		return i.state.String()
	}
	return i.state.String() + ": " + i.reason
}

func TestTimestamps(t *testing.T) {
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	for _, tc := range []struct {
		name      string
		timestamp string // JSON, "" = absent
		now       time.Time
		received  time.Time
		want      string
	}{
		{name: "now", timestamp: ms(now0), want: "done"},
		{name: "the first of 2015", timestamp: "1420070400000", want: "done"},
		{name: "a day ahead", timestamp: ms(now0.Add(24 * time.Hour)), want: "done"},
		{name: "zero", timestamp: "0", want: "quarantined: timestamp is 0, want milliseconds since 1970"},
		{name: "negative", timestamp: "-1795399261337", want: "quarantined: timestamp is -1795399261337, which is negative, want milliseconds since 1970"},
		{name: "seconds", timestamp: "1795399261", want: "quarantined: timestamp is 1795399261, which looks like seconds, want milliseconds"},
		{name: "microseconds", timestamp: "1795399261337000", want: "quarantined: timestamp is 1795399261337000, which looks like microseconds, want milliseconds"},
		{name: "before 2015", timestamp: "1420070399999", want: "quarantined: timestamp is 1420070399999 (2014-12-31), which is before 2015"},
		{name: "over a day ahead", timestamp: ms(now0.Add(24*time.Hour + time.Millisecond)),
			want: "quarantined: timestamp is 1795488400001 (2026-11-24), which is more than a day ahead of this machine's clock (2026-11-23)"},
		{name: "the year 3000", timestamp: "32503680000000", want: "quarantined: timestamp is 32503680000000 (3000-01-01), which is more than a day ahead of this machine's clock (2026-11-23)"},
		{name: "the far future", timestamp: "900000000000000000", want: "quarantined: timestamp is 900000000000000000, which is in the far future"},
		{name: "too large", timestamp: "9223372036854775808", want: "quarantined: timestamp is 9223372036854775808, which is out of range"},
		{name: "a string", timestamp: `"1795399261337"`, want: "quarantined: timestamp is a string, want a whole number"},
		{name: "a fraction", timestamp: "1795399261337.5", want: "quarantined: timestamp is 1795399261337.5, want a whole number"},
		{name: "null", timestamp: "null", want: "quarantined: timestamp is null, want a whole number"},
		{name: "absent", want: "quarantined: timestamp is missing, want a whole number"},

		// Our own clock: what was a fine time when it came stays one.
		{name: "our clock was set back a month", timestamp: ms(now0), now: now0.AddDate(0, -1, 0), received: now0, want: "done"},
		{name: "our clock was set back before it came", timestamp: ms(now0), now: now0.AddDate(0, -1, 0), received: now0.AddDate(0, -1, 0),
			want: "quarantined: timestamp is 1795402000000 (2026-11-23), which is more than a day ahead of this machine's clock (2026-10-23)"},
		{name: "our clock has been put right since", timestamp: ms(now0), now: now0, received: now0.AddDate(0, -1, 0), want: "done"},
		{name: "it waited for a year", timestamp: ms(now0), now: now0.AddDate(1, 0, 0), received: now0, want: "done"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.now.IsZero() {
				tc.now, tc.received = now0, now0
			}
			p := New(Config{Now: func() time.Time { return tc.now }})
			for _, event := range []string{"label.chat.added", "label.upsert", "session.status", "message.any"} {
				payload := map[string]string{
					"label.chat.added": `{"labelId":"1","chatId":"6281299900011@c.us"}`, "label.upsert": `{"id":"1","name":"Grade A"}`,
					"session.status": `{"status":"WORKING"}`, "message.any": `{"id":"m","timestamp":1795390000,"fromMe":false,"from":"6281299900011@c.us"}`,
				}[event]
				it := p.readItem(delivery(envelope("evt_1", map[string]string{"event": `"` + event + `"`, "timestamp": tc.timestamp, "payload": payload}), tc.received))
				if got := it.ends(); got != tc.want {
					t.Errorf("%s\n got %s\nwant %s", event, got, tc.want)
				}
				if (it.input != nil) != (tc.want == "done") {
					t.Errorf("%s: input %+v of what is %s", event, it.input, it.ends())
				}
			}
		})
	}
}

func TestReasons(t *testing.T) {
	payload := func(labelID, chatID string) map[string]string {
		return map[string]string{"payload": fmt.Sprintf(`{"labelId":%s,"label":null,"chatId":%s}`, labelID, chatID)}
	}
	message := func(members string) map[string]string {
		return map[string]string{"event": `"message.any"`, "payload": `{"id":"m","fromMe":false,` + members + `}`}
	}
	long := strings.Repeat("x", 10<<10)
	for _, tc := range []struct {
		name   string
		fields map[string]string
		want   string
	}{
		{"a phone", payload(`"1"`, `"6281299900011@c.us"`), "done"},
		{"a phone as WhatsApp writes it", payload(`"1"`, `"6281299900011@s.whatsapp.net"`), "done"},
		{"a phone's device", payload(`"1"`, `"6281299900011:7@s.whatsapp.net"`), "done"},
		{"a hidden id", payload(`"1"`, `"201000000000011@lid"`), "done"},
		{"a group", payload(`"1"`, `"120363000000000001@g.us"`), "skipped: group"},
		{"a broadcast list", payload(`"1"`, `"6281299900011-1@broadcast"`), "skipped: broadcast"},
		{"statuses", payload(`"1"`, `"status@broadcast"`), "skipped: broadcast"},
		{"a channel", payload(`"1"`, `"120363000000000001@newsletter"`), "skipped: newsletter"},
		{"a bot", payload(`"1"`, `"867051314767696@bot"`), "skipped: other_chat"},
		{"WhatsApp itself", payload(`"1"`, `"0@c.us"`), "skipped: other_chat"},
		{"no server", payload(`"1"`, `"6281299900011"`), "quarantined: payload.chatId has no @"},
		{"two servers", payload(`"1"`, `"6281299900011@c.us@lid"`), "quarantined: payload.chatId has more than one @"},
		{"nobody", payload(`"1"`, `"@c.us"`), "quarantined: payload.chatId has nothing before the @"},
		{"nowhere", payload(`"1"`, `"6281299900011@"`), "quarantined: payload.chatId has nothing after the @"},
		{"a plus", payload(`"1"`, `"+6281299900011@c.us"`), "quarantined: payload.chatId begins with +, want digits only"},
		{"no country code", payload(`"1"`, `"081299900011@c.us"`), "quarantined: payload.chatId begins with 0, want the country code first"},
		{"letters", payload(`"1"`, `"budi@c.us"`), "quarantined: payload.chatId has a character other than a digit before the @"},
		{"too short", payload(`"1"`, `"62@c.us"`), "quarantined: payload.chatId has 2 digits before the @, want 5 to 20"},
		{"an empty chat id", payload(`"1"`, `""`), "quarantined: payload.chatId is empty"},
		{"a chat id with a NUL", payload(`"1"`, `"62812\u000099@c.us"`), "quarantined: payload.chatId has a character no chat id has, at byte 5"},
		{"a chat id with a blank", payload(`"1"`, `"62812 99900011@c.us"`), "quarantined: payload.chatId has a character no chat id has, at byte 5"},
		{"a number as chat id", payload(`"1"`, `6281299900011`), "quarantined: payload.chatId is a number, want a string"},
		{"a long chat id", payload(`"1"`, `"`+long+`@c.us"`), "quarantined: payload.chatId is 10245 bytes long, want at most 128"},
		{"a number as label id", payload(`1`, `"6281299900011@c.us"`), "quarantined: payload.labelId is a number, want a string"},
		{"no label id", map[string]string{"payload": `{"chatId":"6281299900011@c.us"}`}, "quarantined: payload.labelId is missing, want a string"},
		{"an empty label id", payload(`""`, `"6281299900011@c.us"`), "quarantined: payload.labelId is empty"},
		{"a label of another id", map[string]string{"payload": `{"labelId":"1","chatId":"6281299900011@c.us","label":{"id":"2","name":"x"}}`}, "quarantined: payload.label.id is another id than payload.labelId"},
		{"a label that is a string", map[string]string{"payload": `{"labelId":"1","chatId":"6281299900011@c.us","label":"Grade A"}`}, "quarantined: payload.label is a string, want an object or null"},
		{"a 10 kB label name", map[string]string{"event": `"label.upsert"`, "payload": `{"id":"1","name":"` + long + `"}`}, "quarantined: payload.name is 10240 characters long, want at most 255"},
		{"a label name with a NUL", map[string]string{"event": `"label.upsert"`, "payload": `{"id":"1","name":"a\u0000b"}`}, "quarantined: payload.name has a NUL character in it"},
		{"no payload", map[string]string{"payload": ""}, "quarantined: payload is missing, want an object"},
		{"a payload of null", map[string]string{"payload": "null"}, "quarantined: payload is null, want an object"},
		{"no session", map[string]string{"session": ""}, "quarantined: session is missing, want a string"},
		{"an empty session", map[string]string{"session": `""`}, "quarantined: session is empty"},
		{"a session with a blank", map[string]string{"session": `"cs 1"`}, "quarantined: session has the character U+0020, want only letters, digits, '_' and '-'"},
		{"a session with a dot", map[string]string{"session": `"jakarta.cs1"`}, "quarantined: session has the character U+002E, want only letters, digits, '_' and '-'"},
		{"a long session", map[string]string{"session": `"` + strings.Repeat("s", 55) + `"`}, "quarantined: session is 55 characters long, want at most 54"},
		{"an event nobody knows", map[string]string{"event": `"label.v3"`, "payload": ""}, "skipped: unknown_event"},
		{"an event nobody needs", map[string]string{"event": `"message.ack"`, "payload": ""}, "skipped: unused_event"},
		{"me is null", map[string]string{"me": "null"}, "done"},
		{"me is a string", map[string]string{"me": `"6281234500001"`}, "done"},
		{"no me, no metadata, no engine", map[string]string{"me": "", "metadata": "", "engine": ""}, "done"},
		{"metadata of null", map[string]string{"metadata": "null"}, "done"},
		{"a message", message(`"timestamp":1795390000,"from":"6281299900011@c.us"`), "done"},
		{"a message in a group", message(`"timestamp":1795390000,"from":"120363000000000001@g.us"`), "skipped: group"},
		{"somebody's status", message(`"timestamp":1795390000,"from":"status@broadcast"`), "skipped: broadcast"},
		{"a message of no time", message(`"from":"6281299900011@c.us"`), "quarantined: payload.timestamp is missing, want a whole number"},
		{"a message of the far future", message(`"timestamp":4795390000,"from":"6281299900011@c.us"`),
			"quarantined: payload.timestamp is 4795390000000 (2121-12-17), which is more than a day ahead of this machine's clock (2026-11-23)"},
		{"a message in milliseconds", message(`"timestamp":1795390000000,"from":"6281299900011@c.us"`), "quarantined: payload.timestamp is 1795390000000, which is too large for seconds since 1970"},
		{"a message of nobody", message(`"timestamp":1795390000`), "quarantined: payload.from is missing, want a chat id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := New(Config{Now: func() time.Time { return now0 }})
			it := p.readItem(delivery(envelope("evt_1", tc.fields), now0))
			if got := it.ends(); got != tc.want {
				t.Errorf("\n got %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestReasonsInTheInbox: reasons arrive where people look for them, and are counted.
func TestReasonsInTheInbox(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.receive(
		mark("toko", "6281299900011@c.us", "1", true, 1),
		mark("toko", "120363000000000001@g.us", "1", true, 2),
		envelope("evt_3", map[string]string{"timestamp": "1795399261"}),
		envelope("evt_4", map[string]string{"event": `"label.v3"`}),
		[]byte("{"),
	)
	w.run()
	w.same("outcomes", []string{
		"done", "skipped: group", "quarantined: timestamp is 1795399261, which looks like seconds, want milliseconds", "skipped: unknown_event",
		"quarantined: the body is not JSON: it ends too early, at byte 1",
	}, w.outcomes())
	w.same("counted by the inbox", map[string]int64{"group": 1, "unknown_event": 1}, w.stats().Skipped)
	for name, want := range map[string]float64{"outcome=recorded": 1, "outcome=skipped": 2, "outcome=quarantined": 1} {
		if got := w.metric("tandai_pipeline_deliveries_total", name); got != want {
			t.Errorf("deliveries_total{%s} %v, want %v", name, got, want)
		}
	}
	for reason, want := range map[string]float64{SkipGroup: 1, SkipUnknown: 1, SkipBroadcast: 0, SkipNewsletter: 0, SkipOtherChat: 0, SkipIgnored: 0, SkipUnused: 0} {
		if got := w.metric("tandai_pipeline_skipped_total", "reason="+reason); got != want {
			t.Errorf("skipped_total{reason=%s} %v, want %v", reason, got, want)
		}
	}
	if got := w.metric("tandai_log_rows_total"); got != 1 {
		t.Errorf("log_rows_total %v, want 1", got)
	}
}
