package store

import (
	"bytes"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// proxy stands between a store and its server, and can break a connection in
// the moment between a commit and its answer.
type proxy struct {
	listener net.Listener
	target   string
	// cutAfter is what the client must send for the answer to be lost; nothing
	// when empty. It works once.
	mutex    sync.Mutex
	cutAfter string

	refuse  atomic.Bool
	refused chan struct{}
	group   sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, refused: make(chan struct{}, 1)}
	p.group.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.group.Wait()
	})
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.refuse.Load() {
			_ = client.Close()
			select {
			case p.refused <- struct{}{}:
			default:
			}
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.group.Go(func() { p.serve(client, server) })
	}
}

// serve passes bytes on. After the words to cut at, the next answer of the server
// is read and thrown away, and the connection is closed.
func (p *proxy) serve(client, server net.Conn) {
	var cut atomic.Bool
	p.group.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err == nil && !cut.Load() {
				_, err = client.Write(buffer[:n])
			} else if err == nil {
				err = net.ErrClosed
			}
			if err != nil {
				_ = client.Close()
				_ = server.Close()
				return
			}
		}
	})
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err == nil {
			if p.mustCut(buffer[:n]) {
				cut.Store(true)
			}
			_, err = server.Write(buffer[:n])
		}
		if err != nil {
			_ = client.Close()
			_ = server.Close()
			return
		}
	}
}

func (p *proxy) mustCut(message []byte) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.cutAfter == "" || !bytes.Contains(message, []byte(p.cutAfter)) {
		return false
	}
	p.cutAfter = ""
	return true
}

func (p *proxy) arm(words string) {
	p.mutex.Lock()
	p.cutAfter = words
	p.mutex.Unlock()
}

func countConsents(t *testing.T, s *Store, customer string) int {
	t.Helper()
	list, err := s.Consents(t.Context(), customer, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestLostAnswerIsNoDoubleWrite loses the answer to a commit. The write is stored
// once and is reported as uncertain.
func TestLostAnswerIsNoDoubleWrite(t *testing.T) {
	target, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, target.Host)
	target.Host = p.address()
	s := open(t, target.String(), Options{AuditKey: testKey})
	p.arm("COMMIT")
	wantKind(t, "a commit without an answer", write1(t.Context(), s), ErrUncertain)
	if n := countConsents(t, s, "1"); n != 1 {
		t.Errorf("the write was stored %d times", n)
	}
	p.arm("INSERT INTO user_consents")
	wantKind(t, "a statement without an answer", write1(t.Context(), s), ErrUnavailable)
	if n := countConsents(t, s, "1"); n != 1 {
		t.Errorf("a transaction that was cut is stored: %d rows", n)
	}
	p.arm("COMMIT")
	if err := s.CountCall(t.Context(), "acme", "key"); !errors.Is(err, ErrUncertain) {
		t.Errorf("a call: got %v", err)
	}
	if err := s.CountCall(t.Context(), "acme", "key"); err != nil {
		t.Errorf("the call again, by its key: got %v", err)
	}
	if u, err := s.Usage(t.Context(), "acme"); err != nil || u.Calls != 1 {
		t.Errorf("the call was counted %+v times, %v", u, err)
	}
	if v := verify(t, s); !v.Intact {
		t.Errorf("%+v", v)
	}
}

// TestDriverRepeatsWithoutTransaction shows why every write is in an explicit
// transaction: the driver sends a single statement again when its answer is
// lost, and says that all went well.
func TestDriverRepeatsWithoutTransaction(t *testing.T) {
	target, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, target.Host)
	target.Host = p.address()
	s := open(t, target.String(), Options{})
	p.arm("INSERT INTO ipfs_artifacts")
	_, err = s.pool.ExecContext(t.Context(), "INSERT INTO ipfs_artifacts (cid, artifact_type) SELECT 'c' || count(*), 'x' FROM ipfs_artifacts")
	all, listErr := s.Artefacts(t.Context(), "", 0)
	if listErr != nil {
		t.Fatal(listErr)
	}
	if err == nil && len(all) == 2 {
		return // the trap is still there
	}
	t.Errorf("the driver has changed: %d rows, %v; the comment on tx is out of date", len(all), err)
}
