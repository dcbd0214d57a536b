package store

import (
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// dialect is all in which the two databases differ, beside how they are opened.
type dialect struct {
	// name is that of the folder of migrations.
	name string
	bind int
	// forUpdate locks the rows that a SELECT finds until the transaction ends.
	// On SQLite, where there is one writer, that is so anyway.
	forUpdate string
	// month is the current month in UTC by the clock of the database.
	month string
	// exact selects a text or a time so that every difference shows: SQLite has
	// times that differ as texts only, and keeps bytes in a column of texts, where
	// no filter finds them.
	exact func(column string) string
	// time makes the argument of a time column.
	time func(time.Time) any
	// countTables counts the tables of a name.
	countTables string
	// patch is a JSON object with the entries of another one in the place of its
	// own, and without those that are null there.
	patch func(object, by string) string
}

// timeLayout is how SQLAlchemy writes times into SQLite. Such texts sort by time.
const timeLayout = "2006-01-02 15:04:05.000000"

var (
	sqliteDialect = dialect{
		name: "sqlite", bind: sqlx.QUESTION, month: "strftime('%Y-%m', 'now')",
		time: func(t time.Time) any { return t.UTC().Format(timeLayout) },
		exact: func(column string) string {
			return fmt.Sprintf("CASE typeof(%[1]s) WHEN 'blob' THEN 'blob ' || hex(%[1]s) ELSE CAST(%[1]s AS text) END AS %[1]s", column)
		},
		countTables: "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
		patch:       func(object, by string) string { return "json_patch(" + object + ", " + by + ")" },
	}
	postgresDialect = dialect{
		name: "postgres", bind: sqlx.DOLLAR, forUpdate: " FOR UPDATE",
		month: "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM')",
		time:  func(t time.Time) any { return t.UTC() },
		exact: func(column string) string { return column },

		countTables: "SELECT COUNT(*) FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = ?",
		patch: func(object, by string) string {
			return "jsonb_strip_nulls(CAST(" + object + " AS jsonb) || " + by + ")"
		},
	}
)
