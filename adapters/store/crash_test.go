package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// Some tests need processes that can be killed, and two that count at once: the
// test program runs itself, with the work in its environment.
const (
	childWork = "COHORTLENS_STORE_CHILD"
	childURL  = "COHORTLENS_STORE_URL"
)

func TestMain(m *testing.M) {
	if os.Getenv(childWork) != "" {
		if err := runChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := pgtest.Main(m)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// child makes a process that does a piece of work, which takes two numbers, on a
// database.
func child(t testing.TB, url, work string, a, b int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", childWork, work, a, b), childURL+"="+url)
	cmd.Stderr = os.Stderr
	return cmd
}

// runChild is what such a process does.
func runChild() error {
	var work string
	var a, b int
	if _, err := fmt.Sscan(os.Getenv(childWork), &work, &a, &b); err != nil {
		return err
	}
	if work == "open" {
		return childOpens()
	}
	s, err := store.Open(context.Background(), os.Getenv(childURL), store.Options{AuditKey: storetest.AuditKey})
	if err != nil {
		return err
	}
	switch work {
	case "write":
		return storetest.WriteForEver(s, os.Stdout, a)
	case "watch":
		return childWatches(s)
	case "import":
		return childImports(s, a)
	}
	return errors.Join(childCounts(s, a, b), s.Close())
}

// childOpens waits for the end of its input, and opens a database that may be new.
func childOpens() error {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	s, err := store.Open(context.Background(), os.Getenv(childURL), store.Options{AuditKey: storetest.AuditKey, Create: true})
	if err != nil {
		return err
	}
	return s.Close()
}

// childCounts waits for the end of its input, lets callers count calls together,
// and prints how many were granted.
func childCounts(s *store.Store, callers, calls int) error {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	var group sync.WaitGroup
	var next, granted, faults atomic.Int64
	for range callers {
		group.Go(func() {
			for next.Add(1) <= int64(calls) {
				switch err := s.CountCall(context.Background(), "acme", ""); {
				case err == nil:
					granted.Add(1)
				case !errors.Is(err, store.ErrLimit):
					faults.Add(1)
				}
			}
		})
	}
	group.Wait()
	_, err := fmt.Println(granted.Load(), faults.Load())
	return err
}

// fewer makes tests of many rounds short where that is asked for.
func fewer(rounds, short int) int {
	if testing.Short() {
		return short
	}
	return rounds
}

func TestKilledWriters(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	again := func() store.Backend { return open(t, url, store.Options{AuditKey: storetest.AuditKey}) }
	again()
	storetest.RunKilled(t, again, fewer(50, 5), func(round int) *exec.Cmd { return child(t, url, "write", round, 0) })
	if err := again().(*store.Store).CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestServerThatCrashes restarts the server at once, under load.
func TestServerThatCrashes(t *testing.T) {
	cluster := pgtest.Shared(t)
	s := open(t, pgtest.Database(t), store.Options{AuditKey: storetest.AuditKey, MaxConnections: 8})
	load := storetest.StartLoad(s, 6)
	for range fewer(10, 2) {
		load.Wait(20)
		if err := cluster.Restart(t.Context()); err != nil {
			t.Error(err)
			break
		}
	}
	load.Wait(20)
	load.Stop(t, s)
}

// TestBackendsThatAreTerminated ends backends under load, those above all that
// are about to commit.
func TestBackendsThatAreTerminated(t *testing.T) {
	cluster := pgtest.Shared(t)
	s := open(t, pgtest.Database(t), store.Options{AuditKey: storetest.AuditKey, MaxConnections: 8})
	load := storetest.StartLoad(s, 6)
	for range fewer(25, 5) {
		load.Wait(20)
		err := cluster.Exec(t.Context(), "postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'cohortlens' AND (random() < 0.7 OR query = 'COMMIT')`)
		if err != nil {
			t.Error(err)
		}
	}
	load.Stop(t, s)
}

// countInChildren counts calls in two processes at once and returns how many
// were granted.
func countInChildren(t testing.TB, url string, callers, calls int) (granted int) {
	t.Helper()
	const processes = 2
	var commands [processes]*exec.Cmd
	var starts [processes]io.Closer
	var results [processes]*bufio.Scanner
	for i := range processes {
		cmd := child(t, url, "count", callers, calls/processes)
		start, err1 := cmd.StdinPipe()
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		commands[i], starts[i], results[i] = cmd, start, bufio.NewScanner(out)
		if !results[i].Scan() || results[i].Text() != "ready" {
			t.Fatal("a process did not start")
		}
	}
	if b, ok := t.(*testing.B); ok {
		b.ResetTimer()
	}
	if err := errors.Join(starts[0].Close(), starts[1].Close()); err != nil {
		t.Fatal(err)
	}
	for i := range processes {
		var n, faults int
		if _, err := fmt.Sscan(scan(results[i]), &n, &faults); err != nil || faults > 0 {
			t.Errorf("a process had %d faults, %v", faults, err)
		}
		granted += n
	}
	if b, ok := t.(*testing.B); ok {
		b.StopTimer()
	}
	for _, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	return granted
}

func scan(lines *bufio.Scanner) string {
	lines.Scan()
	return strings.TrimSpace(lines.Text())
}

// TestProcessesMigrateAtOnce: a lock that holds within a process need not hold
// between two.
func TestProcessesMigrateAtOnce(t *testing.T) {
	for name, rounds := range map[string]int{"sqlite": 4, "postgres": 1} {
		t.Run(name, func(t *testing.T) {
			for range rounds {
				openInChildren(t, newURL[name](t), 4)
			}
		})
	}
}

// openInChildren opens a database, and closes it, in n processes at once.
func openInChildren(t *testing.T, url string, n int) {
	t.Helper()
	start, begin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	commands := make([]*exec.Cmd, n)
	for i := range commands {
		commands[i] = child(t, url, "open", 0, 0)
		commands[i].Stdin = start
		out, err := commands[i].StdoutPipe()
		if err := errors.Join(err, commands[i].Start()); err != nil {
			t.Fatal(err)
		}
		if word := scan(bufio.NewScanner(out)); word != "ready" {
			t.Fatalf("a process did not start: %q", word)
		}
	}
	if err := errors.Join(begin.Close(), start.Close()); err != nil { // all read the end
		t.Fatal(err)
	}
	for _, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// TestTwoProcessesShareALimit counts 4,000 calls against a limit of 3,000.
func TestTwoProcessesShareALimit(t *testing.T) {
	const limit, calls, callers = 3000, 4000, 64
	for name, make := range newURL {
		t.Run(name, func(t *testing.T) {
			url, most := make(t), int64(limit)
			s := open(t, url, store.Options{AuditKey: storetest.AuditKey})
			if _, err := s.Subscribe(t.Context(), store.Actor{}, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: &most}); err != nil {
				t.Fatal(err)
			}
			granted := countInChildren(t, url, callers, calls)
			u, err := s.Usage(t.Context(), "acme")
			if err != nil || granted != limit || u.Calls != limit {
				t.Errorf("%d calls were granted and %+v counted, %v; want %d", granted, u, err, limit)
			}
		})
	}
}

// BenchmarkUsage counts calls of one tenant in two processes of 64 callers each.
func BenchmarkUsage(b *testing.B) {
	for name, make := range newURL {
		b.Run(name, func(b *testing.B) {
			url := make(b)
			s := open(b, url, store.Options{AuditKey: storetest.AuditKey})
			granted := countInChildren(b, url, 64, b.N)
			b.ReportMetric(float64(granted)/b.Elapsed().Seconds(), "calls/s")
			if u, err := s.Usage(b.Context(), "acme"); err != nil || u.Calls != int64(granted) {
				b.Errorf("%d calls were granted and %+v counted, %v", granted, u, err)
			}
		})
	}
}
