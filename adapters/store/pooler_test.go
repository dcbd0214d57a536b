package store

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lib/pq"

	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// pooler stands between a store and its server as PgBouncer in transaction mode
// does, which is Neon's pooler: each transaction has the backend that waited
// longest, and what a session left in another one is not there.
type pooler struct {
	backends chan net.Conn
	done     <-chan struct{}
	group    sync.WaitGroup
	// refused holds parameters of a session that a pooler refuses.
	refused chan string
}

// startPooler starts a pooler with some backends that see the same schema, and
// returns it and its address.
func startPooler(t *testing.T, database string, backends int) (p *pooler, address string) {
	t.Helper()
	p = &pooler{backends: make(chan net.Conn, backends), done: t.Context().Done(), refused: make(chan string, 100)}
	for range backends {
		p.backends <- connectRaw(t, database)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.group.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.group.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.group.Wait()
		close(p.backends)
		for c := range p.backends {
			_ = c.Close()
		}
	})
	return p, l.Addr().String()
}

// rawDialer remembers the connection that a driver makes and logs in by.
type rawDialer struct {
	dialer
	conn net.Conn
}

func (d *rawDialer) DialContext(ctx context.Context, network, address string) (conn net.Conn, err error) {
	d.conn, err = d.dialer.DialContext(ctx, network, address)
	return d.conn, err
}

// connectRaw returns a connection of a session that has begun.
func connectRaw(t *testing.T, database string) net.Conn {
	t.Helper()
	connector, err := pq.NewConnector(database)
	if err != nil {
		t.Fatal(err)
	}
	d := &rawDialer{}
	connector.Dialer(d)
	if _, err := connector.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.conn
}

// message is one of PostgreSQL's protocol.
type message struct {
	kind byte
	body []byte
}

func readMessage(from io.Reader) (m message, err error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return m, err
	}
	m.kind, m.body = head[0], make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(from, m.body)
	return m, err
}

func (m message) writeTo(to io.Writer) error {
	all := binary.BigEndian.AppendUint32([]byte{m.kind}, uint32(len(m.body)+4))
	_, err := to.Write(append(all, m.body...))
	return err
}

// serve is a session of a client.
func (p *pooler) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	if p.greet(client) != nil {
		return
	}
	var backend net.Conn
	for {
		m, err := readMessage(client)
		if err == nil && m.kind == 'X' {
			err = io.EOF
		}
		if err != nil && backend == nil {
			return
		}
		if backend == nil {
			select {
			case backend = <-p.backends:
			case <-p.done:
				return
			}
		}
		if err == nil {
			err = m.writeTo(backend)
		}
		if err == nil && (m.kind == 'Q' || m.kind == 'S') {
			backend, err = p.answer(client, backend)
		}
		if err != nil { // within a transaction, which the server then ends
			_ = backend.Close()
			return
		}
	}
}

// answer passes on what the server says until it is ready again, and gives its
// backend away when no transaction is under way.
func (p *pooler) answer(client, backend net.Conn) (net.Conn, error) {
	for {
		m, err := readMessage(backend)
		if err == nil {
			err = m.writeTo(client)
		}
		if err != nil {
			return backend, err
		}
		if m.kind == 'Z' {
			if m.body[0] == 'I' {
				p.backends <- backend
				backend = nil
			}
			return backend, nil
		}
	}
}

// greet answers the first message of a client.
func (p *pooler) greet(client net.Conn) error {
	var size [4]byte
	if _, err := io.ReadFull(client, size[:]); err != nil {
		return err
	}
	body := make([]byte, binary.BigEndian.Uint32(size[:])-4)
	if _, err := io.ReadFull(client, body); err != nil {
		return err
	}
	const version3 = 196608
	if binary.BigEndian.Uint32(body) != version3 {
		return errors.New("no session")
	}
	// What PgBouncer keeps for a client, and what Neon has it ignore.
	accepted := []string{"user", "database", "client_encoding", "datestyle", "timezone", "application_name", "extra_float_digits"}
	parameters := strings.Split(string(body[4:]), "\x00")
	for i := 0; i+1 < len(parameters) && parameters[i] != ""; i += 2 {
		if !slices.Contains(accepted, strings.ToLower(parameters[i])) {
			p.refused <- parameters[i]
		}
	}
	return errors.Join(message{'R', make([]byte, 4)}.writeTo(client), message{'Z', []byte("I")}.writeTo(client))
}

// TestPoolersOfTransactions runs every change, and readers beside it, where no
// session lasts longer than a transaction.
func TestPoolersOfTransactions(t *testing.T) {
	database := pgtest.Database(t)
	p, address := startPooler(t, database, 4)
	target, err := parseURL("postgres://ann:x@ep-cool-pooler.eu.aws.neon.tech/shop?sslmode=disable", 0)
	if err != nil {
		t.Fatal(err)
	}
	pooled, err := url.Parse(target.pool)
	if err != nil {
		t.Fatal(err)
	}
	pooled.Host = address
	target.pool, target.direct = pooled.String(), database
	o := Options{AuditKey: testKey}
	if err := o.setDefaults(); err != nil {
		t.Fatal(err)
	}
	s, err := openTarget(t.Context(), target, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for range 20 {
				if err := errors.Join(s.CountCall(t.Context(), "acme", ""), s.Ping(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, change := range changes {
		if err := change.do(t, s); err != nil {
			t.Errorf("%s: %v", change.method, err)
		}
	}
	group.Wait()
	if v := verify(t, s); !v.Intact {
		t.Errorf("%+v", v)
	}
	for len(p.refused) > 0 {
		t.Errorf("a pooler refuses the parameter %s", <-p.refused)
	}
}
