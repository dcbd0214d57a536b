package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// crashWriters is how many goroutines of a process that is killed write at once.
const crashWriters = 4

// WriteForEver is what a process does that [RunKilled] kills: it writes, and
// prints the ID of each write that was acknowledged. It returns on a fault.
func WriteForEver(s store.Backend, out io.Writer, round int) error {
	ctx := context.Background()
	faults := make(chan error)
	var mutex sync.Mutex
	for w := range crashWriters {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", round, w, i)
				_, err := s.RegisterConsent(ctx, store.Actor{}, store.Consent{CustomerID: id, Type: "x"})
				if err == nil {
					err = s.CountCall(ctx, "acme", id)
				}
				if err == nil {
					mutex.Lock()
					_, err = fmt.Fprintln(out, id)
					mutex.Unlock()
				}
				if err != nil {
					faults <- err
					return
				}
			}
		}()
	}
	return <-faults
}

// RunKilled starts processes that run [WriteForEver] on one database, one after
// the other, and kills them while they write. Then it opens the database, without
// any repair: what was acknowledged is stored, what is stored was acknowledged
// or under way, and the audit log holds together.
func RunKilled(t *testing.T, open Open, rounds int, process func(round int) *exec.Cmd) {
	acknowledged := map[string]bool{}
	for round := range rounds {
		killOne(t, process(round), 3+round%20, acknowledged)
	}
	s := open()
	audit, err := s.VerifyAudit(t.Context())
	if err != nil || !audit.Intact {
		t.Errorf("the audit log is not intact: %+v, %v", audit, err)
	}
	for id := range acknowledged {
		if list, err := s.Consents(t.Context(), id, "", 0); err != nil || len(list) != 1 {
			t.Errorf("%s was acknowledged, and is stored %d times, %v", id, len(list), err)
		}
	}
	u, err := s.Usage(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]int64{"rows": entries(t, s), "calls": u.Calls} {
		least, most := int64(len(acknowledged)), int64(len(acknowledged)+rounds*crashWriters)
		if n < least || n > most {
			t.Errorf("%d %s are stored, want from %d, which were acknowledged, to %d, with those under way", n, what, least, most)
		}
	}
	t.Logf("%d acknowledged, %d calls after %d kills", len(acknowledged), u.Calls, rounds)
}

// killOne lets a process write for a while, and kills it.
func killOne(t *testing.T, cmd *exec.Cmd, writes int, acknowledged map[string]bool) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < writes && lines.Scan(); n++ {
		acknowledged[lines.Text()] = true
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() { // what was on its way
		acknowledged[lines.Text()] = true
	}
	_ = cmd.Wait() // it was killed
}

// entries counts the consents by their entries in the audit log.
func entries(t *testing.T, s store.Backend) (n int64) {
	t.Helper()
	for before := int64(0); ; {
		page, err := s.AuditLog(t.Context(), store.AuditFilter{Table: "user_consents", Action: "INSERT", Before: before, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return n
		}
		n += int64(len(page))
		before = page[len(page)-1].ID
	}
}

// Load writes to a store from several goroutines while something befalls its
// database, and keeps account of the answers.
type Load struct {
	cancel context.CancelFunc
	group  sync.WaitGroup
	tick   chan struct{}

	mutex sync.Mutex
	// answers holds nil for what was acknowledged.
	answers map[string]error
}

// StartLoad starts writers.
func StartLoad(s store.Backend, writers int) *Load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Load{cancel: cancel, tick: make(chan struct{}), answers: map[string]error{}}
	for w := range writers {
		l.group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%d-%d", w, i)
				_, err := s.RegisterConsent(context.Background(), store.Actor{User: "load"}, store.Consent{CustomerID: id, Type: "x", Granted: true})
				l.mutex.Lock()
				l.answers[id] = err
				l.mutex.Unlock()
				if err != nil {
					time.Sleep(50 * time.Millisecond) // as a client that tries again later
				}
				select {
				case l.tick <- struct{}{}:
				default:
				}
			}
		})
	}
	return l
}

// Wait lets n writes be tried.
func (l *Load) Wait(n int) {
	for range n {
		<-l.tick
	}
}

// Stop ends the writers and checks what is stored against what they were told:
// once what was acknowledged, at most once what is uncertain, and nothing else.
func (l *Load) Stop(t *testing.T, s store.Backend) {
	t.Helper()
	l.cancel()
	l.group.Wait()
	counts := map[string]int{}
	for id, answer := range l.answers {
		list, err := s.Consents(t.Context(), id, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		n := len(list)
		switch {
		case answer == nil && n != 1:
			t.Errorf("%s was acknowledged, and is stored %d times", id, n)
		case errors.Is(answer, store.ErrUncertain) && n > 1:
			t.Errorf("%s is uncertain, and is stored %d times", id, n)
		case errors.Is(answer, store.ErrUnavailable) && n > 0:
			t.Errorf("%s is stored, and its writer was told: %v", id, answer)
		case answer != nil && !errors.Is(answer, store.ErrUncertain) && !errors.Is(answer, store.ErrUnavailable):
			t.Errorf("%s: got %v", id, answer)
		}
		counts[kind(answer)]++
	}
	intact(t, s)
	t.Logf("writes: %v", counts)
}

func kind(answer error) string {
	switch {
	case answer == nil:
		return "acknowledged"
	case errors.Is(answer, store.ErrUncertain):
		return "uncertain"
	}
	return "refused"
}
