package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// TestStripeEventsInAnyOrder delivers the life of a subscription in any order, and
// events more than once. What counts in the end is the event that was created
// last, and an end counts always.
func TestStripeEventsInAnyOrder(t *testing.T) {
	s := open(t, "sqlite::memory:", store.Options{})
	lives := 0
	rapid.Check(t, func(r *rapid.T) {
		lives++
		id := fmt.Sprint("sub_", lives)
		plans := rapid.SliceOfN(rapid.SampledFrom([]string{"basic", "professional", "enterprise"}), 1, 6).Draw(r, "plans")
		ended := rapid.Bool().Draw(r, "ended")
		var events []store.StripeEvent
		for i, plan := range plans {
			events = append(events, store.StripeEvent{
				ID: fmt.Sprint("evt_", lives, "_", i), Type: "customer.subscription.updated", CreatedAt: time.Unix(int64(1_700_000_000+i), 0),
				SubscriptionID: id, Set: &store.NewSubscription{Tenant: id, Plan: plan},
			})
		}
		if ended {
			events = append(events, store.StripeEvent{
				ID: fmt.Sprint("evt_", lives, "_end"), Type: "customer.subscription.deleted", CreatedAt: time.Unix(1_700_000_003, 0), SubscriptionID: id, Ended: true,
			})
		}
		for _, i := range rapid.Permutation(append(indices(len(events)), indices(len(events))...)).Draw(r, "deliveries") {
			if _, err := s.ApplyStripeEvent(t.Context(), events[i]); err != nil {
				r.Fatal(err)
			}
		}
		sub, err := s.Subscription(t.Context(), id)
		switch {
		case ended && !errors.Is(err, store.ErrNotFound):
			r.Errorf("it was deleted, and yet: %+v, %v", sub, err)
		case !ended && (err != nil || sub.Name != plans[len(plans)-1]):
			r.Errorf("got %+v, %v; want the plan %s", sub, err, plans[len(plans)-1])
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
