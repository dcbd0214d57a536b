// Package storetest is the conformance suite of a store: what every implementation
// of [store.Backend] must do, whatever it stores its rows in. An implementation
// passes it in a test of its own:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Open {
//			database := newDatabase(t)
//			return func() store.Backend { return open(t, database) }
//		})
//	}
//
// One that has some of the interfaces only gives them as [Parts].
//
// What the methods do is said where [store.Store] has them. Errors are of the kinds
// named there, such as [store.ErrNotFound], for errors.Is; their texts are free,
// but never tell why a login was refused.
//
// [RunKilled] and [StartLoad] are for tests that kill the process or its database.
// Package pgtest, below, starts a PostgreSQL server for tests.
package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// Open opens a database. Each call gives another handle to the same rows, as
// another replica of the server has one; the function that made it closes them
// all when the test ends (t.Cleanup).
type Open func() store.Backend

// Run runs the suite. newDatabase makes an empty database for one test.
func Run(t *testing.T, newDatabase func(t *testing.T) Open) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			open := newDatabase(t)
			first := open()
			if !has(first, test.needs) {
				t.Skip("this store does not have all parts that are tested here")
			}
			test.run(t, func() store.Backend {
				if s := first; s != nil {
					first = nil
					return s
				}
				return open()
			})
		})
	}
}

type test struct {
	name  string
	needs part
	run   func(t *testing.T, open Open)
}

// AuditKey is a key for the stores under test: some tests need one.
var AuditKey = []byte("a key of at least thirty-two bytes")

var tests = []test{
	{"customers live and die", customers, testCustomersLiveAndDie},
	{"customers that cannot be stored", customers, testCustomersThatCannotBeStored},
	{"an import comes back as it was", customers, testImportComesBackAsItWas},
	{"an import rounds", customers, testImportRounds},
	{"an import is all or nothing", customers, testImportIsAllOrNothing},
	{"attributes come back as they were", customers, testAttributesComeBackAsTheyWere},
	{"attributes join", customers, testAttributesJoin},
	{"attributes of one customer", customers, testAttributesOfOneCustomer},
	{"attributes that cannot be stored", customers, testAttributesThatCannotBeStored},
	{"kinds stay", customers, testKindsStay},
	{"other tables", customers, testOtherTables},
	{"a source stops, and sees one state", customers, testSourceStopsAndSeesOneState},
	{"segments", results, testSegments},
	{"predictions", results, testPredictions},
	{"models", models, testModels},
	{"models that cannot be stored", models, testModelsThatCannotBeStored},
	{"replicas pick up models", models, testReplicasPickUpModels},
	{"versions are numbered once", models, testVersionsAreNumberedOnce},
	{"users", users, testUsers},
	{"users that cannot be added", users, testUsersThatCannotBeAdded},
	{"login", users, testLogin},
	{"consents", consents, testConsents},
	{"credentials", credentials, testCredentials},
	{"artefacts", artefacts, testArtefacts},
	{"subscriptions", subscriptions, testSubscriptions},
	{"subscriptions replace others", subscriptions, testSubscriptionsReplaceOthers},
	{"limits of nothing", subscriptions | usage | customers, testLimitsOfNothing},
	{"plans limit customers", subscriptions | customers, testPlansLimitCustomers},
	{"plans limit replicas", subscriptions | customers, testPlansLimitReplicas},
	{"plans limit imports", subscriptions | customers, testPlansLimitImports},
	{"Stripe's events", subscriptions, testStripeEvents},
	{"Stripe's ends", subscriptions, testStripeEnds},
	{"an upgrade at Stripe", subscriptions, testStripeUpgrade},
	{"a subscription that was deleted first", subscriptions, testStripeDeletedFirst},
	{"an event that is delivered at once", subscriptions, testStripeDeliveredAtOnce},
	{"usage", usage | subscriptions, testUsage},
	{"idempotency keys", usage | subscriptions, testIdempotencyKeys},
	{"usage is exact", usage | subscriptions, testUsageIsExact},
	{"texts that no database holds", audit | models | users, testOddTexts},
}

// intact checks that the audit log holds together.
func intact(t *testing.T, s store.Backend) {
	t.Helper()
	if !has(s, audit) {
		return
	}
	if v, err := s.VerifyAudit(t.Context()); err != nil || !v.Intact {
		t.Errorf("the audit log is not intact: %+v, %v", v, err)
	}
}

// wantLog checks the actions that the audit log has, the newest first, and returns
// its entries.
func wantLog(t *testing.T, s store.Backend, f store.AuditFilter, want ...string) []store.AuditEntry {
	t.Helper()
	if !has(s, audit) {
		return nil
	}
	log, err := s.AuditLog(t.Context(), f)
	var got []string
	for _, e := range log {
		got = append(got, e.Action)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the audit log has %v, %v; want %v", got, err, want)
	}
	return log
}

// testOddTexts looks for texts that PostgreSQL cannot hold: that is an error on
// every database.
func testOddTexts(t *testing.T, open Open) {
	s := open()
	for _, odd := range []string{"\x00", "\xff"} {
		_, err1 := s.AuditLog(t.Context(), store.AuditFilter{Table: odd})
		_, err2 := s.Models(t.Context(), odd, 0)
		_, err3 := s.User(t.Context(), odd)
		for _, err := range []error{err1, err2, err3} {
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%q: got %v, want ErrInvalid", odd, err)
			}
		}
	}
}
