package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// waits lets other goroutines run until n calls of a tenant wait.
func (m *meters) waits(tenant string, n int) {
	for {
		m.mutex.Lock()
		waiting := len(m.waiting[tenant])
		m.mutex.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// TestCallersWhoLeaveAreNotCounted ends a caller's context while its call waits.
func TestCallersWhoLeaveAreNotCounted(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{})
	ctx, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan error, 1)
	err := s.write(t.Context(), "keep the database busy", func(*tx) error {
		go func() { left <- s.CountCall(ctx, "acme", "") }()
		s.meters.waits("acme", 1)
		go func() { stayed <- s.CountCall(t.Context(), "acme", "") }()
		s.meters.waits("acme", 2)
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) || errors.Is(err, ErrUncertain) {
			t.Errorf("who left: got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-stayed; err != nil {
		t.Errorf("who stayed: got %v", err)
	}
	if u, err := s.Usage(t.Context(), "acme"); err != nil || u.Calls != 1 {
		t.Errorf("got %+v, %v; want one call", u, err)
	}
}

// TestWaitingCallsAreOneTransaction counts many calls by one update.
func TestWaitingCallsAreOneTransaction(t *testing.T) {
	const callers = 100
	s := open(t, "sqlite::memory:", Options{})
	answers := make(chan error, callers)
	err := s.write(t.Context(), "keep the database busy", func(*tx) error {
		for range callers {
			go func() { answers <- s.CountCall(t.Context(), "acme", "") }()
		}
		s.meters.waits("acme", callers)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range callers {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	var granted int64
	if err := s.pool.GetContext(t.Context(), &granted, "SELECT last_grant FROM api_usage WHERE tenant_id = 'acme'"); err != nil || granted != callers {
		t.Errorf("the last update granted %d calls, %v; want all %d", granted, err, callers)
	}
}

func TestMonthsAreCountedApart(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{})
		if _, err := s.Subscribe(t.Context(), Actor{}, NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: pointer(2)}); err != nil {
			t.Fatal(err)
		}
		for _, month := range []string{"2031-01", "2031-02"} {
			atMonth(s, month)
			for i := range 3 {
				err := s.CountCall(t.Context(), "acme", "")
				if over := i == 2; errors.Is(err, ErrLimit) != over || !over && err != nil {
					t.Errorf("%s, call %d: got %v", month, i+1, err)
				}
			}
			if u, err := s.Usage(t.Context(), "acme"); err != nil || u.Calls != 2 || u.Month != month {
				t.Errorf("got %+v, %v", u, err)
			}
		}
	})
}

// TestKeysCountOnceAtTheEndOfAMonth lets replicas whose months differ count groups
// of calls with the same keys at the same time, in opposite orders.
func TestKeysCountOnceAtTheEndOfAMonth(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const keys, rounds = largestGroup, 5
		replicas := []*Store{atMonth(open(t, url, Options{}), "2031-01"), atMonth(open(t, url, Options{}), "2031-02")}
		for round := range rounds {
			var group sync.WaitGroup
			for replica, s := range replicas {
				calls := make([]*call, keys)
				for i := range calls {
					calls[i] = &call{key: fmt.Sprintf("%d/%d", round, i)}
				}
				if replica == 1 {
					slices.Reverse(calls)
				}
				group.Go(func() {
					err := s.write(t.Context(), "count calls", func(t *tx) error { return t.count("acme", Plan{MaxCalls: Unlimited}, calls) })
					if err != nil || slices.ContainsFunc(calls, func(c *call) bool { return !c.granted }) {
						t.Errorf("replica %d: %v, or a call was refused", replica, err)
					}
				})
			}
			group.Wait()
		}
		var counted int64
		err := replicas[0].pool.GetContext(t.Context(), &counted, "SELECT SUM(call_count) FROM api_usage")
		if err != nil || counted != keys*rounds {
			t.Errorf("%d calls were counted, %v; there were %d keys", counted, err, keys*rounds)
		}
	})
}

// atMonth sets the clock of a database.
func atMonth(s *Store, month string) *Store {
	clock := *s.dialect
	clock.month = "'" + month + "'"
	s.dialect = &clock
	return s
}
