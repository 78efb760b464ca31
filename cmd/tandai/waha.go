package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandai/internal/app"
	"tandai/internal/config"
)

type wahaCmd struct {
	Connect wahaConnectCmd `cmd:"" help:"Have WAHA send its label events here: shows what it will change in each session, asks, writes it, and waits for the first event."`
}

type wahaConnectCmd struct {
	Check      bool          `help:"Only report; exit 1 when anything differs."`
	Yes        bool          `short:"y" help:"Do not ask. WAHA restarts each running session that is changed, for 3 to 4 seconds."`
	Session    []string      `help:"Only these sessions; server.session where it is not the first server's." placeholder:"NAME"`
	URL        string        `name:"url" help:"This Tandai's address as WAHA sees it (default: waha.webhook_url)." placeholder:"URL"`
	Messages   bool          `help:"Ask for message.any too: phones behind hidden ids, first messages, adverts. No text of it is kept."`
	NowebStore bool          `help:"Switch on the store of NOWEB sessions; without it they send no label events."`
	Replace    []string      `help:"An earlier address of this Tandai, whose hook becomes this one." placeholder:"URL"`
	MakeKey    string        `help:"Make a signature key in a new file, where none is configured." placeholder:"FILE"`
	NoKey      bool          `help:"Go without a signature key: whoever reaches the door can write."`
	Wait       time.Duration `help:"How long to wait for the first event of each session." default:"60s"`
	JSON       bool          `help:"Print the result as JSON."`
}

func (c *wahaConnectCmd) Run(ctx context.Context, g *Globals, o out) error {
	switch {
	case c.Check && (c.Yes || c.MakeKey != ""):
		return fmt.Errorf("%w: --check changes nothing, so --yes and --make-key make no sense with it", errUsage)
	case c.NoKey && c.MakeKey != "":
		return fmt.Errorf("%w: --no-key or --make-key, not both", errUsage)
	case c.Wait < 0:
		return fmt.Errorf("%w: --wait %s is less than no time", errUsage, c.Wait)
	}
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	p := &connecting{cmd: c, cfg: cfg, o: o, ask: asker(os.Stdin, os.Stderr)}
	p.opt = app.ConnectOptions{Sessions: c.Session, URL: c.URL, Replace: c.Replace, Messages: c.Messages, NowebStore: c.NowebStore, NoKey: c.NoKey}
	if c.JSON { // for a script: nobody is asked
		p.o, p.ask = out{io.Discard}, nil
	}
	if c.MakeKey != "" {
		if err := p.makeKey(c.MakeKey); err != nil {
			return err
		}
	}
	failed, err := p.run(ctx)
	if c.JSON && p.conn != nil {
		if err := json.NewEncoder(o).Encode(p.result()); err != nil {
			return err
		}
	}
	if err == nil && failed {
		err = errQuiet
	}
	return err
}

// connecting is one run of the command.
type connecting struct {
	cmd     *wahaConnectCmd
	cfg     *config.Config
	o       out
	ask     func(question string) (yes, answered bool) // nil: nobody can be asked
	opt     app.ConnectOptions
	conn    *app.Connector
	keyFile string // where a key made in this run goes, "" for none
}

// run reports, and where it may, writes. failed tells that it has said what went
// wrong.
func (p *connecting) run(ctx context.Context) (failed bool, err error) {
	if p.conn, err = app.ReadConnections(ctx, p.cfg, p.opt); err != nil {
		return false, err
	}
	defer func() { p.conn.Close() }()
	if unsigned := p.conn.Unsigned(); len(unsigned) > 0 && !p.cmd.NoKey && !p.cmd.Check && p.offerKey() {
		if err := errors.Join(p.conn.Close(), p.makeKey(filepath.Join(p.cfg.DataDir, "waha_hmac_key"))); err != nil {
			return false, err
		}
		if p.conn, err = app.ReadConnections(ctx, p.cfg, p.opt); err != nil {
			return false, err
		}
	}
	p.conn.CheckDoors(ctx)
	p.show()
	if len(p.conn.Unsigned()) > 0 && !p.cmd.NoKey {
		fmt.Fprint(p.o, noKey)
		return true, nil
	}
	open := p.conn.Open()
	switch {
	case p.cmd.Check:
		if len(open) > 0 {
			fmt.Fprintf(p.o, "\n%s to be changed: `tandai waha connect` does it.\n", areOrIs(len(open)))
		}
		return len(open) > 0 || p.conn.Failed(), nil
	case len(open) == 0:
		if !p.conn.Failed() {
			fmt.Fprintln(p.o, "\nNothing has to be changed.")
		}
		return p.conn.Failed(), nil
	}
	fmt.Fprintln(p.o, "\nWAHA restarts each of these sessions that runs: for 3 to 4 seconds it hears nothing, and label changes of that time arrive a little later.")
	if !p.cmd.Yes && !p.agreed(len(open)) {
		return p.conn.Failed(), nil
	}
	if p.keyFile != "" {
		if err := saveKey(p.keyFile, p.opt.Key); err != nil {
			return false, err
		}
	}
	failed, err = p.write(ctx, open)
	if p.keyFile != "" {
		fmt.Fprintf(p.o, "\nThe new key is in %s. Now set waha.hmac_key_file: %s and restart `tandai serve`: until then it believes whoever reaches it.\n", p.keyFile, p.keyFile)
	}
	return failed, err
}

// agreed asks. Where nobody answers it was a dry run.
func (p *connecting) agreed(sessions int) bool {
	if p.ask != nil {
		yes, answered := p.ask(fmt.Sprintf("Write this to %s? [y/N] ", count(sessions, "session")))
		if yes {
			return true
		}
		if answered {
			fmt.Fprintln(p.o, "Nothing was written.")
			return false
		}
	}
	fmt.Fprintln(p.o, "Nothing was written: say --yes to have it done.")
	return false
}

// asker asks whoever sits at the terminal in, nil where there is none. answered is
// false where the input ends without a word.
func asker(in *os.File, screen io.Writer) func(string) (yes, answered bool) {
	null, err := os.Stat(os.DevNull)
	if at, inErr := in.Stat(); err != nil || inErr != nil || os.SameFile(at, null) || !isTerminal(in) {
		return nil
	}
	lines := bufio.NewReader(in)
	return func(question string) (yes, answered bool) {
		fmt.Fprint(screen, question)
		line, err := lines.ReadString('\n')
		word := strings.ToLower(strings.TrimSpace(line))
		return word == "y" || word == "yes" || word == "ya", err == nil || word != ""
	}
}

// write writes and waits.
func (p *connecting) write(ctx context.Context, open []*app.ConnectLink) (failed bool, err error) {
	var written []*app.ConnectLink
	fmt.Fprintln(p.o)
	for _, l := range open {
		p.conn.Write(ctx, l)
		if ctx.Err() != nil && l.Error != "" {
			return true, ctx.Err()
		}
		switch {
		case l.Error != "":
			fmt.Fprintf(p.o, "%s: %s\n", l.Session, l.Error)
		case !l.Starts():
			fmt.Fprintf(p.o, "%s: written. It is %s: start it, and events come\n", l.Session, l.Status)
		default:
			fmt.Fprintf(p.o, "%s: written\n", l.Session)
		}
		if l.Written && l.Starts() {
			written = append(written, l)
		}
	}
	if len(written) == 0 || p.cmd.Wait == 0 {
		return p.conn.Failed(), nil
	}
	if !p.conn.CanHear() {
		fmt.Fprintf(p.o, "\nWhether events arrive cannot be seen from here: there is no inbox in %s.\nRun this where `tandai serve` runs, with its --data-dir; or look at its page.\n", p.cfg.DataDir)
		return p.conn.Failed(), nil
	}
	fmt.Fprintf(p.o, "Waiting up to %s for the first event of %s …\n", p.cmd.Wait, count(len(written), "session"))
	began := time.Now()
	err = p.conn.Await(ctx, written, p.cmd.Wait, func(l *app.ConnectLink) {
		fmt.Fprintf(p.o, "%s: %s came after %s. It is connected\n", l.Session, l.Heard, time.Since(began).Round(100*time.Millisecond))
	})
	if err != nil {
		return true, err
	}
	silent := false
	for _, l := range written {
		if l.Silent {
			silent = true
			fmt.Fprintf(p.o, "%s: nothing came\n", l.Session)
		}
	}
	if silent {
		fmt.Fprint(p.o, silence)
	}
	return p.conn.Failed(), nil
}

const silence = `
The configuration is written, but no event has arrived. Look at, in this order:
  - is ` + "`tandai serve`" + ` running, with this data folder? (tandai doctor)
  - does WAHA reach that address? From WAHA's machine or container:
      curl -i ADDRESS      must answer 405 and {"result":"rejected", …}
  - what does WAHA's log say of the webhook? 401 is another key, 404 another path
  - is the session WORKING in WAHA's dashboard?
`
