// Command tandai records the labels that customer-service agents set on WhatsApp
// chats, and turns them into state that can be trusted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tandai/internal/app"
	"tandai/internal/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line: one field a command, one file each.
type commands struct {
	Globals

	Serve   serveCmd   `cmd:"" help:"Receive webhooks, record them and show them. With no configuration at all: SQLite under ./data, http://127.0.0.1:8080."`
	Demo    demoCmd    `cmd:"" help:"Serve a throw-away folder filled with a believable agency, with a simulated WAHA that keeps sending."`
	Migrate migrateCmd `cmd:"" help:"Bring the database's schema up to date. serve does it by itself."`
	Rebuild rebuildCmd `cmd:"" help:"Recompute spans, names and summaries from the log. Safe while serving."`
	Verify  verifyCmd  `cmd:"" help:"Check that what is stored is what the log says. Writes nothing; exits 1 when it differs."`
	Replay  replayCmd  `cmd:"" help:"Run received bodies again, idempotently. Safe while serving."`

	Reconcile reconcileCmd `cmd:"" help:"Compare with the labels WAHA shows, and record what no webhook told. Safe while serving."`

	Outbox     outboxCmd     `cmd:"" help:"See what is to be sent to destinations, and try again what was given up."`
	Quarantine quarantineCmd `cmd:"" help:"See the bodies that could not be understood, and deal with them."`

	Waha   wahaCmd   `cmd:"" help:"Set WAHA up to send its events here."`
	Shadow shadowCmd `cmd:"" help:"Compare the table that n8n writes with what Tandai recorded, per day."`
	Import importCmd `cmd:"" help:"Bring existing data in."`

	Doctor  doctorCmd  `cmd:"" help:"Explain what is wrong with the set-up, and what to do."`
	Export  exportCmd  `cmd:"" help:"Write data out."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// Globals are the flags of every command. Each overrides the environment, which
// overrides the file.
type Globals struct {
	Config    string `help:"Configuration file (default: ./tandai.yaml if there is one)." type:"path" placeholder:"FILE"`
	DataDir   string `help:"Folder of the inbox and of SQLite." placeholder:"DIR"`
	Database  string `help:"sqlite, sqlite:PATH or mysql://user[:pass]@host:port/db." placeholder:"URL"`
	LogFormat string `help:"text or json, on stderr." placeholder:"FORMAT"`
	LogLevel  string `help:"debug, info, warn or error." placeholder:"LEVEL"`
}

// load reads the configuration with the flags on top; more are a command's own.
func (g *Globals) load(more map[string]string) (*config.Config, error) {
	flags := map[string]string{}
	for key, value := range map[string]string{"data_dir": g.DataDir, "database": g.Database, "log.format": g.LogFormat, "log.level": g.LogLevel} {
		if value != "" {
			flags[key] = value
		}
	}
	for key, value := range more {
		if value != "" {
			flags[key] = value
		}
	}
	cfg, err := config.Source{Path: g.Config, Env: os.LookupEnv, Flags: flags}.Load()
	var wrong *config.Error
	if errors.As(err, &wrong) && !slices.ContainsFunc(wrong.Problems, func(p config.Problem) bool { return !strings.HasPrefix(p.Where, "--") }) {
		return nil, fmt.Errorf("%w: %w", errUsage, err) // the flags are at fault, and nothing else
	}
	return cfg, err
}

// out is where commands write what they were asked for; messages about the work
// go to stderr.
type out struct{ io.Writer }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever asks a second time does not wait
	var cli commands
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("tandai"), kong.Description("Records WhatsApp labels from WAHA: nothing acknowledged is lost."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(out{stdout}, &cli.Globals),
	)
	if err != nil {
		fmt.Fprintln(stderr, "tandai:", err)
		return exitFailed
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help": // as people know it from git and go
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help
	}
	if err != nil {
		fmt.Fprintf(stderr, "tandai: %s\nTry: %s --help\n", noValue.ReplaceAllLiteralString(err.Error(), "a value is missing"), commandOf(err))
		return exitUsage
	}
	err = command.Run()
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errQuiet):
		return exitFailed
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "tandai: %v\nTry: tandai %s --help\n", err, command.Command())
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "tandai: stopped before it was done")
		return exitFailed
	}
	fmt.Fprintln(stderr, "tandai:", app.Explain(err))
	return exitFailed
}

// noValue is how kong says that a flag came last.
var noValue = regexp.MustCompile(`expected .+ but got "EOL".*`)

// commandOf is the command line up to where it could not be read.
func commandOf(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil {
		if node := wrong.Context.Selected(); node != nil {
			return node.FullPath()
		}
	}
	return "tandai"
}

var (
	// errQuiet ends a command with code 1 after it has said why itself.
	errQuiet = errors.New("failed")
	// errUsage marks values that no run of the command could accept.
	errUsage = errors.New("wrong usage")
)

// count is a number of things in words.
func count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "y") && !strings.HasSuffix(thing, "ay"):
		thing = strings.TrimSuffix(thing, "y") + "ies"
	default:
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	return v
}

type versionCmd struct{}

func (versionCmd) Run(o out) error {
	_, err := fmt.Fprintln(o, "tandai", version())
	return err
}
