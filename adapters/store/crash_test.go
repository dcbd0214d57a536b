package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// The tests below need processes that can be killed, and two that count at once:
// the test program runs itself, with the work in its environment.
const (
	childWork = "COHORTLENS_STORE_CHILD"
	childURL  = "COHORTLENS_STORE_URL"
)

// child starts this program to do a piece of work on a database, and returns its
// standard output.
func child(t testing.TB, stdin *os.File, url, work string, args [2]int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childWork+"="+fmt.Sprintf("%s %d %d", work, args[0], args[1]), childURL+"="+url)
	cmd.Stdin, cmd.Stderr = stdin, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// runChild is what the started program does.
func runChild() (code int) {
	var work string
	var a, b int
	_, err := fmt.Sscan(os.Getenv(childWork), &work, &a, &b)
	var s *Store
	if err == nil {
		s, err = Open(context.Background(), os.Getenv(childURL), Options{AuditKey: testKey})
	}
	switch {
	case err != nil:
	case work == "write":
		childWrites(s, a, b)
	case work == "count":
		err = childCounts(s, a, b)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// childWrites writes for ever and prints the ID of each write that was
// acknowledged.
func childWrites(s *Store, round, writers int) {
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", round, w, i)
				_, err := s.RegisterConsent(context.Background(), Actor{}, Consent{CustomerID: id, Type: "x"})
				if err == nil {
					err = s.CountCall(context.Background(), "acme", id)
				}
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Println(id)
			}
		})
	}
	group.Wait()
}

// childCounts lets callers count calls together, and prints how many were
// granted.
func childCounts(s *Store, callers, calls int) error {
	fmt.Println("ready")
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
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
				case !errors.Is(err, ErrLimit):
					faults.Add(1)
				}
			}
		})
	}
	group.Wait()
	fmt.Println(granted.Load(), faults.Load())
	return s.Close()
}

// TestKilledWriters kills writing processes, again and again, and looks at what
// they left.
func TestKilledWriters(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	const writers = 4
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	open(t, url, Options{AuditKey: testKey})
	acknowledged := map[string]bool{}
	for round := range rounds {
		cmd, lines := child(t, nil, url, "write", [2]int{round, writers})
		for n := 0; n < 3+round%20 && lines.Scan(); n++ {
			acknowledged[lines.Text()] = true
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what was on its way
			acknowledged[lines.Text()] = true
		}
		_ = cmd.Wait() // it was killed
	}
	s := open(t, url, Options{AuditKey: testKey}) // without any repair
	var stored []string
	if err := s.pool.SelectContext(t.Context(), &stored, "SELECT customer_id FROM user_consents"); err != nil {
		t.Fatal(err)
	}
	for id := range acknowledged {
		if !slices.Contains(stored, id) {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	u, err := s.Usage(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]int{"rows": len(stored), "calls": int(u.Calls)} {
		if n < len(acknowledged) || n > len(acknowledged)+rounds*writers {
			t.Errorf("%d %s are stored, of %d acknowledged and at most %d under way", n, what, len(acknowledged), rounds*writers)
		}
	}
	if v := verify(t, s); !v.Intact {
		t.Errorf("%+v", v)
	}
	if err := s.CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d acknowledged, %d rows, %d calls after %d kills", len(acknowledged), len(stored), u.Calls, rounds)
}

// TestServerThatCrashes restarts the server at once, under load.
func TestServerThatCrashes(t *testing.T) {
	restarts := 10
	if testing.Short() {
		restarts = 2
	}
	cluster := pgtest.Shared(t)
	s := open(t, pgtest.Database(t), Options{AuditKey: testKey, MaxConnections: 8})
	l := newLoad(s, 6)
	for range restarts {
		l.wait(20)
		if err := cluster.Restart(t.Context()); err != nil {
			t.Error(err)
			break
		}
	}
	l.wait(20)
	l.stop()
	l.check(t, s)
}

// countInChildren counts calls in two processes at once and returns how many
// were granted.
func countInChildren(t testing.TB, url string, callers, calls int) (granted int) {
	t.Helper()
	const processes = 2
	start, begin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var results [processes]*bufio.Scanner
	var commands [processes]*exec.Cmd
	for i := range processes {
		commands[i], results[i] = child(t, start, url, "count", [2]int{callers, calls / processes})
		if !results[i].Scan() || results[i].Text() != "ready" {
			t.Fatal("a process did not start")
		}
	}
	if b, ok := t.(*testing.B); ok {
		b.ResetTimer()
	}
	if err := errors.Join(begin.Close(), start.Close()); err != nil { // both read the end
		t.Fatal(err)
	}
	for i := range processes {
		var n, faults int
		if !results[i].Scan() {
			t.Fatal("a process gave no answer")
		}
		if _, err := fmt.Sscan(results[i].Text(), &n, &faults); err != nil || faults > 0 {
			t.Errorf("%q: %v", results[i].Text(), err)
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

// TestTwoProcessesShareALimit counts 4,000 calls against a limit of 3,000.
func TestTwoProcessesShareALimit(t *testing.T) {
	const limit, calls, callers = 3000, 4000, 64
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{AuditKey: testKey})
		most := int64(limit)
		if _, err := s.Subscribe(t.Context(), Actor{}, NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: &most}); err != nil {
			t.Fatal(err)
		}
		granted := countInChildren(t, url, callers, calls)
		u, err := s.Usage(t.Context(), "acme")
		if err != nil || granted != limit || u.Calls != limit {
			t.Errorf("%d calls were granted and %+v counted, %v; want %d", granted, u, err, limit)
		}
	})
}

// BenchmarkUsage counts calls of one tenant in two processes of 64 callers each.
func BenchmarkUsage(b *testing.B) {
	for name, make := range databases {
		b.Run(name, func(b *testing.B) {
			url := make(b)
			s := open(b, url, Options{AuditKey: testKey})
			granted := countInChildren(b, url, 64, b.N)
			b.ReportMetric(float64(granted)/b.Elapsed().Seconds(), "calls/s")
			if u, err := s.Usage(b.Context(), "acme"); err != nil || u.Calls != int64(granted) {
				b.Errorf("%d calls were granted and %+v counted, %v", granted, u, err)
			}
		})
	}
}
