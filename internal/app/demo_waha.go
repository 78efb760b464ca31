package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"tandai/internal/config"
	"tandai/internal/connect"
	"tandai/internal/waha/wahasim"
)

// DemoKey is the API key of a demo's WAHA. It guards nothing: everybody in it is
// invented, and it listens on this machine only.
const DemoKey = "demo"

// unknownLids is the share of hidden ids that a demo's WAHA knows no number for,
// so that there are people to be seen whose number is not known.
const unknownLids = 0.15

// demoWAHA is the simulated WAHA of a demo as a server that can be asked.
type demoWAHA struct {
	node   *wahasim.Node
	listen net.Listener
}

// newDemoWAHA listens; nothing is answered before run.
func newDemoWAHA(srv *wahasim.Server, seed uint64) (*demoWAHA, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	node := wahasim.NewNode(srv, wahasim.NodeConfig{
		Keys: []wahasim.Key{{Key: DemoKey}}, Seed: seed, StatusWait: 15 * time.Second, StartTime: 3500 * time.Millisecond,
	})
	if err := node.Break(wahasim.Trouble{Fault: wahasim.LidsNull, Share: unknownLids}); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &demoWAHA{node: node, listen: l}, nil
}

func (w *demoWAHA) url() string { return "http://" + w.listen.Addr().String() }

// tell lets a configuration ask this WAHA.
func (w *demoWAHA) tell(cfg *config.Config) {
	cfg.WAHA.URL = w.url()
	cfg.WAHA.APIKey = config.NewSecret(DemoKey)
}

// hook sends all sessions' events to a door, set up as `tandai waha connect` does.
func (w *demoWAHA) hook(sessions []string, door, key string) error {
	for _, name := range sessions {
		phone := w.node.Server().Phone(name)
		plan, err := connect.Make(w.node.Configured(name), connect.Want{
			URL: door, Keys: []string{key}, Messages: true, NowebStore: phone != nil && phone.Engine() == wahasim.NOWEB,
		})
		if err != nil {
			return err
		}
		if err := w.node.Configure(name, string(plan.Config)); err != nil {
			return err
		}
	}
	return nil
}

// run answers until ctx ends.
func (w *demoWAHA) run(ctx context.Context) error {
	server := &http.Server{Handler: w.node, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() {
		w.node.Close() // sockets too, which Shutdown would not wait for
		server.Close()
	})
	defer stopped()
	if err := server.Serve(w.listen); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
