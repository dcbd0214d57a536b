package store

import (
	"context"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// target is a database that a URL names.
type target struct {
	dialect *dialect
	// path is the file of SQLite, or memory.
	path string
	// pool and direct are the URLs of PostgreSQL: the one that was given, and
	// the one that does not go through a pooler.
	pool, direct string
	// shown is the URL without what is secret.
	shown string
}

// memory is the path of an SQLite database that lives as long as its store.
const memory = ":memory:"

// parseURL reads the URL of a database. No error repeats the URL: it may hold a
// password, also where it cannot be parsed.
func parseURL(text string, statementTimeout time.Duration) (*target, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return nil, invalid("the database URL must start with sqlite: or postgres://")
	}
	driver, _, _ := strings.Cut(strings.ToLower(scheme), "+") // SQLAlchemy's postgresql+psycopg2
	switch driver {
	case "sqlite":
		return parseSQLite(rest)
	case "postgres", "postgresql":
		return parsePostgres("postgres:"+rest, statementTimeout)
	}
	return nil, invalid("the database URL must start with sqlite: or postgres://")
}

// Redact names the database of a URL for people, without user and password, as
// [Store.Database] does.
func Redact(url string) (string, error) {
	t, err := parseURL(url, 0)
	if err != nil {
		return "", failed(context.Background(), "read the database URL", err)
	}
	return t.shown, nil
}

// parseSQLite takes a path, or what SQLAlchemy has after the colon: three slashes
// before a relative path, four before an absolute one.
func parseSQLite(rest string) (*target, error) {
	path := rest
	if after, ok := strings.CutPrefix(rest, "///"); ok {
		path = after
	} else if rest == "//" {
		path = memory
	} else if strings.HasPrefix(rest, "//") {
		return nil, invalid("the path of a database file follows sqlite: or sqlite:///")
	}
	switch {
	case path == "":
		return nil, invalid("the database URL names no file: write sqlite:FILE")
	case strings.ContainsAny(path, "?#\x00"):
		return nil, invalid("the path of a database file must not hold ?, # or NUL")
	}
	return &target{dialect: &sqliteDialect, path: path, shown: "sqlite:" + path}, nil
}

var errUnescaped = invalid("the database URL cannot be read; characters such as @, /, # and %% in a password are written as %%40, %%2F, %%23 and %%25")

func parsePostgres(text string, statementTimeout time.Duration) (*target, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errUnescaped
	}
	if strings.ContainsAny(strings.TrimPrefix(u.EscapedPath(), "/"), "/@") || u.Fragment != "" {
		return nil, errUnescaped // that may be the rest of a password
	}
	query := u.Query()
	if len(strings.Trim(u.Path, "/")) == 0 && query.Get("dbname") == "" {
		return nil, invalid("the database URL names no database: write postgres://USER:PASSWORD@HOST/DATABASE")
	}
	// Parameters of other drivers, which the server would refuse.
	for _, name := range []string{"channel_binding", "gssencmode"} {
		query.Del(name)
	}
	if query.Get("sslmode") == "" {
		query.Set("sslmode", "require")
		if isLocal(u.Hostname(), query) {
			query.Set("sslmode", "prefer")
		}
	}
	if query.Get("connect_timeout") == "" {
		query.Set("connect_timeout", "10")
	}
	if query.Get("fallback_application_name") == "" {
		query.Set("fallback_application_name", "cohortlens")
	}
	t := &target{dialect: &postgresDialect, shown: "postgres://" + u.Host + u.Path}
	direct, pooled := directHost(u.Host)
	// A statement goes out with its values, in one message: that is faster, and a
	// pooler knows no statements that were prepared before.
	query.Set("binary_parameters", "yes")
	if !pooled { // a pooler refuses settings of the session
		query.Set("statement_timeout", strconv.FormatInt(statementTimeout.Milliseconds(), 10))
	}
	u.RawQuery = query.Encode()
	t.pool = u.String()
	// Imports and migrations take as long as they take.
	query.Set("statement_timeout", "0")
	u.Host, u.RawQuery = direct, query.Encode()
	t.direct = u.String()
	return t, nil
}

// directHost returns the host behind Neon's pooler, which has the same name with
// -pooler in its first label. Names of Neon's endpoints begin with ep-: what lies
// behind the pooler of someone else is not known.
func directHost(host string) (direct string, pooled bool) {
	label, domain, _ := strings.Cut(host, ".")
	name, pooled := strings.CutSuffix(label, "-pooler")
	if !pooled || !strings.HasPrefix(label, "ep-") {
		return host, false
	}
	return name + "." + domain, true
}

// isLocal reports whether a server is this machine: all of its hosts, of which
// parameters may name others, are loopback addresses or folders of sockets.
func isLocal(host string, parameters url.Values) bool {
	hosts := append([]string{host}, parameters["host"]...)
	for _, h := range strings.Split(strings.Join(append(hosts, parameters["hostaddr"]...), ","), ",") {
		address, err := netip.ParseAddr(h)
		if h != "" && h != "localhost" && !strings.HasPrefix(h, "/") && (err != nil || !address.IsLoopback()) {
			return false
		}
	}
	return true
}
