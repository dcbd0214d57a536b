package store

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// changes are all methods that change something which the audit log tells. They
// work in this order.
var changes = []struct {
	method string
	do     func(t *testing.T, s *Store) error
}{
	{"SaveCustomer", func(t *testing.T, s *Store) error {
		_, err := s.SaveCustomer(t.Context(), Actor{}, Customer{CustomerID: "1"})
		return err
	}},
	{"ImportCustomers", func(t *testing.T, s *Store) error {
		ids, numbers := []string{"1", "2"}, []float64{30, 40}
		table, err := datasource.NewTable(datasource.Texts(datasource.CustomerID, ids), datasource.Categories(datasource.Gender, ids),
			datasource.Numbers(datasource.Age, numbers), datasource.Numbers(datasource.AnnualIncome, numbers),
			datasource.Numbers(datasource.SpendingScore, numbers), datasource.Categories(datasource.Profession, ids),
			datasource.Numbers(datasource.WorkExperience, numbers), datasource.Numbers(datasource.FamilySize, numbers))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ImportCustomers(t.Context(), Actor{}, table, ImportOptions{})
		return err
	}},
	{"DeleteCustomer", func(t *testing.T, s *Store) error { return s.DeleteCustomer(t.Context(), Actor{}, "1") }},
	{"SaveSegments", func(t *testing.T, s *Store) error {
		return s.SaveSegments(t.Context(), Actor{}, "v1", []SegmentAssignment{{CustomerID: "2"}})
	}},
	{"SavePredictions", func(t *testing.T, s *Store) error {
		return s.SavePredictions(t.Context(), Actor{}, Prediction{CustomerID: "2", ModelVersion: "v1"})
	}},
	{"SaveModel", saveActiveModel},
	{"SaveModel", saveActiveModel},
	{"RollBackModel", func(t *testing.T, s *Store) error {
		_, err := s.RollBackModel(t.Context(), Actor{}, "m")
		return err
	}},
	{"ActivateModel", func(t *testing.T, s *Store) error { return s.ActivateModel(t.Context(), Actor{}, "m", 2) }},
	{"AddUser", func(t *testing.T, s *Store) error {
		_, err := s.AddUser(t.Context(), Actor{}, NewUser{Username: "ann", Password: "long enough"})
		return err
	}},
	{"Authenticate", func(t *testing.T, s *Store) error {
		_, err := s.Authenticate(t.Context(), "ann", "long enough")
		return err
	}},
	{"SetPassword", func(t *testing.T, s *Store) error {
		return s.SetPassword(t.Context(), Actor{}, "ann", "long enough too")
	}},
	{"SetRole", func(t *testing.T, s *Store) error { return s.SetRole(t.Context(), Actor{}, "ann", Admin) }},
	{"SetActive", func(t *testing.T, s *Store) error { return s.SetActive(t.Context(), Actor{}, "ann", false) }},
	{"RegisterConsent", func(t *testing.T, s *Store) error { return write1(t.Context(), s) }},
	{"AddCredential", func(t *testing.T, s *Store) error {
		_, err := s.AddCredential(t.Context(), Actor{}, Credential{DID: "did:x", Type: "x"})
		return err
	}},
	{"RevokeCredential", func(t *testing.T, s *Store) error {
		list, err := s.Credentials(t.Context(), "did:x", 0)
		if err != nil || len(list) != 1 {
			t.Fatalf("got %v, %v", list, err)
		}
		return s.RevokeCredential(t.Context(), Actor{}, list[0].ID)
	}},
	{"AddArtefact", func(t *testing.T, s *Store) error {
		_, err := s.AddArtefact(t.Context(), Actor{}, Artefact{CID: "bafy", Type: "x"})
		return err
	}},
	{"Subscribe", func(t *testing.T, s *Store) error {
		_, err := s.Subscribe(t.Context(), Actor{}, NewSubscription{Tenant: "acme", Plan: "basic", StripeID: "sub_1"})
		return err
	}},
	{"EndSubscription", func(t *testing.T, s *Store) error { return s.EndSubscription(t.Context(), Actor{}, "sub_1") }},
	{"ApplyStripeEvent", func(t *testing.T, s *Store) error {
		set := &NewSubscription{Tenant: "acme", Plan: "basic", StripeID: "sub_2"}
		_, err := s.ApplyStripeEvent(t.Context(), StripeEvent{ID: "evt_1", Type: "x", CreatedAt: time.Now(), SubscriptionID: "sub_2", Set: set})
		return err
	}},
	{"Checkpoint", func(t *testing.T, s *Store) error {
		_, err := s.Checkpoint(t.Context(), Actor{})
		return err
	}},
}

func saveActiveModel(t *testing.T, s *Store) error {
	_, err := s.SaveModel(t.Context(), Actor{}, NewModel{Name: "m", Body: []byte("x"), Activate: true})
	return err
}

// unlogged are the other methods: those that read, and those that count calls.
const unlogged = `ActiveModel Artefact Artefacts AuditLog Consents CountCall CountCustomers Credential Credentials Customer
	CustomerPredictions CustomerSegments CustomerSource Customers ForgetKeys HasConsent Model Models Subscription
	Subscriptions Usage User Users VerifyAudit WatchModel`

// TestEveryMethodIsKnown: a new one must be added above.
func TestEveryMethodIsKnown(t *testing.T) {
	known := strings.Fields(unlogged)
	for _, c := range changes {
		known = append(known, c.method)
	}
	slices.Sort(known)
	var methods []string
	for i := range reflect.TypeFor[Backend]().NumMethod() {
		methods = append(methods, reflect.TypeFor[Backend]().Method(i).Name)
	}
	if known = slices.Compact(known); !slices.Equal(known, methods) {
		t.Errorf("got %v\nwant %v", known, methods)
	}
}

// refuseEntries makes the database refuse entries of the audit log, or take them
// again.
var refuseEntries = map[string]struct{ start, stop string }{
	"sqlite": {"CREATE TRIGGER refuse BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no entry'); END", "DROP TRIGGER refuse"},
	"postgres": {"ALTER TABLE audit_log ADD CONSTRAINT refuse CHECK (false) NOT VALID",
		"ALTER TABLE audit_log DROP CONSTRAINT refuse"},
}

// TestNoChangeWithoutItsEntry: where the entry cannot be stored, nothing is, and a
// change that is stored has an entry.
func TestNoChangeWithoutItsEntry(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{AuditKey: testKey})
		refuse := refuseEntries[s.dialect.name]
		for _, change := range changes {
			before := contents(t, s)
			tamper(t, s, refuse.start)
			if err := change.do(t, s); err == nil {
				t.Errorf("%s worked without an entry", change.method)
			}
			if after := contents(t, s); !maps.Equal(before, after) {
				t.Errorf("%s changed something without an entry:\n%v\n%v", change.method, before, after)
			}
			tamper(t, s, refuse.stop)
			if err := change.do(t, s); err != nil {
				t.Fatalf("%s: %v", change.method, err)
			}
			if after := contents(t, s); after["audit_log"] == before["audit_log"] {
				t.Errorf("%s left no entry", change.method)
			}
		}
		if v := verify(t, s); !v.Intact {
			t.Errorf("%+v", v)
		}
	})
}

// contents are the rows of all tables as texts.
func contents(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range strings.Fields(`customers segments predictions audit_log user_consents verifiable_credentials ipfs_artifacts
		subscriptions users api_usage audit_chains audit_checkpoints usage_keys model_versions model_activations stripe_events
		customer_columns`) {
		rows, err := s.pool.QueryxContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }() // read to their end below
		for rows.Next() {
			row, err := rows.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			all[table] += fmt.Sprintf("%v\n", row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
