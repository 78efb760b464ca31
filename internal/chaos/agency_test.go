package chaos

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/store/storetest"
	"tandai/internal/waha/rest"
	"tandai/internal/waha/wahasim"
)

// agency is WAHA servers that answer REST and send webhooks to one node of
// Tandai, wherever that is reached now.
type agency struct {
	rng   *rand.Rand
	hooks *httptest.Server // stands still where serve comes and goes
	serve atomic.Pointer[serve]
	wahas []*wahaServer
}

// wahaServer is one WAHA.
type wahaServer struct {
	name   string // in the configuration; "" for the first
	sim    *wahasim.Server
	node   *wahasim.Node
	web    *httptest.Server
	phones []*agent
}

// agent is one session and whom it talks to.
type agent struct {
	*wahasim.Phone
	people []wahasim.Lead
}

func newAgency(t testing.TB, rng *rand.Rand, engines ...[]wahasim.Engine) *agency {
	t.Helper()
	a := &agency{rng: rng}
	a.hooks = httptest.NewServer(http.HandlerFunc(a.pass))
	t.Cleanup(a.hooks.Close)
	for i, list := range engines {
		w := &wahaServer{sim: wahasim.New(wahasim.Config{Seed: rng.Uint64()})}
		if i > 0 {
			w.name = fmt.Sprintf("w%d", i+1)
		}
		w.node = wahasim.NewNode(w.sim, wahasim.NodeConfig{Seed: rng.Uint64(), Keys: []wahasim.Key{{Key: "key-" + w.name}}})
		t.Cleanup(w.node.Close)
		w.web = httptest.NewServer(w.node)
		t.Cleanup(w.web.Close)
		for j, engine := range list {
			p, err := w.sim.AddPhone(wahasim.PhoneConfig{Session: fmt.Sprintf("cs%d", j+1), Engine: engine, Number: fmt.Sprintf("62811%d%d000001", i, j), PushName: "CS"})
			if err != nil {
				t.Fatal(err)
			}
			g := &agent{Phone: p}
			for k := range 30 {
				g.people = append(g.people, wahasim.Lead{Phone: fmt.Sprintf("62812%d%d%06d", i, j, k), LID: fmt.Sprintf("2%d%d%011d", i, j, k)})
			}
			w.phones = append(w.phones, g)
			hook := fmt.Sprintf(`{"webhooks":[{"url":%q,"events":["*"],"hmac":{"key":%q},"retries":{"policy":"constant","delaySeconds":0.2,"attempts":300}}]}`,
				a.hooks.URL+"/webhooks/waha/"+w.name, hmacKey)
			if err := w.node.Configure(p.Session(), hook); err != nil {
				t.Fatal(err)
			}
			w.node.Emit(p.Status(now(), wahasim.StatusWorking, ""))
			for id := range 6 {
				w.node.Emit(p.Upsert(now(), wahasim.Label{ID: fmt.Sprint(id + 1), Name: fmt.Sprintf("Grade %c", 'A'+id), Color: id}))
			}
		}
		a.wahas = append(a.wahas, w)
	}
	return a
}

func now() int64 { return time.Now().UnixMilli() }

// pass hands a webhook on to the serve that runs now.
func (a *agency) pass(w http.ResponseWriter, r *http.Request) {
	s := a.serve.Load()
	if s == nil {
		http.Error(w, "nobody is there", http.StatusBadGateway)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, s.url+strings.TrimSuffix(r.URL.Path, "/"), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	req.Header = r.Header.Clone()
	res, err := plain.Do(req)
	if err != nil {
		http.Error(w, "nobody is there", http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // a sender that hangs up is one of the faults
}

// config is the YAML that makes Tandai ask these servers.
func (a *agency) config(more string) string {
	var b strings.Builder
	for i, w := range a.wahas {
		switch i {
		case 0:
			fmt.Fprintf(&b, "waha:\n  url: %s\n  api_key: %q\n  hmac_key: %q\n", w.web.URL, "key-", hmacKey)
		case 1:
			b.WriteString("  servers:\n")
			fallthrough
		default:
			fmt.Fprintf(&b, "    - {name: %s, url: %q, api_key: %q, hmac_key: %q}\n", w.name, w.web.URL, "key-"+w.name, hmacKey)
		}
	}
	return b.String() + more
}

// trouble switches a fault on everywhere it can be.
func (a *agency) trouble(t testing.TB, all ...wahasim.Trouble) {
	t.Helper()
	for _, w := range a.wahas {
		for _, one := range all {
			if err := w.node.Break(one); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (a *agency) mend(all ...wahasim.Fault) {
	for _, w := range a.wahas {
		for _, f := range all {
			w.node.Mend(f)
		}
	}
}

// work lets so many things happen on the phones, in bursts.
func (a *agency) work(n int) {
	for n > 0 {
		w := a.wahas[a.rng.IntN(len(a.wahas))]
		p := w.phones[a.rng.IntN(len(w.phones))]
		var evs []wahasim.Event
		for range 1 + a.rng.IntN(8) {
			l := p.people[a.rng.IntN(len(p.people))].As(a.rng.IntN(3) == 0)
			id := fmt.Sprint(1 + a.rng.IntN(6))
			if a.rng.IntN(5) < 3 {
				evs = append(evs, p.Label(now(), l, id))
			} else {
				evs = append(evs, p.Unlabel(now(), l, id))
			}
			n--
		}
		w.node.Emit(evs...)
		time.Sleep(time.Duration(a.rng.IntN(5)) * time.Millisecond)
	}
}

// wait returns when no webhook is under way any more.
func (a *agency) wait() {
	for _, w := range a.wahas {
		w.node.Wait()
	}
}

// person is who a chat or a lead of the agency is, however it is addressed.
func (a *agency) person(session, chat string) string {
	user, server, _ := strings.Cut(chat, "@")
	for _, w := range a.wahas {
		for _, p := range w.phones {
			if a.session(w, p) != session {
				continue
			}
			for _, l := range p.people {
				if server == "lid" && user == l.LID || server != "lid" && user == l.Phone {
					return l.Phone
				}
			}
		}
	}
	return user
}

// tie has WAHA tell all it knows of hidden ids: a simulated phone shows two chats of
// one person as one only when somebody can know that they are.
func (a *agency) tie(t testing.TB) {
	t.Helper()
	for _, w := range a.wahas {
		c, err := rest.New(rest.Config{URL: w.web.URL, Key: "key-" + w.name})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range w.phones {
			if _, err := c.Lids(t.Context(), p.Session(), 1000, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (a *agency) session(w *wahaServer, p *agent) string {
	if w.name == "" {
		return p.Session()
	}
	return w.name + "." + p.Session()
}

// truth is what all phones show, read over REST: "session person label".
func (a *agency) truth(t testing.TB) []string {
	t.Helper()
	all := map[string]bool{}
	for _, w := range a.wahas {
		c, err := rest.New(rest.Config{URL: w.web.URL, Key: "key-" + w.name})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range w.phones {
			labels, _, err := c.Labels(t.Context(), p.Session())
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range labels {
				chats, _, err := c.LabelChats(t.Context(), p.Session(), l.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, chat := range chats {
					s := a.session(w, p)
					all[s+" "+a.person(s, chat)+" "+l.ID] = true
				}
			}
		}
	}
	return keys(all)
}

// shown is what Tandai shows: "session person label".
func (a *agency) shown(t testing.TB, h storetest.Harness) []string {
	t.Helper()
	all := map[string]bool{}
	for _, r := range h.Query(t, "SELECT session, nomor_lead, label_id FROM active_labels") {
		all[r[0]+" "+a.person(r[0], r[1])+" "+r[2]] = true
	}
	return keys(all)
}

func keys(all map[string]bool) []string {
	list := make([]string, 0, len(all))
	for k := range all {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// agree fails the test where Tandai does not show what WAHA does.
func (a *agency) agree(t testing.TB, h storetest.Harness) {
	t.Helper()
	want, got := a.truth(t), a.shown(t, h)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("active labels (-WAHA +Tandai):\n%s", short(diff, 4000))
	}
	t.Logf("%d active labels, %s rows by webhook, %s by comparing", len(want),
		h.Query(t, "SELECT count(*) FROM label_events WHERE source = 'webhook'")[0][0],
		h.Query(t, "SELECT count(*) FROM label_events WHERE source = 'snapshot'")[0][0])
}
