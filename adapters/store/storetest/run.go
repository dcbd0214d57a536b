// Package storetest is the conformance suite of a store: what every implementation
// of [store.Backend] must do, whatever it stores its rows in. An implementation
// passes it in a test of its own:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Open { ... })
//	}
//
// Package pgtest, below, starts a PostgreSQL server for tests.
package storetest

import (
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// Open opens a database. Each call gives another handle to the same rows, as
// another replica of the server has one. Handles are closed when the test ends.
type Open func() store.Backend

// Run runs the suite. newDatabase makes an empty database for one test.
func Run(t *testing.T, newDatabase func(t *testing.T) Open) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, newDatabase(t)) })
	}
}

type test struct {
	name string
	run  func(t *testing.T, open Open)
}

// AuditKey is a key for the stores under test: some tests need one.
var AuditKey = []byte("a key of at least thirty-two bytes")

var tests = []test{
	{"customers live and die", testCustomersLiveAndDie},
	{"customers that cannot be stored", testCustomersThatCannotBeStored},
	{"an import comes back as it was", testImportComesBackAsItWas},
	{"an import rounds", testImportRounds},
	{"an import is all or nothing", testImportIsAllOrNothing},
	{"attributes come back as they were", testAttributesComeBackAsTheyWere},
	{"attributes join", testAttributesJoin},
	{"attributes of one customer", testAttributesOfOneCustomer},
	{"attributes that cannot be stored", testAttributesThatCannotBeStored},
	{"kinds stay", testKindsStay},
	{"other tables", testOtherTables},
	{"a source stops, and sees one state", testSourceStopsAndSeesOneState},
	{"segments", testSegments},
	{"predictions", testPredictions},
	{"models", testModels},
	{"models that cannot be stored", testModelsThatCannotBeStored},
	{"replicas pick up models", testReplicasPickUpModels},
	{"versions are numbered once", testVersionsAreNumberedOnce},
	{"users", testUsers},
	{"users that cannot be added", testUsersThatCannotBeAdded},
	{"login", testLogin},
	{"consents", testConsents},
	{"credentials", testCredentials},
	{"artefacts", testArtefacts},
	{"subscriptions", testSubscriptions},
	{"subscriptions replace others", testSubscriptionsReplaceOthers},
	{"limits of nothing", testLimitsOfNothing},
	{"plans limit customers", testPlansLimitCustomers},
	{"plans limit replicas", testPlansLimitReplicas},
	{"Stripe's events", testStripeEvents},
	{"a subscription that was deleted first", testStripeDeletedFirst},
	{"an event that is delivered at once", testStripeDeliveredAtOnce},
	{"usage", testUsage},
	{"idempotency keys", testIdempotencyKeys},
	{"usage is exact", testUsageIsExact},
}

// intact checks that the audit log holds together.
func intact(t *testing.T, s store.Backend) {
	t.Helper()
	if v, err := s.VerifyAudit(t.Context()); err != nil || !v.Intact {
		t.Errorf("the audit log is not intact: %+v, %v", v, err)
	}
}
