package store_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// A change and its entry in the audit log are stored together, and the log can
// be checked.
func Example() {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{AuditKey: []byte("a secret of at least thirty-two bytes")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	ann := store.Actor{User: "ann"}
	for _, granted := range []bool{true, false} {
		if _, err := s.RegisterConsent(ctx, ann, store.Consent{CustomerID: "17", Type: "marketing", Granted: granted}); err != nil {
			fmt.Println(err)
			return
		}
	}
	granted, err := s.HasConsent(ctx, "17", "marketing")
	fmt.Println("granted:", granted, err)

	log, err := s.AuditLog(ctx, store.AuditFilter{Table: "user_consents", Limit: 1})
	fmt.Println("last change by", log[0].User, "at number", log[0].ID, err)

	v, err := s.VerifyAudit(ctx)
	fmt.Println("intact:", v.Intact, err)
	// Output:
	// granted: false <nil>
	// last change by ann at number 2 <nil>
	// intact: true <nil>
}

// Calls are counted up to the limit of the plan. A call that is repeated with its
// key counts once.
func ExampleStore_CountCall() {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	two := int64(2)
	if _, err := s.Subscribe(ctx, store.Actor{}, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: &two}); err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"first", "first", "second", "third"} {
		err := s.CountCall(ctx, "acme", key)
		fmt.Println(key, err, errors.Is(err, store.ErrLimit))
	}
	// Output:
	// first <nil> false
	// first <nil> false
	// second <nil> false
	// third store: count a call: over the limit of the plan: the plan allows 2 calls per month, and there would be 3 true
}

// A login does not tell why it was refused.
func ExampleStore_Authenticate() {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	root := store.Actor{User: "root"}
	if _, err := s.AddUser(ctx, root, store.NewUser{Username: "ann", Password: "correct horse", Tenant: "acme"}); err != nil {
		fmt.Println(err)
		return
	}
	ann, err := s.Authenticate(ctx, "ann", "correct horse")
	fmt.Println(ann.Role, ann.Tenant, err)
	for _, name := range []string{"ann", "nobody"} {
		_, err := s.Authenticate(ctx, name, "a guess")
		fmt.Println(err)
	}
	// Output:
	// analyst acme <nil>
	// store: log in: wrong user name or password
	// store: log in: wrong user name or password
}

// Events of Stripe may come late, and more than once.
func ExampleStore_ApplyStripeEvent() {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	begun := store.StripeEvent{
		ID: "evt_1", Type: "customer.subscription.created", CreatedAt: january, SubscriptionID: "sub_1",
		Set: &store.NewSubscription{Tenant: "acme", Plan: "professional"},
	}
	ended := store.StripeEvent{
		ID: "evt_9", Type: "customer.subscription.deleted", CreatedAt: january.AddDate(0, 1, 0), SubscriptionID: "sub_1", Ended: true,
	}
	changed := begun
	changed.ID, changed.CreatedAt = "evt_5", january.AddDate(0, 0, 7)
	for _, e := range []store.StripeEvent{begun, begun, ended, changed} {
		effect, err := s.ApplyStripeEvent(ctx, e)
		fmt.Println(e.ID, effect, err)
	}
	_, err = s.Subscription(ctx, "acme")
	fmt.Println(err)
	// Output:
	// evt_1 set <nil>
	// evt_1 seen <nil>
	// evt_9 ended <nil>
	// evt_5 outdated <nil>
	// store: find a subscription: not found: the tenant "acme" has no subscription
}
