// Package mysql is the store on MySQL, MariaDB, and the distributed engines that
// speak their protocol (Galera, TiDB, Vitess). It uses nothing those refuse: no
// triggers, procedures, SKIP LOCKED or order read from AUTO_INCREMENT.
package mysql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"

	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Config says where the database is.
type Config struct {
	Addr     string // host:port
	User     string
	Password string
	Database string
	TLS      string // the driver's tls parameter; "" = none
	MaxConns int    // 0 = 16
	Now      func() time.Time
}

// Open makes the pool; it does not connect, so that Tandai starts while the
// database is away.
func Open(cfg Config) (*sqlstore.DB, error) {
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", cfg.Addr, cfg.User, cfg.Password, cfg.Database
	c.TLSConfig = cfg.TLS
	c.Timeout = 5 * time.Second
	c.InterpolateParams = true // one round trip a statement
	c.RejectReadOnly = true    // after a failover: find the new primary
	c.Collation = "utf8mb4_bin"
	c.Params = map[string]string{
		// Whatever the server's default, nothing is cut off in silence.
		"sql_mode":                 "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'",
		"innodb_lock_wait_timeout": "20",
		"time_zone":                "'+00:00'",
	}
	connector, err := driver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(16)
	if cfg.MaxConns > 0 {
		pool.SetMaxOpenConns(cfg.MaxConns)
	}
	pool.SetMaxIdleConns(4)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return sqlstore.New(sqlstore.Config{Write: pool, Read: pool, Dialect: Dialect(), Now: cfg.Now})
}

// Dialect is how MySQL does things.
func Dialect() sqlstore.Dialect {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sqlstore.Dialect{
		Name: "MySQL", Goose: goose.DialectMySQL, Migrations: migrations, RowsPerInsert: 500,
		Upsert: upsert, Index: func(name string) string { return "FORCE INDEX (" + name + ")" }, Classify: Classify, Duplicate: func(err error) bool { return number(err) == erDupEntry },
		Object: object, CreateView: createView, DropView: func(name string) string { return "DROP VIEW IF EXISTS " + quote(name) },
		ForeignDialect: foreignDialect(),

		Clock:    "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
		Describe: describe, Server: server,
		Write:    &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		Snapshot: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}
}

var newValue = regexp.MustCompile(`new\.(\w+)`)

func upsert(_, set []string) string {
	for i, s := range set {
		if col, _, isExpr := strings.Cut(s, " "); isExpr {
			set[i] = col + " = " + newValue.ReplaceAllString(s, "VALUES($1)")
		} else {
			set[i] = s + " = VALUES(" + s + ")"
		}
	}
	return "ON DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}

func object(ctx context.Context, c *sql.Conn, name string) (string, error) {
	var kind string
	err := c.QueryRowContext(ctx, "SELECT table_type FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", name).Scan(&kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", err
	case kind == "VIEW":
		return "view", nil
	}
	return "table", nil
}

// createView makes a view that cannot be written through: its condition asks its
// own table (for rows that are never there), and so it is still merged into the
// query that reads it. Source: MySQL and MariaDB manuals, Updatable Views.
func createView(name, session string) string {
	return "CREATE OR REPLACE VIEW " + quote(name) + ` AS
SELECT e.timestamp_unix, e.klien, e.nomor_cs, e.nomor_lead, e.label_id, e.label_name, e.status
FROM label_events e WHERE e.session = ` + literal(session) + ` AND NOT EXISTS (SELECT 1 FROM label_events below WHERE below.seq < 0)`
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// literal quotes a session's name; those hold letters, digits, '-', '_' and '.'.
func literal(text string) string {
	return "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(text) + "'"
}

func describe(ctx context.Context, db *sql.DB) (string, error) {
	var v string
	if err := db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&v); err != nil {
		return "", err
	}
	switch {
	case strings.Contains(v, "MariaDB"):
		return "MariaDB " + strings.SplitN(v, "-", 2)[0], nil
	case strings.Contains(v, "TiDB"):
		return v, nil
	}
	return "MySQL " + v, nil
}

// server asks for what every engine of the family answers: MySQL keeps its status
// in another schema than MariaDB, and SHOW in neither.
func server(ctx context.Context, db *sql.DB) (store.Server, error) {
	var s store.Server
	var host, port, name string
	if err := db.QueryRowContext(ctx, "SELECT @@hostname, @@port").Scan(&host, &port); err != nil {
		return s, err
	}
	var seconds int64
	err := db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Uptime'").Scan(&name, &seconds)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil // an engine that does not say; then nothing can be told
	}
	return store.Server{Name: host + ":" + port, Up: time.Duration(seconds) * time.Second}, err
}
