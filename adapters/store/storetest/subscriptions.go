package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func testSubscriptions(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	if _, err := s.Subscription(ctx, "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("without one: got %v", err)
	}
	if _, err := s.Subscribe(ctx, store.Actor{}, store.NewSubscription{Tenant: "acme", Plan: "basic"}); err != nil {
		t.Fatal(err)
	}
	if sub, err := s.Subscription(ctx, "acme"); err != nil || sub.Plan != (store.Plan{Name: "basic", MaxCalls: 10_000, MaxCustomers: 1_000}) || !sub.EndsAt.IsZero() {
		t.Errorf("got %+v, %v", sub, err)
	}
	second, err := s.Subscribe(ctx, store.Actor{}, store.NewSubscription{
		Tenant: "acme", Plan: "professional", StripeID: "sub_1", MaxCalls: ptr(int64(7)), MaxCustomers: ptr(int64(store.Unlimited)),
	})
	if err != nil || second.Plan != (store.Plan{Name: "professional", MaxCalls: 7, MaxCustomers: store.Unlimited}) {
		t.Fatalf("got %+v, %v", second, err)
	}
	history, err := s.Subscriptions(ctx, "acme", 0)
	if err != nil || len(history) != 2 || history[1].Name != "basic" || !history[1].EndsAt.Equal(second.StartsAt) {
		t.Errorf("got %+v, %v", history, err)
	}
	if err := s.EndSubscription(ctx, store.Actor{}, "sub_1"); err != nil {
		t.Fatal(err)
	}
	if err := s.EndSubscription(ctx, store.Actor{}, "sub_1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("ending it twice: got %v", err)
	}
	if _, err := s.Subscription(ctx, "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its end: got %v", err)
	}
	now := time.Now()
	for name, n := range map[string]store.NewSubscription{
		"plan":      {Tenant: "acme", Plan: "gold"},
		"no tenant": {Plan: "basic"},
		"limit":     {Tenant: "acme", Plan: "basic", MaxCalls: ptr(int64(-2))},
		"end":       {Tenant: "acme", Plan: "basic", StartsAt: now, EndsAt: now.Add(-time.Hour)},
		"ended":     {Tenant: "acme", Plan: "basic", EndsAt: now.Add(-time.Hour)},
		"far end":   {Tenant: "acme", Plan: "basic", EndsAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := s.Subscribe(ctx, store.Actor{}, n); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	intact(t, s)
}

// testSubscriptionsReplaceOthers begins subscriptions beside others, and looks at
// what counts now and at the history.
func testSubscriptionsReplaceOthers(t *testing.T, open Open) {
	s := open()
	now := time.Now().UTC().Truncate(time.Second)
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	basic := store.NewSubscription{Plan: "basic"}
	for name, test := range map[string]struct {
		begin   []store.NewSubscription
		plan    string
		history string // what became of them, the newest first
		log     string // the newest action first
	}{
		"another":              {[]store.NewSubscription{basic, {Plan: "enterprise"}}, "enterprise", "goes on, ended", "INSERT END INSERT"},
		"the same again":       {[]store.NewSubscription{basic, basic}, "basic", "goes on, ended", "INSERT END INSERT"},
		"from tomorrow on":     {[]store.NewSubscription{basic, {Plan: "enterprise", StartsAt: day(1)}}, "basic", "goes on, goes on", "INSERT END INSERT"},
		"since a while":        {[]store.NewSubscription{basic, {Plan: "enterprise", StartsAt: day(-9)}}, "enterprise", "goes on, ended", "INSERT END INSERT"},
		"instead of a planned": {[]store.NewSubscription{{Plan: "enterprise", StartsAt: day(1)}, basic}, "basic", "goes on, never began", "INSERT END INSERT"},
		"until the planned":    {[]store.NewSubscription{{Plan: "enterprise", StartsAt: day(1)}, {Plan: "basic", EndsAt: day(1)}}, "basic", "goes on, goes on", "INSERT INSERT"},
	} {
		for _, n := range test.begin {
			n.Tenant = name
			if _, err := s.Subscribe(t.Context(), store.Actor{}, n); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if sub, err := s.Subscription(t.Context(), name); planOf(sub) != test.plan {
			t.Errorf("%s: got %+v, %v; want %s", name, sub, err, test.plan)
		}
		history, err := s.Subscriptions(t.Context(), name, 0)
		var fates []string
		for _, sub := range history {
			fates = append(fates, fate(sub, day(1)))
		}
		if got := strings.Join(fates, ", "); err != nil || got != test.history {
			t.Errorf("%s: %s, %v; want %s", name, got, err, test.history)
		}
		wantLog(t, s, store.AuditFilter{Table: "subscriptions", RecordID: name}, strings.Fields(test.log)...)
	}
	intact(t, s)
}

// fate tells what became of a subscription, to someone who looks before tomorrow.
func fate(s store.Subscription, tomorrow time.Time) string {
	switch {
	case s.EndsAt.IsZero() || !s.EndsAt.Before(tomorrow) && s.EndsAt.After(s.StartsAt):
		return "goes on"
	case s.EndsAt.Equal(s.StartsAt):
		return "never began"
	case s.EndsAt.Before(s.StartsAt):
		return "ends before it begins"
	}
	return "ended"
}

// testLimitsOfNothing gives a plan that allows nothing, and one that allows
// anything.
func testLimitsOfNothing(t *testing.T, open Open) {
	s := open()
	acme := store.Actor{Tenant: "acme"}
	limit := func(n int64) {
		t.Helper()
		if _, err := s.Subscribe(t.Context(), acme, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: &n, MaxCustomers: &n}); err != nil {
			t.Fatal(err)
		}
	}
	limit(0)
	if err := s.CountCall(t.Context(), "acme", ""); !errors.Is(err, store.ErrLimit) {
		t.Errorf("a call: got %v, want ErrLimit", err)
	}
	if err := s.CountCall(t.Context(), "acme", "key"); !errors.Is(err, store.ErrLimit) {
		t.Errorf("a call with a key: got %v, want ErrLimit", err)
	}
	if _, err := s.SaveCustomer(t.Context(), acme, customer("c")); !errors.Is(err, store.ErrLimit) {
		t.Errorf("a customer: got %v, want ErrLimit", err)
	}
	if u, err := s.Usage(t.Context(), "acme"); err != nil || u.Calls != 0 || u.Limit != 0 {
		t.Errorf("got %+v, %v", u, err)
	}
	limit(store.Unlimited)
	if err := s.CountCall(t.Context(), "acme", ""); err != nil {
		t.Error(err)
	}
	if _, err := s.SaveCustomer(t.Context(), acme, customer("c")); err != nil {
		t.Error(err)
	}
	if u, err := s.Usage(t.Context(), "acme"); err != nil || u.Calls != 1 || u.Limit != store.Unlimited {
		t.Errorf("got %+v, %v", u, err)
	}
}

func testPlansLimitCustomers(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	acme := store.Actor{User: "ann", Tenant: "acme"}
	if _, err := s.Subscribe(ctx, acme, store.NewSubscription{Tenant: "acme", Plan: "basic"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCustomers(ctx, acme, ManyCustomers(t, 1000), store.ImportOptions{}); err != nil {
		t.Fatalf("at the limit: %v", err)
	}
	var limit *store.LimitError
	_, err := s.ImportCustomers(ctx, acme, ManyCustomers(t, 1001), store.ImportOptions{})
	if !errors.Is(err, store.ErrLimit) || !errors.As(err, &limit) || limit.Limit != 1000 || limit.Wanted != 1001 {
		t.Errorf("over the limit: got %v", err)
	}
	if _, err := s.SaveCustomer(ctx, acme, customer("one more")); !errors.Is(err, store.ErrLimit) {
		t.Errorf("one more: got %v", err)
	}
	if _, err := s.SaveCustomer(ctx, acme, customer("0000000")); err != nil {
		t.Errorf("a known one: got %v", err)
	}
	if n, err := s.CountCustomers(ctx); err != nil || n != 1000 {
		t.Errorf("got %d customers, %v", n, err)
	}
	if _, err := s.SaveCustomer(ctx, store.Actor{Tenant: "other"}, customer("one more")); err != nil {
		t.Errorf("without a subscription there is no limit: got %v", err)
	}
	intact(t, s)
}

// testPlansLimitReplicas lets several handles fill the same plan at once.
func testPlansLimitReplicas(t *testing.T, open Open) {
	acme := store.Actor{Tenant: "acme"}
	s := open()
	if _, err := s.Subscribe(t.Context(), acme, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCustomers: ptr(int64(10))}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var stored atomic.Int64
	for replica, s := range []store.Backend{open(), open()} {
		for caller := range 3 {
			group.Go(func() {
				for i := range 4 {
					_, err := s.SaveCustomer(t.Context(), acme, customer(fmt.Sprint(replica, caller, i)))
					if err == nil {
						stored.Add(1)
					} else if !errors.Is(err, store.ErrLimit) {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	if n, err := s.CountCustomers(t.Context()); err != nil || n != 10 || stored.Load() != 10 {
		t.Errorf("got %d customers, %d of them acknowledged, %v; want 10", n, stored.Load(), err)
	}
	intact(t, s)
}

// testPlansLimitImports imports from two replicas at once what the plan allows to
// one of them only.
func testPlansLimitImports(t *testing.T, open Open) {
	acme := store.Actor{Tenant: "acme"}
	s := open()
	if _, err := s.Subscribe(t.Context(), acme, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCustomers: ptr(int64(1000))}); err != nil {
		t.Fatal(err)
	}
	all := ManyCustomers(t, 1200)
	parts := []*datasource.Table{all.Take(upTo(600)), all.Take(upTo(1200)[600:])}
	var group sync.WaitGroup
	var stored atomic.Int64
	for i, s := range []store.Backend{open(), open()} {
		group.Go(func() {
			if out, err := s.ImportCustomers(t.Context(), acme, parts[i], store.ImportOptions{}); err == nil {
				stored.Add(out.Inserted)
			} else if !errors.Is(err, store.ErrLimit) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n, err := s.CountCustomers(t.Context()); err != nil || n != 600 || stored.Load() != 600 {
		t.Errorf("got %d customers, %d of them acknowledged, %v; want those of one import", n, stored.Load(), err)
	}
	intact(t, s)
}

func upTo(n int) []int {
	rows := make([]int, n)
	for row := range rows {
		rows[row] = row
	}
	return rows
}

// event makes an event about the subscription sub_1 of acme.
func event(id string, created time.Time, plan string) store.StripeEvent {
	e := store.StripeEvent{ID: id, Type: "customer.subscription.updated", CreatedAt: created, SubscriptionID: "sub_1"}
	if plan == "" {
		e.Type, e.Ended = "customer.subscription.deleted", true
	} else {
		e.Set = &store.NewSubscription{Tenant: "acme", Plan: plan}
	}
	return e
}

func testStripeEvents(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	for i, step := range []struct {
		event store.StripeEvent
		want  store.StripeEffect
		plan  string
	}{
		{event("evt_1", at(10), "basic"), store.StripeSet, "basic"},
		{event("evt_1", at(10), "enterprise"), store.StripeSeen, "basic"},
		{event("evt_2", at(30), "professional"), store.StripeSet, "professional"},
		{event("evt_3", at(20), "basic"), store.StripeOutdated, "professional"},
		{event("evt_4", at(30), "professional"), store.StripeSet, "professional"},
		{store.StripeEvent{ID: "evt_5", Type: "invoice.paid", CreatedAt: at(31)}, store.StripeIgnored, "professional"},
		{event("evt_6", at(40), ""), store.StripeEnded, ""},
		{event("evt_7", at(50), "basic"), store.StripeOutdated, ""},
		{event("evt_6", at(40), ""), store.StripeSeen, ""},
	} {
		got, err := s.ApplyStripeEvent(ctx, step.event)
		if err != nil || got != step.want {
			t.Errorf("step %d: got %s, %v; want %s", i, got, err, step.want)
		}
		sub, err := s.Subscription(ctx, "acme")
		if plan := planOf(sub); plan != step.plan {
			t.Errorf("step %d: the plan is %q, %v; want %q", i, plan, err, step.plan)
		}
	}
	history, err := s.Subscriptions(ctx, "acme", 0)
	if err != nil || len(history) != 2 {
		t.Errorf("got %+v, %v; want two subscriptions: the event that changes nothing adds none", history, err)
	}
	bad := event("evt_8", at(60), "basic")
	bad.SubscriptionID = ""
	for name, e := range map[string]store.StripeEvent{
		"no ID": {Type: "x", CreatedAt: at(60)}, "no time": event("evt_9", time.Time{}, "basic"),
		"no subscription": bad, "plan": event("evt_9", at(60), "gold"),
	} {
		if _, err := s.ApplyStripeEvent(ctx, e); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	intact(t, s)
}

func planOf(s *store.Subscription) string {
	if s == nil {
		return ""
	}
	return s.Name
}

// testStripeEnds delivers events that end a subscription without being its end:
// its time is over, or it belongs to another tenant.
func testStripeEnds(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	deliver := func(id string, second int, set store.NewSubscription) {
		t.Helper()
		e := event(id, at(second), "basic")
		e.Set = &set
		if got, err := s.ApplyStripeEvent(ctx, e); err != nil || got != store.StripeSet {
			t.Fatalf("%s: got %s, %v", id, got, err)
		}
	}
	year := time.Now().Add(365 * 24 * time.Hour)
	paid := store.NewSubscription{Tenant: "acme", Plan: "basic", EndsAt: year, MaxCalls: ptr(int64(7))}
	deliver("evt_1", 1, paid)
	deliver("evt_2", 2, paid)
	if history, err := s.Subscriptions(ctx, "acme", 0); err != nil || len(history) != 1 || history[0].MaxCalls != 7 {
		t.Errorf("the same again: got %+v, %v", history, err)
	}
	moved := paid
	moved.Tenant = "other"
	deliver("evt_3", 3, moved)
	if sub, err := s.Subscription(ctx, "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is another tenant's: got %+v, %v", sub, err)
	}
	over := moved
	over.EndsAt = at(0)
	deliver("evt_4", 4, over)
	if sub, err := s.Subscription(ctx, "other"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("its time is over: got %+v, %v", sub, err)
	}
	deliver("evt_5", 5, moved)
	if sub, err := s.Subscription(ctx, "other"); err != nil || sub.StripeID != "sub_1" {
		t.Errorf("it is paid again: got %+v, %v", sub, err)
	}
	intact(t, s)
}

// testStripeUpgrade delivers in every order what happens when a customer goes from
// one subscription to another.
func testStripeUpgrade(t *testing.T, open Open) {
	s := open()
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	n := 0
	permute([]int{0, 1, 2, 3}, func(order []int) {
		n++
		tenant := fmt.Sprint("tenant ", n)
		old, upgrade := fmt.Sprint("sub_old_", n), fmt.Sprint("sub_new_", n)
		events := []store.StripeEvent{
			{Type: "customer.subscription.created", SubscriptionID: old, Set: &store.NewSubscription{Tenant: tenant, Plan: "basic"}},
			{Type: "customer.subscription.created", SubscriptionID: upgrade, Set: &store.NewSubscription{Tenant: tenant, Plan: "enterprise"}},
			{Type: "customer.subscription.updated", SubscriptionID: old, Set: &store.NewSubscription{Tenant: tenant, Plan: "professional"}},
			{Type: "customer.subscription.deleted", SubscriptionID: old, Ended: true},
		}
		for _, i := range order {
			e := events[i]
			e.ID, e.CreatedAt = fmt.Sprint("evt_", n, "_", i), at(i)
			if _, err := s.ApplyStripeEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if sub, err := s.Subscription(t.Context(), tenant); err != nil || sub.StripeID != upgrade || sub.Name != "enterprise" {
			t.Errorf("%v: got %+v, %v; want the new one", order, sub, err)
		}
	})
	intact(t, s)
}

// permute calls visit with every order of a list.
func permute(list []int, visit func([]int), front ...int) {
	if len(list) == 0 {
		visit(front)
	}
	for i, first := range list {
		permute(slices.Delete(slices.Clone(list), i, i+1), visit, append(slices.Clip(front), first)...)
	}
}

// testStripeDeletedFirst delivers the end of a subscription before its start.
func testStripeDeletedFirst(t *testing.T, open Open) {
	s := open()
	created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, err := s.ApplyStripeEvent(t.Context(), event("evt_2", created.Add(time.Minute), "")); err != nil || got != store.StripeEnded {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := s.ApplyStripeEvent(t.Context(), event("evt_1", created, "basic")); err != nil || got != store.StripeOutdated {
		t.Errorf("got %s, %v", got, err)
	}
	if sub, err := s.Subscription(t.Context(), "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a subscription that was deleted came up: %+v, %v", sub, err)
	}
}

// testStripeDeliveredAtOnce delivers one event from many places.
func testStripeDeliveredAtOnce(t *testing.T, open Open) {
	const deliveries = 40
	var group sync.WaitGroup
	var effects sync.Map
	handles := []store.Backend{open(), open()}
	for i := range deliveries {
		group.Go(func() {
			effect, err := handles[i%2].ApplyStripeEvent(t.Context(), event("evt_1", time.Unix(1_700_000_000, 0), "basic"))
			if err != nil {
				t.Error(err)
			}
			n, _ := effects.LoadOrStore(effect, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		})
	}
	group.Wait()
	for effect, want := range map[store.StripeEffect]int64{store.StripeSet: 1, store.StripeSeen: deliveries - 1} {
		n, ok := effects.Load(effect)
		if !ok || n.(*atomic.Int64).Load() != want {
			t.Errorf("%s: got %v, want %d", effect, n, want)
		}
	}
	if history, err := handles[0].Subscriptions(t.Context(), "acme", 0); err != nil || len(history) != 1 {
		t.Errorf("got %+v, %v; want one effect", history, err)
	}
}
