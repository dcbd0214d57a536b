package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// openPostgres prepares the connections. None is made yet.
func (s *Store) openPostgres() error {
	n := s.options.MaxConnections
	s.writers = s.readers // one pool for both
	if s.options.PoolWait == 0 {
		s.options.PoolWait = 2 * time.Second
	}
	// An answer that takes longer than the statement may is lost.
	patience := 2*s.options.StatementTimeout + time.Second
	pool, err := connect(s.target.pool, patience)
	if err != nil {
		return err
	}
	s.pool = pool
	s.pool.SetMaxOpenConns(n)
	s.pool.SetMaxIdleConns(n)
	s.pool.SetConnMaxIdleTime(5 * time.Minute)
	s.pool.SetConnMaxLifetime(30 * time.Minute)
	s.direct, err = connect(s.target.direct, 0)
	if err != nil {
		return err
	}
	s.direct.SetMaxIdleConns(0) // imports and migrations are rare
	return nil
}

func connect(url string, patience time.Duration) (*sqlx.DB, error) {
	c, err := pq.NewConnector(url)
	if err != nil {
		// The driver's error may repeat a value of the URL.
		return nil, invalid("the database URL has a parameter that cannot be used")
	}
	c.Dialer(dialer{patience: patience})
	return sqlx.NewDb(sql.OpenDB(connector{c}), "postgres"), nil
}

// connector makes connections that are given up when the context ends: the driver
// itself looks at it until the server answers the call, and not while they greet.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	g := &greeting{ctx: ctx}
	conn, err := c.Connector.Connect(context.WithValue(ctx, greetingKey{}, g))
	for _, stop := range g.stops {
		stop()
	}
	return conn, err
}

// greeting is on its way from a connector to its dialer.
type greeting struct {
	ctx   context.Context
	stops []func() bool
}

type greetingKey struct{}

// dialer makes connections that break when the server says nothing for longer
// than patience, 0 for no limit: the driver itself waits for ever for a server
// that has gone.
type dialer struct{ patience time.Duration }

var plainDialer = net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
	Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
}}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := plainDialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if g, ok := ctx.Value(greetingKey{}).(*greeting); ok {
		g.stops = append(g.stops, context.AfterFunc(g.ctx, func() { _ = c.Close() }))
	}
	if d.patience == 0 {
		return c, nil
	}
	return &patientConn{c, d.patience}, nil
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

type patientConn struct {
	net.Conn
	patience time.Duration
}

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}
