package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tandai/internal/mariadbtest"
)

// The test binary is also the command: scripts run it as `tandai`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tandai": main})
}

// onEveryDatabase are the scripts that look at what is in the database, or that
// could leave it different.
var onEveryDatabase = []string{"beside", "export", "import", "import-first", "import-wild", "migrate", "outbox", "rebuild", "reconcile", "replay", "serve", "shadow", "verify"}

// TestScript runs testdata/script/*.txtar on SQLite, where nothing is configured.
// A script starts in a folder of its own with no variable of Tandai's set.
// UPDATE_SCRIPTS=1 rewrites the files that `cmp` compares with.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Cmds: scriptCommands, Condition: onEngine(""), Setup: setStage,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "", RequireUniqueNames: true,
	})
}

// TestScript_mariadb runs the ones that touch the database on a MariaDB as well.
func TestScript_mariadb(t *testing.T) {
	var files []string
	for _, name := range onEveryDatabase {
		files = append(files, filepath.Join("testdata", "script", name+".txtar"))
	}
	mariadbtest.DSN(t) // skips, or fails, once for all of them
	testscript.Run(t, testscript.Params{
		Files: files, Cmds: scriptCommands, Condition: onEngine("mariadb"), RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TANDAI_DATABASE", mariadbtest.DSN(env.T().(testing.TB)))
			return setStage(env)
		},
	})
}

// TestScript_password lets in a user who has a password, and tries another.
func TestScript_password(t *testing.T) {
	_, right := addUser(t, "s3cret/p@ss%word", "ALL PRIVILEGES")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/password", Cmds: scriptCommands, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			for key, password := range map[string]string{"right": "s3cret/p@ss%word", "wrong": "wr0ng/p@ss%word"} {
				with := *right
				with.User = url.UserPassword(right.User.Username(), password)
				env.Setenv(strings.ToUpper(key), with.String())
				if err := os.WriteFile(filepath.Join(env.WorkDir, key), []byte(with.String()+"\n"), 0o600); err != nil {
					return err
				}
			}
			return setStage(env)
		},
	})
}

// TestScript_reader has, beside the owner of a database, a user who may only read it.
func TestScript_reader(t *testing.T) {
	dsn, reader := addUser(t, "reads", "SELECT")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/reader", Cmds: scriptCommands, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TANDAI_DATABASE", dsn)
			env.Setenv("READER", reader.String())
			return setStage(env)
		},
	})
}

// addUser makes a database and a user with rights in it, and returns both addresses.
func addUser(t *testing.T, password, rights string) (owner string, user *url.URL) {
	t.Helper()
	owner = mariadbtest.DSN(t)
	user, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	root, err := openMySQL(user)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	database := strings.TrimPrefix(user.Path, "/")
	t.Cleanup(func() { _, _ = root.Exec("DROP USER IF EXISTS " + database) })
	for _, statement := range []string{
		"CREATE USER " + database + " IDENTIFIED BY '" + password + "'", // called like the database, which is the test's own
		"GRANT " + rights + " ON " + database + ".* TO " + database,
	} {
		if _, err := root.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	user.User = url.UserPassword(database, password)
	return owner, user
}

// onEngine makes [mariadb] true on a MariaDB.
func onEngine(engine string) func(string) (bool, error) {
	return func(cond string) (bool, error) { return cond == engine, nil }
}
