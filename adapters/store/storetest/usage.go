package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func limitCalls(t *testing.T, s store.Backend, limit int64) {
	t.Helper()
	if _, err := s.Subscribe(t.Context(), store.Actor{}, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: &limit}); err != nil {
		t.Fatal(err)
	}
}

func wantUsage(t *testing.T, s store.Backend, tenant string, want int64) {
	t.Helper()
	u, err := s.Usage(t.Context(), tenant)
	if err != nil || u.Calls != want {
		t.Errorf("the usage of %s: got %+v, %v; want %d", tenant, u, err, want)
	}
}

func testUsage(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	limitCalls(t, s, 3)
	if u, err := s.Usage(ctx, "acme"); err != nil || u.Calls != 0 || u.Limit != 3 || u.Plan != "basic" || len(u.Month) != len("2026-01") {
		t.Errorf("before: got %+v, %v", u, err)
	}
	for range 3 {
		if err := s.CountCall(ctx, "acme", ""); err != nil {
			t.Fatal(err)
		}
	}
	var limit *store.LimitError
	err := s.CountCall(ctx, "acme", "")
	if !errors.Is(err, store.ErrLimit) || !errors.As(err, &limit) || limit.Limit != 3 || limit.Wanted != 4 {
		t.Errorf("over the limit: got %v", err)
	}
	wantUsage(t, s, "acme", 3)
	for range 5 {
		if err := s.CountCall(ctx, "no subscription", ""); err != nil {
			t.Errorf("without a limit: %v", err)
		}
	}
	wantUsage(t, s, "no subscription", 5)
	if u, err := s.Usage(ctx, "no subscription"); err != nil || u.Limit != store.Unlimited || u.Plan != "" {
		t.Errorf("got %+v, %v", u, err)
	}
	limitCalls(t, s, 4)
	if err := s.CountCall(ctx, "acme", ""); err != nil {
		t.Errorf("a larger plan counts at once: %v", err)
	}
	limitCalls(t, s, 2)
	if err := s.CountCall(ctx, "acme", ""); !errors.Is(err, store.ErrLimit) {
		t.Errorf("a smaller plan counts at once: %v", err)
	}
	wantUsage(t, s, "acme", 4)
	if err := s.CountCall(ctx, "", ""); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("without a tenant: got %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.CountCall(ended, "no subscription", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got %v", err)
	}
	wantUsage(t, s, "no subscription", 5)
}

func testIdempotencyKeys(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	limitCalls(t, s, 2)
	count := func(tenant, key string, want error) {
		t.Helper()
		if err := s.CountCall(ctx, tenant, key); !errors.Is(err, want) {
			t.Errorf("%s, key %q: got %v, want %v", tenant, key, err, want)
		}
	}
	count("acme", "k1", nil)
	count("acme", "k1", nil)
	count("acme", "k2", nil)
	count("acme", "k3", store.ErrLimit)
	count("acme", "k1", nil) // granted before, so granted again
	count("acme", "k3", store.ErrLimit)
	wantUsage(t, s, "acme", 2)
	limitCalls(t, s, 3)
	count("acme", "k3", nil) // refused before, so counted now
	wantUsage(t, s, "acme", 3)
	count("other", "k1", nil)
	count("other", "k1", nil)
	wantUsage(t, s, "other", 1)
	if n, err := s.ForgetKeys(ctx, time.Now().Add(-time.Hour)); err != nil || n != 0 {
		t.Errorf("nothing is that old: %d, %v", n, err)
	}
	if n, err := s.ForgetKeys(ctx, time.Now().Add(time.Hour)); err != nil || n != 4 {
		t.Errorf("got %d, %v; want 4", n, err)
	}
	count("other", "k1", nil)
	wantUsage(t, s, "other", 2)
}

// testUsageIsExact lets many callers of two handles run over a limit, some of
// them with keys that others use too.
func testUsageIsExact(t *testing.T, open Open) {
	const callers, each, limit = 16, 25, 300
	s := open()
	limitCalls(t, s, limit)
	var group sync.WaitGroup
	var granted, refused atomic.Int64
	for _, s := range []store.Backend{open(), open()} {
		for caller := range callers {
			group.Go(func() {
				for i := range each {
					key := ""
					if i%5 == 0 {
						key = fmt.Sprint(caller, "/", i) // the same in both handles
					}
					err := s.CountCall(t.Context(), "acme", key)
					switch {
					case err != nil && !errors.Is(err, store.ErrLimit):
						t.Error(err)
					case err != nil:
						refused.Add(1)
					case key == "":
						granted.Add(1)
					}
				}
			})
		}
	}
	group.Wait()
	wantUsage(t, s, "acme", limit)
	const calls, keyed = 2 * callers * each, 2 * callers * each / 5
	if n := granted.Load(); n > limit || n < limit-keyed/2 {
		t.Errorf("%d calls without a key were granted, want %d to %d", n, limit-keyed/2, limit)
	}
	if n := refused.Load(); n < calls-limit-keyed/2 {
		t.Errorf("%d calls were refused, too few", n)
	}
}
