package storetest

import "github.com/cohortlens/cohortlens/adapters/store"

// Parts is a store that has some of the interfaces of [store.Backend] only; the
// others are nil. The suite skips the tests that need those, and what it would
// look for in an audit log that is not there.
type Parts struct {
	store.CustomerStore
	store.ResultStore
	store.ModelStore
	store.AuditLogger
	store.UserStore
	store.ConsentStore
	store.CredentialStore
	store.ArtefactStore
	store.SubscriptionStore
	store.UsageMeter
}

// part is a set of interfaces.
type part uint

const (
	customers part = 1 << iota
	results
	models
	audit
	users
	consents
	credentials
	artefacts
	subscriptions
	usage
)

// has reports whether a store has all parts of a set.
func has(s store.Backend, needed part) bool {
	p, ok := s.(Parts)
	if !ok {
		return true
	}
	var there part
	for one, given := range map[part]bool{
		customers: p.CustomerStore != nil, results: p.ResultStore != nil, models: p.ModelStore != nil, audit: p.AuditLogger != nil,
		users: p.UserStore != nil, consents: p.ConsentStore != nil, credentials: p.CredentialStore != nil, artefacts: p.ArtefactStore != nil,
		subscriptions: p.SubscriptionStore != nil, usage: p.UsageMeter != nil,
	} {
		if given {
			there |= one
		}
	}
	return there&needed == needed
}
