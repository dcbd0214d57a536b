package store

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// oddRows are rows that the tables of the Python backend allow and that it would
// not write itself: values that are missing, and those that other programs left.
var oddRows = `
INSERT INTO customers (customer_id, created_at) VALUES ('2147483647', NULL);
INSERT INTO segments (customer_id, cluster) VALUES ('2147483647', 0);
INSERT INTO predictions (customer_id, predicted_spending) VALUES ('2147483647', 0);
INSERT INTO user_consents (customer_id, consent_type, granted, created_at) VALUES ('2147483647', 'odd', TRUE, NULL);
INSERT INTO verifiable_credentials (did, credential_type, payload, revoked, created_at) VALUES ('did:odd', '', NULL, NULL, NULL);
INSERT INTO ipfs_artifacts (cid, artifact_type, created_at) VALUES ('odd', '', NULL);
INSERT INTO audit_log (table_name, action, created_at) VALUES ('', '', NULL);
INSERT INTO subscriptions (tenant_id, plan, starts_at, created_at) VALUES ('odd', 'enterprise', NULL, '2025-01-01 00:00:00');
INSERT INTO users (username, email, hashed_password, is_active, is_admin, created_at) VALUES
	('Ann', '', '` + pythonHashY + `', NULL, NULL, NULL), ('odd', NULL, '', TRUE, NULL, NULL);
INSERT INTO api_usage (tenant_id, month_key, call_count, last_called_at) VALUES ('odd', 'MONTH', NULL, NULL);
`

// pythonHashY is pythonHash as PHP and older libraries mark it.
var pythonHashY = strings.Replace(pythonHash, "$2b$", "$2y$", 1)

func TestOddPythonRows(t *testing.T) {
	for name, d := range pythonDatabases {
		t.Run(name, func(t *testing.T) {
			url := databases[d.kind](t)
			month := open(t, databases[d.kind](t), Options{})
			u, err := month.Usage(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			pythonMakes(t, url, d.kind, d.script+pythonRows+strings.ReplaceAll(oddRows, "MONTH", u.Month))
			if d.kind == "postgres" {
				pythonMakes(t, url, d.kind, "INSERT INTO customers (customer_id, annual_income) VALUES ('2147483646', 'NaN');\n")
			}
			s := open(t, url, Options{AuditKey: testKey})
			checkOddCustomers(t, s)
			checkOddTables(t, s)
			checkOddPlans(t, s)
			checkOddUsers(t, s)
			if v := verify(t, s); !v.Intact {
				t.Errorf("%+v", v)
			}
		})
	}
}

func checkOddCustomers(t *testing.T, s *Store) {
	t.Helper()
	table, err := datasource.Load(t.Context(), s.CustomerSource())
	if err != nil {
		t.Fatal(err)
	}
	income, _ := table.Column(datasource.AnnualIncome)
	for row := 2; row < table.Rows(); row++ {
		if !math.IsNaN(income.Floats()[row]) {
			t.Errorf("row %d has the income %v", row, income.Floats()[row])
		}
	}
	list, err := s.Customers(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if err := s.DeleteCustomer(t.Context(), Actor{}, c.CustomerID); err != nil {
			t.Error(err)
		}
	}
	if list, err := s.Customers(t.Context(), 1<<40, 0); err != nil || len(list) != 0 {
		t.Errorf("after a number of 64 bits: got %v, %v", list, err)
	}
}

func checkOddTables(t *testing.T, s *Store) {
	t.Helper()
	const id = "2147483647"
	_, err1 := s.CustomerSegments(t.Context(), id, 0)
	_, err2 := s.CustomerPredictions(t.Context(), id, 0)
	_, err3 := s.Consents(t.Context(), id, "", 0)
	_, err4 := s.Credentials(t.Context(), "did:odd", 0)
	_, err5 := s.Artefact(t.Context(), "odd")
	_, err6 := s.AuditLog(t.Context(), AuditFilter{Limit: 1000})
	_, err7 := s.Subscription(t.Context(), "odd")
	u, err8 := s.Usage(t.Context(), "odd")
	tamper(t, s, "INSERT INTO user_consents (customer_id, consent_type, granted, created_at) VALUES ('"+id+"', 'odd', FALSE, '2025-01-01')")
	tamper(t, s, "INSERT INTO user_consents (customer_id, consent_type, granted, created_at) VALUES ('"+id+"', 'odd', TRUE, NULL)")
	if granted, err := s.HasConsent(t.Context(), id, "odd"); err != nil || granted {
		t.Errorf("a statement without a time counts: %v, %v", granted, err)
	}
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil || u.Calls != 0 {
		t.Fatalf("got %+v, %v", u, err)
	}
	for _, key := range []string{"", "key"} {
		if err := s.CountCall(t.Context(), "odd", key); err != nil {
			t.Error(err)
		}
	}
	if u, err := s.Usage(t.Context(), "odd"); err != nil || u.Calls != 2 {
		t.Errorf("got %+v, %v", u, err)
	}
}

func checkOddUsers(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Authenticate(t.Context(), "odd", ""); !errors.Is(err, ErrCredentials) {
		t.Errorf("a user without a hash: got %v", err)
	}
	for range 2 { // by either hash
		if u, err := s.Authenticate(t.Context(), "Ann", "s3cret!"); err != nil || u.Username != "Ann" || u.Role != Analyst {
			t.Errorf("got %+v, %v", u, err)
		}
	}
	if _, err := s.AddUser(t.Context(), Actor{}, NewUser{Username: "dora", Password: "long enough"}); err != nil {
		t.Errorf("without an address, which someone has stored as an empty one: %v", err)
	}
	if users, err := s.Users(t.Context(), "", 0); err != nil || len(users) != 5 {
		t.Errorf("got %+v, %v", users, err)
	}
}

// pythonEnterprise are the limits that the Python backend stores with each
// subscription to that plan.
const pythonEnterprise = `{"max_customers": -1, "max_api_calls_per_month": -1}`

// checkOddPlans stores subscriptions as that backend does, and as nobody should.
func checkOddPlans(t *testing.T, s *Store) {
	t.Helper()
	for i, test := range []struct {
		plan, limits string
		want         Plan
	}{
		{"enterprise", pythonEnterprise, Plan{"enterprise", Unlimited, Unlimited}},
		{"basic", `{"max_customers": 1000, "max_api_calls_per_month": 10000}`, Plan{"basic", 10_000, 1_000}},
		{"basic", `{"max_customers": 0, "max_api_calls_per_month": 0}`, Plan{"basic", 0, 0}},
		{"basic", `{"max_customers": 1e9, "max_api_calls_per_month": 3000.5}`, Plan{"basic", 3000, 1_000_000_000}},
		{"enterprise", `{"max_customers": -1e300, "max_api_calls_per_month": 9007199254740993}`, Plan{"enterprise", mostLimit, Unlimited}},
		{"professional", `{"max_customers": "5", "max_api_calls_per_month": null}`, Plan{"professional", 100_000, 10_000}},
		{"professional", `{"max_customers": {}, "calls": 7}`, Plan{"professional", 100_000, 10_000}},
		{"professional", `[]`, Plan{"professional", 100_000, 10_000}},
		{"professional", `null`, Plan{"professional", 100_000, 10_000}},
		{"gold", `{"max_customers": 5}`, Plan{"gold", 10_000, 5}},
		{"Enterprise", `7`, Plan{"Enterprise", 10_000, 1_000}},
	} {
		tenant := fmt.Sprint("odd plan ", i)
		tamper(t, s, fmt.Sprintf("INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits, created_at) VALUES ('%s', '%s', '', '%s', '2025-01-01')",
			tenant, test.plan, test.limits))
		if sub, err := s.Subscription(t.Context(), tenant); err != nil || sub.Plan != test.want {
			t.Errorf("%s with %s: got %+v, %v; want %+v", test.plan, test.limits, sub, err, test.want)
		}
		if err := s.CountCall(t.Context(), tenant, ""); (err != nil) != (test.want.MaxCalls == 0) {
			t.Errorf("%s with %s: a call: %v", test.plan, test.limits, err)
		}
		if _, err := s.Subscriptions(t.Context(), tenant, 0); err != nil {
			t.Error(err)
		}
	}
	// A renewal is another row there, and the one before goes on beside it.
	tamper(t, s, "INSERT INTO subscriptions (tenant_id, plan, starts_at, created_at) VALUES ('renewed', 'basic', NULL, '2025-01-02')")
	tamper(t, s, "INSERT INTO subscriptions (tenant_id, plan, starts_at, created_at) VALUES ('renewed', 'professional', '2025-01-01', '2025-01-03')")
	if sub, err := s.Subscription(t.Context(), "renewed"); err != nil || sub.Name != "professional" {
		t.Errorf("got %+v, %v; want what was stored last", sub, err)
	}
}
