package store

import (
	"context"
	"fmt"
	"sync"
)

// Many calls of a tenant that wait for the same counter are counted by one
// update: while one group is being committed, the next one gathers. A call is
// answered after the commit of its group.

// call is one call that waits to be counted.
type call struct {
	key  string
	done chan struct{}

	granted bool
	count   int64
	limit   int64
	err     error
}

// settle notes the answer of a call. It is given when the transaction commits.
func (c *call) settle(granted bool, count, limit int64) {
	c.granted, c.count, c.limit = granted, count, limit
}

// CountCall counts a call of a tenant in the current month, and returns after
// the count is stored. Over the plan's limit it is a [*LimitError], and nothing
// is counted. A call with an idempotency key that was counted before is granted
// and not counted again; key may be empty.
//
// When the context ends while the call is being counted, the error is also an
// [ErrUncertain]: with an idempotency key the call can be repeated safely.
func (s *Store) CountCall(ctx context.Context, tenant, key string) error {
	const op = "count a call"
	if err := checkText("the tenant", tenant, 1, maxName); err != nil {
		return failed(ctx, op, err)
	}
	if err := checkText("the idempotency key", key, 0, maxName); err != nil {
		return failed(ctx, op, err)
	}
	if err := ctx.Err(); err != nil {
		return failed(ctx, op, err)
	}
	c := &call{key: key, done: make(chan struct{})}
	if !s.meters.enter(tenant, c, s.flush) {
		return failed(ctx, op, fault(ErrUnavailable, "the store is closed"))
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if s.meters.leave(tenant, c) {
			return failed(ctx, op, ctx.Err())
		}
		return &Error{op, ErrUncertain, fmt.Errorf("it was being counted: %w", context.Cause(ctx))}
	}
	switch {
	case c.err != nil:
		return failed(ctx, op, c.err)
	case !c.granted:
		return failed(ctx, op, &LimitError{What: "calls per month", Limit: c.limit, Wanted: c.count + 1})
	}
	return nil
}

// flush counts the calls of a tenant that wait, in one transaction.
func (s *Store) flush(tenant string) {
	var group []*call
	// The group belongs to many callers: no single one of them ends it.
	err := s.write(context.Background(), "count calls", func(t *tx) error {
		plan, err := t.currentPlan(tenant)
		if err != nil {
			return err
		}
		// As late as can be: while the transaction began, callers who were
		// answered before have come back.
		if group = s.meters.take(tenant); len(group) == 0 {
			return nil // all of them have left
		}
		return t.count(tenant, plan, group)
	})
	if group == nil {
		group = s.meters.take(tenant)
	}
	for _, c := range group {
		c.err = err
		close(c.done)
	}
}

// largestGroup bounds what one transaction counts.
const largestGroup = 1024

// meters hold the calls that wait, by tenant.
type meters struct {
	mutex   sync.Mutex
	waiting map[string][]*call // a tenant is in it while its goroutine runs
	closed  bool
	running sync.WaitGroup
}

// enter lets a call wait, and starts the goroutine of its tenant unless it runs.
func (m *meters) enter(tenant string, c *call, flush func(tenant string)) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.closed {
		return false
	}
	if m.waiting == nil {
		m.waiting = map[string][]*call{}
	}
	queue, running := m.waiting[tenant]
	m.waiting[tenant] = append(queue, c)
	if !running {
		m.running.Go(func() {
			for m.goesOn(tenant) {
				flush(tenant)
			}
		})
	}
	return true
}

// goesOn reports whether calls of a tenant wait. When none does, its goroutine
// ends.
func (m *meters) goesOn(tenant string) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(m.waiting[tenant]) > 0 {
		return true
	}
	delete(m.waiting, tenant)
	return false
}

// take returns the next group of a tenant.
func (m *meters) take(tenant string) []*call {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	queue := m.waiting[tenant]
	n := min(len(queue), largestGroup)
	m.waiting[tenant] = queue[n:]
	return queue[:n:n]
}

// leave takes a call out of the queue. It reports false when the call is being
// counted.
func (m *meters) leave(tenant string, c *call) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	queue := m.waiting[tenant]
	for i, waiting := range queue {
		if waiting == c {
			m.waiting[tenant] = append(append([]*call(nil), queue[:i]...), queue[i+1:]...)
			return true
		}
	}
	return false
}

// close waits for the groups under way, and lets none in any more.
func (m *meters) close() {
	m.mutex.Lock()
	m.closed = true
	m.mutex.Unlock()
	m.running.Wait()
}
