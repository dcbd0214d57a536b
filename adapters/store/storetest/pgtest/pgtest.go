// Package pgtest starts a PostgreSQL server for tests: a cluster of its own in a
// temporary folder, which nothing else uses and which is removed in the end.
//
// The server's programs are found in PATH and where Linux distributions and
// Homebrew put them. They refuse to run as root: then the server runs as the user
// postgres or nobody.
//
// A test package starts one server for all of its tests:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestX(t *testing.T) { url := pgtest.Database(t) ... }
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver by which databases are made
)

// ErrAbsent says that the server's programs are not on this machine.
var ErrAbsent = errors.New("PostgreSQL's server programs (initdb, postgres) were not found: install the package postgresql")

// Cluster is a running server.
type Cluster struct {
	bin, dir string
	port     int
	account  *account
	server   *exec.Cmd
	release  func() error
	names    atomic.Int64
}

// Superuser and its password are those of every cluster.
const (
	Superuser = "cohortlens"
	Password  = "only for tests"
)

// Start makes a cluster and waits until it answers.
func Start(ctx context.Context) (*Cluster, error) {
	bin, err := findPrograms()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin}
	if c.account, err = serverAccount(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return nil, err
	}
	err = c.initialise(ctx)
	if err == nil {
		c.release, err = guard(c)
	}
	if err == nil {
		err = c.run(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// findPrograms returns the folder of the newest server.
func findPrograms() (string, error) {
	var folders []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		slices.Sort(found)
		slices.Reverse(found)
		folders = append(folders, found...)
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append([]string{filepath.Dir(path)}, folders...)
	}
	for _, folder := range folders {
		if isProgram(filepath.Join(folder, "initdb")) && isProgram(filepath.Join(folder, "postgres")) {
			return folder, nil
		}
	}
	return "", ErrAbsent
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// account is the user that the server runs as, nil for the one who asks.
type account struct{ uid, gid int }

func serverAccount() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &account{uid, gid}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func (c *Cluster) initialise(ctx context.Context) error {
	secret := filepath.Join(c.dir, "password")
	if err := os.WriteFile(secret, []byte(Password), 0o644); err != nil {
		return err
	}
	if c.account != nil {
		if err := os.Chown(c.dir, c.account.uid, c.account.gid); err != nil {
			return err
		}
	}
	cmd := c.command(ctx, "initdb", "--pgdata", c.data(), "--username", Superuser, "--pwfile", secret,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	runAs(cmd, c.account)
	return cmd
}

// run starts the server on a free port and waits for its answer.
func (c *Cluster) run(ctx context.Context) error {
	if c.port == 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		c.port = port
	}
	output, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }()
	// The server outlives ctx, which bounds the start alone.
	c.server = c.command(context.WithoutCancel(ctx), "postgres", "-D", c.data(), "-p", strconv.Itoa(c.port), "-k", c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "timezone=America/St_Johns")
	c.server.Stdout, c.server.Stderr = output, output
	if err := c.server.Start(); err != nil {
		return err
	}
	if err := c.wait(ctx); err != nil {
		text, _ := os.ReadFile(output.Name())
		return fmt.Errorf("the server does not answer: %w: %s", err, text)
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (c *Cluster) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	db, err := sql.Open("postgres", c.URL(database))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		err := db.PingContext(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// URL is that of a database, by the superuser.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Superuser, Password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Exec runs statements in a database.
func (c *Cluster) Exec(ctx context.Context, database string, statements ...string) error {
	db, err := sql.Open("postgres", c.URL(database))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", strings.SplitN(s, "\n", 2)[0], err)
		}
	}
	return nil
}

// database is the one that all tests share, each with a schema of its own: a
// database for each would take a second to make.
const database = "postgres"

// NewSchema makes an empty schema and returns the URL by which it is all that is
// seen.
func (c *Cluster) NewSchema(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test%d", c.names.Add(1))
	return c.URL(database) + "&search_path=" + name, c.Exec(ctx, database, "CREATE SCHEMA "+name)
}

// NewTablespace is [Cluster.NewSchema] with all that is stored in a folder of its
// own. There prepare may mount another file system; remove frees it again.
func (c *Cluster) NewTablespace(ctx context.Context, prepare func(folder string) error) (url string, remove func(context.Context) error, err error) {
	if url, err = c.NewSchema(ctx); err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("space%d", c.names.Add(1))
	folder := filepath.Join(c.dir, name)
	if err := errors.Join(os.Mkdir(folder, 0o700), prepare(folder)); err != nil {
		return "", nil, err
	}
	if c.account != nil {
		if err := os.Chown(folder, c.account.uid, c.account.gid); err != nil {
			return "", nil, err
		}
	}
	schema := url[strings.LastIndex(url, "=")+1:]
	remove = func(ctx context.Context) error {
		return c.Exec(ctx, database, "DROP SCHEMA "+schema+" CASCADE", "DROP TABLESPACE "+name)
	}
	return url + "&default_tablespace=" + name, remove, c.Exec(ctx, database, "CREATE TABLESPACE "+name+" LOCATION '"+folder+"'")
}

// Restart stops the server at once, as a crash would, and starts it again on the
// same port. It recovers by its log.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.kill(); err != nil {
		return err
	}
	return c.run(ctx)
}

// kill asks for an immediate shutdown, which skips everything that is orderly.
func (c *Cluster) kill() error {
	if c.server == nil || c.server.Process == nil {
		return nil
	}
	if err := c.server.Process.Signal(immediateShutdown); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := c.server.Wait()
	c.server = nil
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}

// Stop ends the server and removes its folder.
func (c *Cluster) Stop() error {
	err := errors.Join(c.kill(), os.RemoveAll(c.dir))
	if c.release != nil {
		err = errors.Join(err, c.release())
	}
	return err
}

// shared is the cluster of the test process, started when it is first needed.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Main runs the tests of a package and then stops their server.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.cluster != nil {
		if err := shared.cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			return 1
		}
	}
	return code
}

// Shared returns the server of the test process. Without PostgreSQL on this
// machine the test is skipped, or fails where COHORTLENS_REQUIRE_ALL is set. The
// package must call [Main].
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = Start(context.Background()) })
	if errors.Is(shared.err, ErrAbsent) && os.Getenv("COHORTLENS_REQUIRE_ALL") == "" {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// Database makes an empty place for tables for a test, and returns its URL.
func Database(t testing.TB) string {
	t.Helper()
	url, err := Shared(t).NewSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return url
}
