package arch

// A room is what a package may know.
type room struct {
	// uses are the packages of ours it may import, by their path below
	// internal/; "*" is every one but what supports tests.
	uses []string

	// pure packages are the vocabulary: no clock, no file, no socket, no
	// database, no library, and of ours only what uses says.
	pure bool

	// support is for tests and measurements; nothing that is shipped may
	// import it.
	support bool
}

// rooms are all packages, in the direction the data flows. A package imports
// upwards only; cmd and app alone know everyone.
var rooms = map[string]room{
	"internal/label": {pure: true},
	"internal/lead":  {pure: true},

	"internal/waha":         {uses: []string{"label", "lead"}},
	"internal/waha/rest":    {uses: []string{"waha", "label", "lead"}},
	"internal/waha/wahasim": {uses: []string{"waha", "label", "lead"}},

	"internal/connect": {uses: []string{"waha"}},

	"internal/inbox":    {uses: []string{"label"}},
	"internal/intake":   {uses: []string{"inbox", "waha", "label", "lead"}},
	"internal/feed":     {uses: []string{"intake", "inbox", "waha", "label", "lead"}},
	"internal/pipeline": {uses: []string{"inbox", "waha", "store", "label", "lead"}},

	"internal/store":           {uses: []string{"label", "lead"}},
	"internal/store/sqlstore":  {uses: []string{"store", "label", "lead"}},
	"internal/store/sqlite":    {uses: []string{"store", "store/sqlstore"}},
	"internal/store/mysql":     {uses: []string{"store", "store/sqlstore"}},
	"internal/store/storetest": {uses: []string{"store", "label", "lead"}, support: true},

	"internal/importer":  {uses: []string{"store", "waha", "label", "lead"}},
	"internal/radar":     {uses: []string{"store", "pipeline", "waha/rest"}},
	"internal/delivery":  {uses: []string{"store", "waha", "label", "lead"}},
	"internal/reconcile": {uses: []string{"directory", "waha/rest", "store", "label", "lead"}},
	"internal/shadow":    {pure: true},

	"internal/directory": {uses: []string{"waha", "waha/rest", "store", "label", "lead"}},

	"internal/report": {uses: []string{"store", "inbox", "label", "lead"}},
	"internal/web":    {uses: []string{"report", "shadow", "store", "inbox", "label", "lead"}},

	"internal/config": {},
	"internal/demo":   {uses: []string{"waha", "waha/wahasim", "inbox", "store", "label", "lead"}},
	"internal/app":    {uses: []string{"*"}},
	"cmd/tandai":      {uses: []string{"*"}},

	"internal/arch":        {support: true},
	"internal/chaos":       {uses: []string{"*"}, support: true},
	"internal/mariadbtest": {support: true},
	"internal/bench":       {uses: []string{"*", "mariadbtest"}, support: true},
	"cmd/tandai-bench":     {uses: []string{"*", "mariadbtest", "bench"}},
	"scripts/mariadb":      {uses: []string{"mariadbtest"}},
	"examples/n8n":         {},
	"scripts/lint":         {},
}

// notInTests are what a test may import only where its package may: a test
// that needs the whole program belongs to app or cmd.
var notInTests = []string{"app", "bench", "demo", "web"}

// A place limits a package of the standard library to some of ours.
type place struct {
	pkg  string // and everything below it
	in   []string
	want string
}

// places do not bind tests, which look at databases and pages from outside.
var places = []place{
	{"database/sql", []string{"internal/store", "internal/inbox", "internal/mariadbtest", "internal/bench"}, "SQL is for internal/store and internal/inbox"},
	{"html/template", []string{"internal/web"}, "pages are for internal/web"},
	{"testing", []string{"internal/store/storetest", "internal/mariadbtest", "internal/bench"}, "testing is for tests"},
}

// impure are packages of the standard library that the vocabulary does without,
// and everything below them.
var impure = []string{
	"bufio", "crypto/rand", "database", "embed", "io", "io/fs", "log", "math/rand", "net", "os", "plugin", "runtime", "syscall", "testing", "unsafe", "path/filepath",
}

// clock are the parts of package time that look at a clock or wait for one.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTicker", "NewTimer", "Local", "LoadLocation"}

// modules are the libraries, each with the packages that may import it ("*"
// for all but the vocabulary) or, where tests alone do, with none. docs/decisions
// says why each is there.
var modules = map[string][]string{
	"github.com/alecthomas/kong":          {"cmd/tandai", "cmd/tandai-bench"},
	"github.com/coder/websocket":          {"internal/feed", "internal/waha/wahasim"},
	"github.com/go-sql-driver/mysql":      {"internal/store/mysql", "internal/mariadbtest", "internal/bench"},
	"github.com/google/go-cmp":            {"internal/store/storetest"},
	"github.com/pressly/goose/v3":         {"internal/store/sqlstore", "internal/store/sqlite", "internal/store/mysql"},
	"github.com/prometheus/client_golang": {"*"},
	"github.com/prometheus/client_model":  {}, // what client_golang gathers, to read in tests
	"github.com/rogpeppe/go-internal":     {},
	"go.yaml.in/yaml/v3":                  {"internal/config", "internal/app"}, // the demo writes a configuration
	"golang.org/x/sync":                   {"*"},
	"golang.org/x/tools":                  {"scripts/lint"},
	"honnef.co/go/tools":                  {}, // staticcheck, as a tool
	"modernc.org/sqlite":                  {"internal/store/sqlite", "internal/inbox", "internal/bench"},
	"pgregory.net/rapid":                  {"internal/store/storetest"},
}

// maxLines is where a file stops being one thing.
const maxLines = 600

// vagueNames say nothing about what a package is for.
var vagueNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "models", "types", "lib"}
