package store

import (
	"context"
	"errors"
	"runtime"
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

// TestMonthsAreCountedApart sets the clock of the database.
func TestMonthsAreCountedApart(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{})
		if _, err := s.Subscribe(t.Context(), Actor{}, NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: pointer(2)}); err != nil {
			t.Fatal(err)
		}
		for _, month := range []string{"2031-01", "2031-02"} {
			clock := *s.dialect
			clock.month = "'" + month + "'"
			s.dialect = &clock
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
